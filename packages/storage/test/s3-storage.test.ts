import { randomUUID } from "node:crypto";
import { storageContract } from "@flyte-ts/core/testing";
import { createS3Storage, type S3StorageOptions } from "@flyte-ts/storage";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { collect, PausingClock, sample } from "./bytes.ts";
import { cutAfter, reset, stallAfter } from "./http-server.ts";
import { loseAnswer, S3Server, s3Fault } from "./s3-server.ts";

let server: S3Server;
let clock: PausingClock;
beforeEach(async () => {
  server = await S3Server.start();
  clock = new PausingClock();
  for (const name of Object.keys(process.env)) if (/^(FLYTE_)?AWS_/.test(name)) vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  vi.stubEnv("AWS_CONFIG_FILE", "/dev/null");
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.web.stop();
});

const MiB = 2 ** 20;
const bytes = sample(1_000_000);
const keys = { accessKeyId: "test", secretAccessKey: "testtest" };
const storage = (options: S3StorageOptions = {}) =>
  createS3Storage({ endpoint: server.web.origin, credentials: keys, clock, random: () => 1, ...options });
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
  beforeEach(() => void server.web.objects.set("bucket/object", bytes));
  const read = async (options: S3StorageOptions = {}) => collect((await storage(options)).read("s3://bucket/object"));

  test("goes on where a body was cut off, of the same version", async () => {
    server.web.faults.push(cutAfter(server.web, 300_000), cutAfter(server.web, 300_000), s3Fault(503, "SlowDown"));
    expect((await read()).equals(bytes)).toBe(true);
    expect(server.web.seen.map(({ headers }) => headers.range)).toEqual([
      undefined,
      "bytes=300000-",
      "bytes=600000-",
      "bytes=600000-",
    ]);
    expect(new Set(server.web.seen.slice(1).map(({ headers }) => headers["if-match"])).size).toBe(1);
  });

  test("goes on after a body that stands still", async () => {
    server.web.faults.push(stallAfter(server.web, 300_000));
    expect((await read({ timeoutMs: 100 })).equals(bytes)).toBe(true);
  });

  test("is never mixed from two versions", async () => {
    server.web.faults.push(cutAfter(server.web, 300_000), () => {
      server.web.objects.set("bucket/object", sample(999_999));
      return false;
    });
    await expect(read()).rejects.toMatchObject({
      code: "Unavailable",
      message: expect.stringContaining("changed while it was read"),
    });
  });

  test("ends a request that is never answered, and tries again", async () => {
    server.web.faults.push(
      () => true,
      () => true,
    );
    expect((await read({ timeoutMs: 100 })).equals(bytes)).toBe(true);
  });

  test("finds bytes that do not fit the store's checksum", async () => {
    server.web.faults.push((request, response) => {
      response.setHeader("x-amz-checksum-crc32", "AAAAAA==");
      server.web.serveObject(request, response);
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
    server.web.always = s3Fault(status, code);
    await expect(read({ retries: 1 })).rejects.toMatchObject({
      code: expected,
      message: expect.stringContaining("GetObject s3://bucket/object"),
      cause: { name: code, $metadata: { httpStatusCode: status } },
    });
    expect(server.web.seen).toHaveLength(["Unavailable", "Throttled"].includes(expected) ? 2 : 1);
  });

  test("waits as long as the store asks", async () => {
    server.web.faults.push(s3Fault(503, "SlowDown", { "retry-after": "7" }));
    await read();
    expect(clock.pauses).toEqual([7000]);
  });

  test("of a store that is not there is Unavailable", async () => {
    const endpoint = server.web.origin;
    await server.web.stop();
    await expect(read({ endpoint, retries: 0 })).rejects.toMatchObject({
      code: "Unavailable",
      cause: { code: "ECONNREFUSED" },
    });
    server = await S3Server.start();
  });

  test("without any credentials asks unsigned, and says what is missing where that is denied", async () => {
    const options = { endpoint: server.web.origin, clock };
    expect((await collect((await createS3Storage(options)).read("s3://bucket/object"))).equals(bytes)).toBe(true);
    expect(server.web.seen[0]?.headers.authorization).toBeUndefined();
    server.web.always = s3Fault(403, "AccessDenied");
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
    expect(server.operations.slice(0, 2)).toEqual(["PUT object", "POST upload"]);
    expect(server.operations.slice(2, 5).sort()).toEqual(["PUT part 1", "PUT part 2", "PUT part 3"]);
    expect(server.operations.slice(5)).toEqual(["POST upload id"]);
    expect(server.web.seen[0]?.headers["content-type"]).toBe("text/csv");
    expect(Buffer.from(sample(12 * MiB)).equals(server.web.objects.get("bucket/large") ?? new Uint8Array())).toBe(true);
  });

  test("repeats each request that fails for a passing reason", async () => {
    const large = sample(11 * MiB);
    server.web.faults.push(reset, s3Fault(500, "InternalError"), (request, response) =>
      server.web.always?.(request, response),
    );
    server.web.faults.push(s3Fault(503, "SlowDown"), reset);
    await (await storage(part)).write("s3://bucket/object", large);
    expect(Buffer.from(large).equals(server.web.objects.get("bucket/object") ?? new Uint8Array())).toBe(true);
    expect(server.uploads.size).toBe(0);
  });

  test.each([
    ["a part is denied", "PUT part 2"],
    ["the end is denied", "POST upload id"],
  ])("leaves no parts behind when %s", async (_, denied) => {
    const real = server.web.always;
    server.web.always = (request, response) =>
      server.operations.at(-1) === denied ? s3Fault(403, "AccessDenied")(request, response) : real?.(request, response);
    await expect((await storage(part)).write("s3://bucket/object", stream(12 * MiB))).rejects.toMatchObject({
      code: "PermissionDenied",
    });
    expect(server.operations.at(-1)).toBe("DELETE upload id");
    expect(server.uploads.size + server.web.objects.size).toBe(0);
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
    expect(server.operations.filter((operation) => operation === "DELETE upload id")).toHaveLength(2);
    expect(server.uploads.size + server.web.objects.size).toBe(0);
  });

  test.each([
    ["its own", undefined],
    ["another's", "written by another"],
  ])("knows the object for %s where the answer to its end was lost", async (_, mark) => {
    const real = server.web.always;
    server.web.always = async (request, response) => {
      if (server.operations.at(-1) !== "POST upload id") return real?.(request, response);
      server.web.always = real;
      const done = await loseAnswer(server)(request, response);
      if (mark !== undefined) server.metadata.set("bucket/object", mark);
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
    expect(server.operations.slice(-end.length)).toEqual(end);
  });

  test("has no more parts in memory than it was told", async () => {
    let under = 0;
    let most = 0;
    const real = server.web.always;
    server.web.always = async (request, response) => {
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
    server.pageSize = 3;
    const names = ["a", "b c", "d+e", "f%20", "g/", "h&<i>", "j", "k"];
    for (const name of names) server.web.objects.set(`bucket/in/${name}`, new Uint8Array(1));
    server.web.faults.push(s3Fault(503, "SlowDown"));
    const found: string[] = [];
    for await (const { uri, size } of (await storage()).list("s3a://bucket/in")) {
      found.push(uri);
      expect(size).toBe(1);
    }
    expect(found).toEqual(names.filter((name) => name !== "g/").map((name) => `s3a://bucket/in/${name}`));
    expect(server.operations).toHaveLength(4);
  });

  test("gives what a page has before it asks for the next one, and asks for no more than is read", async () => {
    server.pageSize = 3;
    for (let name = 0; name < 9; name++) server.web.objects.set(`bucket/in/${name}`, new Uint8Array(1));
    let read = 0;
    for await (const { uri } of (await storage()).list("s3://bucket/in")) {
      expect(uri).toBe(`s3://bucket/in/${read}`);
      expect(server.operations).toHaveLength(Math.floor(read / 3) + 1);
      if (++read === 5) break;
    }
    expect(server.operations).toEqual(["GET list", "GET list"]);
  });
});

describe("requests after the first of a bucket", () => {
  const agents = () => server.web.seen.map(({ headers }) => /aws-sdk/.test(headers["user-agent"] ?? ""));

  test("take the way that the SDK found, signed by its signer", async () => {
    const s3 = await storage();
    for (const name of ["a", "b c", "d(1)!'*", "e/f~g"]) await s3.write(`s3://bucket/${name}`, bytes);
    expect((await collect(s3.read("s3://bucket/b c", { start: 5, end: 10 }))).equals(bytes.subarray(5, 10))).toBe(true);
    expect(await s3.stat("s3://bucket/d(1)!'*")).toMatchObject({ size: bytes.byteLength });
    await s3.delete("s3://bucket/a");
    expect(agents()).toEqual([true, false, false, false, false, false, false]);
    const signed =
      /^AWS4-HMAC-SHA256 Credential=test\/\d+\/us-east-1\/s3\/aws4_request, SignedHeaders=\S*host\S*, Signature=/;
    for (const { headers } of server.web.seen) expect(headers.authorization).toMatch(signed);
    expect([...server.web.objects.keys()].sort()).toEqual(["bucket/b c", "bucket/d(1)!'*", "bucket/e/f~g"]);
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
      const { port } = new URL(server.web.origin);
      const s3 = await storage({ endpoint: `http://s3.example:${port}`, addressing: "virtual" });
      for (const name of ["a", "b c"]) await s3.write(`s3://bucket/folder/${name}`, bytes);
      expect((await collect(s3.read("s3://bucket/folder/b c"))).equals(bytes)).toBe(true);
      expect(agents()).toEqual([true, false, false]);
      for (const { headers, path } of server.web.seen) {
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
    server.web.faults.push(s3Fault(status, code));
    await s3.write("s3://bucket/b", bytes);
    expect(agents()).toEqual([true, false, true]);
  });

  test("notice bytes that are not those that were written", async () => {
    const s3 = await storage();
    await s3.write("s3://bucket/a", bytes);
    server.web.faults.push((_, response) => {
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
    lost: loseAnswer(server),
  } as const;
  const kinds = fc.constantFrom<keyof typeof meets>("pass", "pass", "reset", "refused", "slow", "lost");
  await fc.assert(
    fc.asyncProperty(fc.array(kinds, { maxLength: 10 }), fc.boolean(), fc.boolean(), async (plan, large, ifAbsent) => {
      let faults = 5;
      const chosen = plan.filter((kind) => kind === "pass" || faults-- > 0);
      server.web.objects.clear();
      server.uploads.clear();
      server.web.faults.splice(0, Infinity, ...chosen.map((kind) => meets[kind]));
      const length = large ? 11 * MiB : 1000;
      const s3 = await storage({ partBytes: 5 * MiB, concurrency: 2 });
      await s3.write("s3://bucket/object", stream(length, 500_000), { ifAbsent });
      server.web.faults.length = 0;
      expect(Buffer.compare(server.web.objects.get("bucket/object") ?? Buffer.alloc(0), sample(length))).toBe(0);
      // An upload whose id was in the answer that was lost is nobody's; a bucket's lifecycle takes it away.
      expect(server.uploads.size).toBeLessThanOrEqual(chosen.filter((kind) => kind === "lost").length);
    }),
    { numRuns: 25 },
  );
});

test("a bucket is asked for when an object is missing, if nothing was seen of it, and once in a while", async () => {
  server.web.objects.set("bucket/there", bytes);
  const s3 = await storage();
  for (let poll = 0; poll < 3; poll++) expect(await s3.stat("s3://bucket/missing")).toBeUndefined();
  expect(server.web.seen.map(({ path }) => path.replace(/\/$/, ""))).toEqual([
    "/bucket/missing",
    "/bucket",
    "/bucket/missing",
    "/bucket/missing",
  ]);
  await clock.sleep(301_000);
  await s3.stat("s3://bucket/there");
  await s3.stat("s3://bucket/missing");
  expect(server.web.seen.slice(4).map(({ path }) => path)).toEqual(["/bucket/there", "/bucket/missing"]);
  await clock.sleep(301_000);
  server.buckets.clear();
  await expect(s3.stat("s3://bucket/missing")).rejects.toMatchObject({ code: "NotFound", reason: "NoSuchContainer" });
});

test.each([405, 501, 503, 400])(
  "a store that answers %i when it is asked for a bucket leaves an object missing",
  async (code) => {
    server.web.faults.push(
      () => false,
      (_, response) => {
        response.writeHead(code).end();
        return true;
      },
    );
    expect(await (await storage()).stat("s3://bucket/missing")).toBeUndefined();
    expect(server.web.seen).toHaveLength(2);
  },
);

describe("the configuration of s3", () => {
  test("comes from Flyte's variables, before AWS' own", async () => {
    vi.stubEnv("FLYTE_AWS_ENDPOINT", server.web.origin);
    vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    vi.stubEnv("FLYTE_AWS_ACCESS_KEY_ID", "of-flyte");
    vi.stubEnv("FLYTE_AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "of-aws");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv("FLYTE_AWS_RETRIES", "2");
    vi.stubEnv("FLYTE_AWS_BACKOFF_SECONDS", "0.5");
    server.web.always = s3Fault(500, "InternalError");
    await expect((await createS3Storage({ clock, random: () => 1 })).stat("s3://bucket/object")).rejects.toMatchObject({
      code: "Unavailable",
    });
    expect(server.web.seen).toHaveLength(3);
    expect(clock.pauses).toEqual([500, 1000]);
    expect(server.web.seen[0]?.headers.authorization).toMatch(/Credential=of-flyte\/\d+\/us-east-1\/s3/);
    expect(server.web.seen[0]?.path).toBe("/bucket/object");
  });

  test("leaves to AWS' variables what Flyte's do not say", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL_S3", server.web.origin);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "of-aws");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
    vi.stubEnv("AWS_SESSION_TOKEN", "session");
    vi.stubEnv("AWS_DEFAULT_REGION", "eu-north-1");
    expect(await (await createS3Storage()).stat("s3://bucket/object")).toBeUndefined();
    expect(server.web.seen[0]?.headers).toMatchObject({
      authorization: expect.stringMatching(/Credential=of-aws\/\d+\/eu-north-1\/s3/),
      "x-amz-security-token": "session",
    });
    expect(server.web.seen[0]?.path).toBe("/bucket/object");
  });

  test("puts the bucket into the host where that is asked for", async () => {
    const port = new URL(server.web.origin).port;
    vi.stubEnv("FLYTE_AWS_ADDRESSING_STYLE", "virtual");
    vi.stubEnv("FLYTE_AWS_ENDPOINT", `http://localhost:${port}`);
    const failed = (await createS3Storage({ credentials: keys, retries: 0 })).stat(
      "s3://no-such-host-of-a-test/object",
    );
    const outcome = await failed.catch((error: Error) => error);
    const host = server.web.seen[0]?.headers.host ?? (outcome as Error).message;
    expect(host).toContain("no-such-host-of-a-test.localhost");
  });

  test("writes a line for each request where debugging is on", async () => {
    const lines: string[] = [];
    await (await storage({ debug: (line) => lines.push(line) })).stat("s3://bucket/object");
    expect(lines).toEqual([
      "s3 HeadObject s3://bucket/object: NotFound 404, 0 ms",
      "s3 HeadBucket s3://bucket/: ok, 0 ms",
    ]);
  });

  test.each([
    ["FLYTE_AWS_ENDPOINT", "minio:9000"],
    ["FLYTE_AWS_RETRIES", "three"],
    ["FLYTE_AWS_BACKOFF_SECONDS", "-1"],
    ["FLYTE_AWS_ACCESS_KEY_ID", "only-one"],
  ])("%s=%s is InvalidInput", async (name, value) => {
    vi.stubEnv(name, value);
    await expect(createS3Storage()).rejects.toMatchObject({
      code: "InvalidInput",
      message: expect.stringContaining(name),
    });
  });

  test.each([{ partBytes: 1000 }, { partBytes: 6e6 + 0.5 }, { concurrency: 0 }])(
    "%j is InvalidInput",
    async (options) => {
      const [name = "", value] = Object.entries(options)[0] ?? [];
      await expect(createS3Storage(options)).rejects.toMatchObject({
        code: "InvalidInput",
        message: expect.stringContaining(`${name} is ${value}`),
      });
    },
  );

  test.each(["s3:/bucket/key", "s3://", "s3:///key"])("the URI %s is InvalidInput", async (uri) => {
    await expect((await storage()).stat(uri)).rejects.toMatchObject({ code: "InvalidInput" });
  });

  test.each(["s3://bucket", "s3://bucket/", "s3://bucket/folder/"])("%s names no object", async (uri) => {
    expect(await (await storage()).stat(uri)).toBeUndefined();
    await expect(collect((await storage()).read(uri))).rejects.toMatchObject({ code: "InvalidInput" });
    await expect((await storage()).write(uri, bytes)).rejects.toMatchObject({ code: "InvalidInput" });
  });
});
