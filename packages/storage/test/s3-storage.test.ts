import { randomUUID } from "node:crypto";
import { storageContract } from "@flyte-ts/core/testing";
import { createS3Storage, type S3StorageOptions } from "@flyte-ts/storage";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { collect, sample } from "./bytes.ts";
import { cutAfter, reset, stallAfter } from "./http-server.ts";
import { loseAnswer, S3Server, s3Fault } from "./s3-server.ts";
import { s3Surroundings } from "./s3-surroundings.ts";

const around = s3Surroundings();
const MiB = 2 ** 20;
const bytes = sample(1_000_000);
const { storage } = around;

async function* stream(length: number, chunk = 100_000): AsyncIterable<Uint8Array> {
  const all = sample(length);
  for (let at = 0; at < length; at += chunk) yield all.subarray(at, at + chunk);
}

describe("s3", () => {
  storageContract({
    test,
    subject: async () => {
      const own = await S3Server.start();
      return {
        storage: await storage({ endpoint: own.web.origin }),
        folder: `s3://bucket/${randomUUID()}`,
        close: () => own.web.stop(),
      };
    },
  });
});

describe("reading from s3", () => {
  beforeEach(() => void around.server.web.objects.set("bucket/object", bytes));
  const read = async (options: S3StorageOptions = {}) => collect((await storage(options)).read("s3://bucket/object"));

  test("goes on where a body was cut off, of the same version", async () => {
    around.server.web.faults.push(
      cutAfter(around.server.web, 300_000),
      cutAfter(around.server.web, 300_000),
      s3Fault(503, "SlowDown"),
    );
    expect((await read()).equals(bytes)).toBe(true);
    expect(around.server.web.seen.map(({ headers }) => headers.range)).toEqual([
      undefined,
      "bytes=300000-",
      "bytes=600000-",
      "bytes=600000-",
    ]);
    expect(new Set(around.server.web.seen.slice(1).map(({ headers }) => headers["if-match"])).size).toBe(1);
  });

  test("goes on after a body that stands still", async () => {
    around.server.web.faults.push(stallAfter(around.server.web, 300_000));
    expect((await read({ timeoutMs: 100 })).equals(bytes)).toBe(true);
  });

  test("is never mixed from two versions", async () => {
    around.server.web.faults.push(cutAfter(around.server.web, 300_000), () => {
      around.server.web.objects.set("bucket/object", sample(999_999));
      return false;
    });
    await expect(read()).rejects.toMatchObject({
      code: "Unavailable",
      message: expect.stringContaining("changed while it was read"),
    });
  });

  test("ends a request that is never answered, and tries again", async () => {
    around.server.web.faults.push(
      () => true,
      () => true,
    );
    expect((await read({ timeoutMs: 100 })).equals(bytes)).toBe(true);
  });

  test("finds bytes that do not fit the store's checksum", async () => {
    around.server.web.faults.push((request, response) => {
      response.setHeader("x-amz-checksum-crc32", "AAAAAA==");
      around.server.web.serveObject(request, response);
      return true;
    });
    await expect(read()).rejects.toMatchObject({
      code: "Internal",
      message: expect.stringContaining("Checksum mismatch"),
    });
  });

  test.each([
    [403, "AccessDenied", "PermissionDenied"],
    [403, "SignatureDoesNotMatch", "PermissionDenied"],
    [400, "ExpiredToken", "PermissionDenied"],
    [404, "NoSuchKey", "NotFound"],
    [404, "NoSuchBucket", "NotFound"],
    [503, "SlowDown", "Throttled"],
    [429, "TooManyRequests", "Throttled"],
    [500, "InternalError", "Unavailable"],
    [400, "RequestTimeout", "Unavailable"],
    [403, "RequestTimeTooSkewed", "Unavailable"],
    [400, "InvalidRequest", "InvalidInput"],
  ])("%i %s is %s, with the SDK's own as its cause", async (status, code, expected) => {
    around.server.web.always = s3Fault(status, code);
    await expect(read({ retries: 1 })).rejects.toMatchObject({
      code: expected,
      message: expect.stringContaining("GetObject s3://bucket/object"),
      cause: { name: code, $metadata: { httpStatusCode: status } },
    });
    expect(around.server.web.seen).toHaveLength(["Unavailable", "Throttled"].includes(expected) ? 2 : 1);
  });

  test("waits as long as the store asks", async () => {
    around.server.web.faults.push(s3Fault(503, "SlowDown", { "retry-after": "7" }));
    await read();
    expect(around.clock.pauses).toEqual([7000]);
  });

  test("of a store that is not there is Unavailable", async () => {
    const endpoint = around.server.web.origin;
    await around.server.web.stop();
    await expect(read({ endpoint, retries: 0 })).rejects.toMatchObject({
      code: "Unavailable",
      cause: { code: "ECONNREFUSED" },
    });
    await around.restart();
  });

  test("without any credentials asks unsigned, and says what is missing where that is denied", async () => {
    const options = { endpoint: around.server.web.origin, clock: around.clock };
    expect((await collect((await createS3Storage(options)).read("s3://bucket/object"))).equals(bytes)).toBe(true);
    expect(around.server.web.seen[0]?.headers.authorization).toBeUndefined();
    around.server.web.always = s3Fault(403, "AccessDenied");
    await expect((await createS3Storage(options)).stat("s3://bucket/object")).rejects.toMatchObject({
      code: "PermissionDenied",
      message: expect.stringContaining("AWS_ACCESS_KEY_ID"),
    });
    await expect((await createS3Storage(options)).delete("s3://bucket/object")).rejects.toMatchObject({
      code: "PermissionDenied",
    });
  });
});

describe("writing to s3", () => {
  const part = { partBytes: 5 * MiB };

  test("sends what fits into one part at once, and more in parts", async () => {
    const s3 = await storage(part);
    await s3.write("s3://bucket/small", stream(5 * MiB), { contentType: "text/csv" });
    await s3.write("s3://bucket/large", stream(12 * MiB));
    expect(around.server.operations.slice(0, 2)).toEqual(["PUT object", "POST upload"]);
    expect(around.server.operations.slice(2, 5).sort()).toEqual(["PUT part 1", "PUT part 2", "PUT part 3"]);
    expect(around.server.operations.slice(5)).toEqual(["POST upload id"]);
    expect(around.server.web.seen[0]?.headers["content-type"]).toBe("text/csv");
    expect(
      Buffer.from(sample(12 * MiB)).equals(around.server.web.objects.get("bucket/large") ?? new Uint8Array()),
    ).toBe(true);
  });

  test("repeats each request that fails for a passing reason", async () => {
    const large = sample(11 * MiB);
    around.server.web.faults.push(reset, s3Fault(500, "InternalError"), (request, response) =>
      around.server.web.always?.(request, response),
    );
    around.server.web.faults.push(s3Fault(503, "SlowDown"), reset);
    await (await storage(part)).write("s3://bucket/object", large);
    expect(Buffer.from(large).equals(around.server.web.objects.get("bucket/object") ?? new Uint8Array())).toBe(true);
    expect(around.server.uploads.size).toBe(0);
  });

  test.each([
    ["a part is denied", "PUT part 2"],
    ["the end is denied", "POST upload id"],
  ])("leaves no parts behind when %s", async (_, denied) => {
    const real = around.server.web.always;
    around.server.web.always = (request, response) =>
      around.server.operations.at(-1) === denied
        ? s3Fault(403, "AccessDenied")(request, response)
        : real?.(request, response);
    await expect((await storage(part)).write("s3://bucket/object", stream(12 * MiB))).rejects.toMatchObject({
      code: "PermissionDenied",
    });
    expect(around.server.operations.at(-1)).toBe("DELETE upload id");
    expect(around.server.uploads.size + around.server.web.objects.size).toBe(0);
  });

  test("leaves no parts behind when it is aborted, or its stream breaks", async () => {
    const abort = new AbortController();
    const reason = new Error("enough");
    async function* body(end: () => Promise<void>): AsyncIterable<Uint8Array> {
      yield* stream(11 * MiB);
      await end();
    }
    const hang = () => {
      setImmediate(() => abort.abort(reason));
      return new Promise<void>(() => {});
    };
    const s3 = await storage(part);
    await expect(s3.write("s3://bucket/object", body(hang), { signal: abort.signal })).rejects.toBe(reason);
    await expect(
      s3.write(
        "s3://bucket/object",
        body(() => Promise.reject(reason)),
      ),
    ).rejects.toBe(reason);
    expect(around.server.operations.filter((operation) => operation === "DELETE upload id")).toHaveLength(2);
    expect(around.server.uploads.size + around.server.web.objects.size).toBe(0);
  });

  test.each([
    ["its own", undefined],
    ["another's", "written by another"],
  ])("knows the object for %s where the answer to its end was lost", async (_, mark) => {
    const real = around.server.web.always;
    around.server.web.always = async (request, response) => {
      if (around.server.operations.at(-1) !== "POST upload id") return real?.(request, response);
      around.server.web.always = real;
      const done = await loseAnswer(around.server)(request, response);
      if (mark !== undefined) around.server.metadata.set("bucket/object", mark);
      return done;
    };
    const written = (await storage(part)).write("s3://bucket/object", stream(6 * MiB));
    if (mark === undefined) await written;
    else
      await expect(written).rejects.toMatchObject({
        code: "Unavailable",
        message: expect.stringContaining("lost the upload"),
      });
    const end = [
      "POST upload id",
      "POST upload id",
      "HEAD object",
      ...(mark === undefined ? [] : ["DELETE upload id"]),
    ];
    expect(around.server.operations.slice(-end.length)).toEqual(end);
  });

  test("has no more parts in memory than it was told", async () => {
    let under = 0;
    let most = 0;
    const real = around.server.web.always;
    around.server.web.always = async (request, response) => {
      under++;
      most = Math.max(most, under);
      await new Promise((resolve) => setImmediate(resolve));
      const done = await real?.(request, response);
      under--;
      return done;
    };
    await (await storage({ ...part, concurrency: 2 })).write("s3://bucket/object", stream(40 * MiB, MiB));
    expect(most).toBe(2);
  });
});

describe("listing s3", () => {
  test("asks for page after page, and leaves out what only marks a folder", async () => {
    around.server.pageSize = 3;
    const names = ["a", "b c", "d+e", "f%20", "g/", "h&<i>", "j", "k"];
    for (const name of names) around.server.web.objects.set(`bucket/in/${name}`, new Uint8Array(1));
    around.server.web.faults.push(s3Fault(503, "SlowDown"));
    const found: string[] = [];
    for await (const { uri, size } of (await storage()).list("s3a://bucket/in")) {
      found.push(uri);
      expect(size).toBe(1);
    }
    expect(found).toEqual(names.filter((name) => name !== "g/").map((name) => `s3a://bucket/in/${name}`));
    expect(around.server.operations).toHaveLength(4);
  });

  test("gives what a page has before it asks for the next one, and asks for no more than is read", async () => {
    around.server.pageSize = 3;
    for (let name = 0; name < 9; name++) around.server.web.objects.set(`bucket/in/${name}`, new Uint8Array(1));
    let read = 0;
    for await (const { uri } of (await storage()).list("s3://bucket/in")) {
      expect(uri).toBe(`s3://bucket/in/${read}`);
      expect(around.server.operations).toHaveLength(Math.floor(read / 3) + 1);
      if (++read === 5) break;
    }
    expect(around.server.operations).toEqual(["GET list", "GET list"]);
  });
});

describe("requests after the first of a bucket", () => {
  const agents = () => around.server.web.seen.map(({ headers }) => /aws-sdk/.test(headers["user-agent"] ?? ""));

  test("take the way that the SDK found, signed by its signer", async () => {
    const s3 = await storage();
    for (const name of ["a", "b c", "d(1)!'*", "e/f~g"]) await s3.write(`s3://bucket/${name}`, bytes);
    expect((await collect(s3.read("s3://bucket/b c", { start: 5, end: 10 }))).equals(bytes.subarray(5, 10))).toBe(true);
    expect(await s3.stat("s3://bucket/d(1)!'*")).toMatchObject({ size: bytes.byteLength });
    await s3.delete("s3://bucket/a");
    expect(agents()).toEqual([true, false, false, false, false, false, false]);
    const signed =
      /^AWS4-HMAC-SHA256 Credential=test\/\d+\/us-east-1\/s3\/aws4_request, SignedHeaders=\S*host\S*, Signature=/;
    for (const { headers } of around.server.web.seen) expect(headers.authorization).toMatch(signed);
    expect([...around.server.web.objects.keys()].sort()).toEqual(["bucket/b c", "bucket/d(1)!'*", "bucket/e/f~g"]);
  });

  test("go to the bucket's own host where that is the way", async () => {
    const { globalAgent } = await import("node:http");
    // Node's typings leave the options of an agent out
    const { options } = globalAgent as typeof globalAgent & { readonly options: { lookup?: unknown } };
    const { lookup } = options;
    Object.assign(options, {
      lookup: (
        _: string,
        { all }: { all?: boolean },
        found: (error: null, address: unknown, family?: number) => void,
      ) => (all === true ? found(null, [{ address: "127.0.0.1", family: 4 }]) : found(null, "127.0.0.1", 4)),
    });
    try {
      const { port } = new URL(around.server.web.origin);
      const s3 = await storage({ endpoint: `http://s3.example:${port}`, addressing: "virtual" });
      for (const name of ["a", "b c"]) await s3.write(`s3://bucket/folder/${name}`, bytes);
      expect((await collect(s3.read("s3://bucket/folder/b c"))).equals(bytes)).toBe(true);
      expect(agents()).toEqual([true, false, false]);
      for (const { headers, path } of around.server.web.seen) {
        expect(headers.host).toBe(`bucket.s3.example:${port}`);
        expect(path).toMatch(/^\/folder\//);
      }
    } finally {
      Object.assign(options, { lookup });
      globalAgent.destroy();
    }
  });

  test.each([
    [301, "PermanentRedirect"],
    [400, "AuthorizationHeaderMalformed"],
    [403, "RequestTimeTooSkewed"],
  ])("are left to the SDK when the answer is %i %s", async (status, code) => {
    const s3 = await storage();
    await s3.write("s3://bucket/a", bytes);
    around.server.web.faults.push(s3Fault(status, code));
    await s3.write("s3://bucket/b", bytes);
    expect(agents()).toEqual([true, false, true]);
  });

  test("notice bytes that are not those that were written", async () => {
    const s3 = await storage();
    await s3.write("s3://bucket/a", bytes);
    around.server.web.faults.push((_, response) => {
      response.setHeader("x-amz-checksum-crc32", "AAAAAA==");
      return false;
    });
    await expect(collect(s3.read("s3://bucket/a"))).rejects.toMatchObject({
      code: "Internal",
      message: expect.stringContaining("checksum mismatch"),
    });
  });
});

test("a write is whole, whatever five of its requests meet", async () => {
  const meets = {
    pass: () => false,
    reset,
    refused: s3Fault(500, "InternalError"),
    slow: s3Fault(503, "SlowDown"),
    lost: loseAnswer(around.server),
  } as const;
  const kinds = fc.constantFrom<keyof typeof meets>("pass", "pass", "reset", "refused", "slow", "lost");
  await fc.assert(
    fc.asyncProperty(fc.array(kinds, { maxLength: 10 }), fc.boolean(), fc.boolean(), async (plan, large, ifAbsent) => {
      let faults = 5;
      const chosen = plan.filter((kind) => kind === "pass" || faults-- > 0);
      around.server.web.objects.clear();
      around.server.uploads.clear();
      around.server.web.faults.splice(0, Infinity, ...chosen.map((kind) => meets[kind]));
      const length = large ? 11 * MiB : 1000;
      const s3 = await storage({ partBytes: 5 * MiB, concurrency: 2 });
      await s3.write("s3://bucket/object", stream(length, 500_000), { ifAbsent });
      around.server.web.faults.length = 0;
      expect(Buffer.compare(around.server.web.objects.get("bucket/object") ?? Buffer.alloc(0), sample(length))).toBe(0);
      // An upload whose id was in the answer that was lost is nobody's; a bucket's lifecycle takes it away.
      expect(around.server.uploads.size).toBeLessThanOrEqual(chosen.filter((kind) => kind === "lost").length);
    }),
    { numRuns: 25 },
  );
});

test("a bucket is asked for when an object is missing, if nothing was seen of it, and once in a while", async () => {
  around.server.web.objects.set("bucket/there", bytes);
  const s3 = await storage();
  for (let poll = 0; poll < 3; poll++) expect(await s3.stat("s3://bucket/missing")).toBeUndefined();
  expect(around.server.web.seen.map(({ path }) => path.replace(/\/$/, ""))).toEqual([
    "/bucket/missing",
    "/bucket",
    "/bucket/missing",
    "/bucket/missing",
  ]);
  await around.clock.sleep(301_000);
  await s3.stat("s3://bucket/there");
  await s3.stat("s3://bucket/missing");
  expect(around.server.web.seen.slice(4).map(({ path }) => path)).toEqual(["/bucket/there", "/bucket/missing"]);
  await around.clock.sleep(301_000);
  around.server.buckets.clear();
  await expect(s3.stat("s3://bucket/missing")).rejects.toMatchObject({ code: "NotFound", reason: "NoSuchContainer" });
});

test.each([405, 501, 503, 400])(
  "a store that answers %i when it is asked for a bucket leaves an object missing",
  async (code) => {
    around.server.web.faults.push(
      () => false,
      (_, response) => {
        response.writeHead(code).end();
        return true;
      },
    );
    expect(await (await storage()).stat("s3://bucket/missing")).toBeUndefined();
    expect(around.server.web.seen).toHaveLength(2);
  },
);
