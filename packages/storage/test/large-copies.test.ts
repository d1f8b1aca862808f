import { createAzureStorage, createGcsStorage, createS3Storage } from "@flyte-ts/storage";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PausingClock } from "./bytes.ts";
import type { Handler } from "./http-server.ts";
import { S3Server, s3Fault } from "./s3-server.ts";

let server: S3Server;
beforeEach(async () => {
  server = await S3Server.start();
});
afterEach(() => server.web.stop());

const GiB = 2 ** 30;
const size = 5 * GiB + 10;
const storage = () =>
  createS3Storage({
    endpoint: server.web.origin,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "testtest" },
    clock: new PausingClock(),
  });

/** An object that nobody has to hold: the server says its size, and copies its parts. */
function hugeObject(spoil: (part: number) => Handler | undefined = () => undefined) {
  const ranges: (readonly [number, string | undefined, string | undefined])[] = [];
  let completed = "";
  const real = server.web.always;
  server.web.always = async (request, response) => {
    const url = new URL(request.url ?? "", server.web.origin);
    if (request.method === "HEAD" && url.pathname === "/bucket/huge") {
      response.writeHead(200, { "content-length": size, etag: '"of-it"', "content-type": "text/csv" }).end();
      return true;
    }
    const part = Number(url.searchParams.get("partNumber"));
    if (request.method === "PUT" && part > 0) {
      const spoilt = spoil(part);
      if (spoilt !== undefined) return spoilt(request, response);
      const { "x-amz-copy-source-range": range, "x-amz-copy-source-if-match": etag } = request.headers;
      ranges.push([part, range?.toString(), etag?.toString()]);
      request.resume();
      const result = `<ETag>"etag-${part}"</ETag><ChecksumCRC32>sum-${part}</ChecksumCRC32>`;
      response.writeHead(200, { "content-type": "application/xml" });
      response.end(`<CopyPartResult>${result}</CopyPartResult>`);
      return true;
    }
    if (request.method === "POST" && url.searchParams.has("uploadId")) {
      for await (const chunk of request) completed += chunk;
      response.writeHead(200, { "content-type": "application/xml" });
      response.end("<CompleteMultipartUploadResult></CompleteMultipartUploadResult>");
      return true;
    }
    return real?.(request, response);
  };
  return { ranges, completed: () => completed };
}

test("what S3 does not copy at once is copied in parts of one version, whose checksums its end names", async () => {
  const { ranges, completed } = hugeObject();
  await (await storage()).copy("s3://bucket/huge", "s3://bucket/copy");
  ranges.sort(([a], [b]) => a - b);
  const part = GiB / 2;
  expect(ranges).toEqual(
    Array.from({ length: 11 }, (_, at) => [
      at + 1,
      `bytes=${at * part}-${Math.min(size, (at + 1) * part) - 1}`,
      '"of-it"',
    ]),
  );
  const begun = server.web.seen.find(({ path }) => path.includes("uploads"));
  expect(begun?.headers["content-type"]).toBe("text/csv");
  const named = [...completed().matchAll(/<Part>.*?<\/Part>/g)].map(([text]) => text);
  expect(named).toHaveLength(11);
  for (const [at, text] of named.entries()) {
    expect(text).toContain(`<PartNumber>${at + 1}</PartNumber>`);
    expect(text).toContain(`<ChecksumCRC32>sum-${at + 1}</ChecksumCRC32>`);
    expect(text).toMatch(new RegExp(`<ETag>.*etag-${at + 1}.*</ETag>`));
  }
});

test("a copy is never mixed from two versions", async () => {
  hugeObject((part) => (part === 7 ? s3Fault(412, "PreconditionFailed") : undefined));
  await expect((await storage()).copy("s3://bucket/huge", "s3://bucket/copy")).rejects.toMatchObject({
    code: "Unavailable",
    message: "s3://bucket/huge changed while it was copied",
  });
  expect(server.operations.at(-1)).toBe("DELETE upload id");
  const asked = server.web.seen.length;
  const { az } = await hugeBlob(() => (server.web.seen.length > asked + 2 ? '"another"' : '"of-it"'));
  await expect(az.copy("abfs://box/huge", "abfs://box/copy")).rejects.toMatchObject({
    code: "Unavailable",
    message: "abfs://box/huge changed while it was copied",
  });
});

test("a part that fails for a passing reason is copied again, alone; one that is denied leaves nothing", async () => {
  let faults = 2;
  const first = hugeObject((part) => (part === 3 && faults-- > 0 ? s3Fault(503, "SlowDown") : undefined));
  await (await storage()).copy("s3://bucket/huge", "s3://bucket/copy");
  expect(first.ranges.map(([part]) => part).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 11 }, (_, at) => at + 1),
  );
  hugeObject((part) => (part === 3 ? s3Fault(403, "AccessDenied") : undefined));
  await expect((await storage()).copy("s3://bucket/huge", "s3://bucket/copy")).rejects.toMatchObject({
    code: "PermissionDenied",
  });
  expect(server.operations.at(-1)).toBe("DELETE upload id");
});

const blobBytes = 600 * 2 ** 20;

/** The same in Azure. @param etag of the blob, whenever it is asked for. */
async function hugeBlob(etag: () => string) {
  const blocks: (readonly [id: string, range: string])[] = [];
  const committed: string[] = [];
  server.web.always = async (request, response) => {
    const { searchParams } = new URL(request.url ?? "", server.web.origin);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { "x-ms-source-range": range, "x-ms-copy-source": from } = request.headers;
    const comp = searchParams.get("comp");
    if (comp === "blocklist") committed.push(Buffer.concat(chunks).toString());
    if (comp === "block") {
      expect(from).toContain("/account/box/huge");
      blocks.push([searchParams.get("blockid") ?? "", String(range)]);
    }
    const head = { etag: etag(), "last-modified": "Wed, 01 Jan 2025 00:00:00 GMT", "content-type": "text/csv" };
    const isHead = request.method === "HEAD";
    response.writeHead(isHead ? 200 : 201, { ...head, ...(isHead ? { "content-length": blobBytes } : {}) }).end();
    return true;
  };
  const az = await createAzureStorage({
    endpoint: `${server.web.origin}/account`,
    accountName: "account",
    accountKey: Buffer.from("a secret key").toString("base64"),
    clock: new PausingClock(),
  });
  return { az, blocks, committed };
}

test("what Azure does not copy at once is copied in blocks", async () => {
  const { az, blocks, committed } = await hugeBlob(() => '"of-it"');
  await az.copy("abfs://box/huge", "abfs://box/copy");
  const part = 2 ** 28;
  const ranges = [`bytes=0-${part - 1}`, `bytes=${part}-${2 * part - 1}`, `bytes=${2 * part}-${blobBytes - 1}`];
  expect(blocks.map(([, range]) => range).sort()).toEqual([...ranges].sort());
  const inOrder = ranges.map((range) => blocks.find(([, each]) => each === range)?.[0]);
  expect(committed.map((text) => [...text.matchAll(/<Latest>(.*?)<\/Latest>/g)].map(([, id]) => id))).toEqual([
    inOrder,
  ]);
  const commit = server.web.seen.find(({ path }) => path.includes("comp=blocklist"));
  expect(commit?.headers["x-ms-blob-content-type"]).toBe("text/csv");
});

test("what Google copies in steps is asked for until it is done", async () => {
  const steps = [{ done: false, rewriteToken: "one" }, { done: false, rewriteToken: "two" }, { done: true }];
  server.web.always = (request, response) => {
    request.resume();
    response.end(JSON.stringify(steps.shift()));
    return true;
  };
  const gs = await createGcsStorage({ endpoint: server.web.origin, anonymous: true });
  await gs.copy("gs://bucket/huge", "gs://other/copy");
  expect(server.web.seen.map(({ method, path }) => `${method} ${path}`)).toEqual(
    ["", "?rewriteToken=one", "?rewriteToken=two"].map(
      (token) => `POST /storage/v1/b/bucket/o/huge/rewriteTo/b/other/o/copy${token}`,
    ),
  );
});

test("a copyBytes that is too small for a part is InvalidInput", async () => {
  await expect(createS3Storage({ copyBytes: 1000 })).rejects.toMatchObject({
    code: "InvalidInput",
    message: expect.stringContaining("copyBytes is 1000"),
  });
});
