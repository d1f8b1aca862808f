import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { type FlyteError, StorageRegistry } from "@flyte-ts/core/plugin";
import { storageContract } from "@flyte-ts/core/testing";
import { createHttpStorage, type HttpStorageOptions } from "@flyte-ts/storage";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { collect, PausingClock, sample } from "./bytes.ts";
import { cutAfter, ObjectServer, reset, stallAfter, status } from "./http-server.ts";

let server: ObjectServer;
let clock: PausingClock;
beforeEach(async () => {
  server = await ObjectServer.start();
  clock = new PausingClock();
});
afterEach(() => server.stop());

const bytes = sample(1_000_000);
const url = (name: string): string => `${server.origin}/${name}`;
const storage = (options: HttpStorageOptions = {}) => createHttpStorage({ clock, random: () => 1, ...options });
const read = async (options: HttpStorageOptions = {}, name = "object") =>
  collect((await storage(options)).read(url(name)));

describe("http", () => {
  storageContract({
    test,
    subject: async () => {
      const own = await ObjectServer.start();
      return {
        storage: await createHttpStorage(),
        folder: own.origin,
        put: async (name, content) => void own.objects.set(name, content),
        close: () => own.stop(),
      };
    },
  });
});

describe("an http download", () => {
  beforeEach(() => void server.objects.set("object", bytes));

  test("that is cut off goes on where it stopped, of the same version", async () => {
    server.faults.push(cutAfter(server, 300_000), cutAfter(server, 300_000), reset, cutAfter(server, 1));
    expect((await read()).equals(bytes)).toBe(true);
    expect(server.seen.map(({ headers }) => headers.range)).toEqual([
      undefined,
      "bytes=300000-",
      "bytes=600000-",
      "bytes=600000-",
      "bytes=600001-",
    ]);
    expect(new Set(server.seen.slice(1).map(({ headers }) => headers["if-range"])).size).toBe(1);
  });

  test("goes on by its date where there is no ETag", async () => {
    server.etags = false;
    server.faults.push(cutAfter(server, 300_000));
    expect((await read()).equals(bytes)).toBe(true);
    expect(server.seen[1]?.headers["if-range"]).toBe("Wed, 01 Jan 2025 00:00:00 GMT");
  });

  test("of a range goes on within it", async () => {
    server.faults.push(cutAfter(server, 1000));
    const part = await collect((await storage()).read(url("object"), { start: 5000, end: 9000 }));
    expect(part.equals(bytes.subarray(5000, 9000))).toBe(true);
    expect(server.seen.map(({ headers }) => headers.range)).toEqual(["bytes=5000-8999", "bytes=6000-8999"]);
  });

  test("is never mixed from two versions", async () => {
    server.faults.push(cutAfter(server, 300_000), () => {
      server.objects.set("object", sample(999_999));
      return false;
    });
    await expect(read()).rejects.toMatchObject({
      code: "Unavailable",
      message: `${url("object")} changed while it was read: it was cut off after 300000 bytes and is another now`,
    });
  });

  test("without ranges begins again, and skips what it has, if the object is the same", async () => {
    server.ranges = false;
    server.faults.push(cutAfter(server, 0), cutAfter(server, 300_000));
    expect((await read()).equals(bytes)).toBe(true);
  });

  test("without ranges and validators begins again only while nothing was given out", async () => {
    Object.assign(server, { ranges: false, etags: false, dates: false });
    server.faults.push(cutAfter(server, 0));
    expect((await read()).equals(bytes)).toBe(true);
    server.faults.push(cutAfter(server, 300_000));
    await expect(read()).rejects.toMatchObject({
      code: "Unavailable",
      message: expect.stringMatching(/300000 bytes.*no ETag/),
    });
  });

  test("of a range from a server without ranges gives that range", async () => {
    server.ranges = false;
    const part = await collect((await storage()).read(url("object"), { start: 400_000, end: 400_010 }));
    expect(part.equals(bytes.subarray(400_000, 400_010))).toBe(true);
    expect(await collect((await storage()).read(url("object"), { start: 2_000_000 }))).toHaveLength(0);
  });

  test("asks for the rest where a server answers with less than was asked for", async () => {
    server.always = (request, response) => {
      const first = Number(/bytes=(\d+)/.exec(request.headers.range ?? "")?.[1]);
      const part = bytes.subarray(first, first + 200_000);
      response.writeHead(206, {
        etag: '"1"',
        "content-range": `bytes ${first}-${first + part.byteLength - 1}/${bytes.byteLength}`,
      });
      response.end(part);
      return true;
    };
    const part = await collect((await storage()).read(url("object"), { start: 100_000 }));
    expect(part.equals(bytes.subarray(100_000))).toBe(true);
    expect(clock.pauses).toEqual([]);
  });

  test("that stands still is ended and goes on", async () => {
    server.faults.push(stallAfter(server, 300_000));
    expect((await read({ timeoutMs: 100 })).equals(bytes)).toBe(true);
    expect(server.seen[1]?.headers.range).toBe("bytes=300000-");
  });

  test("that never answers is ended and tried again", async () => {
    server.faults.push(
      () => true,
      () => true,
    );
    expect((await read({ timeoutMs: 100 })).equals(bytes)).toBe(true);
    server.always = () => true;
    await expect(read({ timeoutMs: 50, retries: 1 })).rejects.toMatchObject({
      code: "Unavailable",
      message: `${url("object")} gave no answer for 0.05 s`,
    });
  });

  test("gives up after its retries, with the pauses doubled between them", async () => {
    server.always = status(503);
    await expect(read({ retries: 4, backoffMs: 100, maxBackoffMs: 500 })).rejects.toMatchObject({
      code: "Unavailable",
      message: `${url("object")}: the server answers 503 Service Unavailable`,
    });
    expect(server.seen).toHaveLength(5);
    expect(clock.pauses).toEqual([100, 200, 400, 500]);
  });

  test("spreads its pauses over the upper half", async () => {
    server.faults.push(status(500), status(502));
    await read({ backoffMs: 100, random: () => 0 });
    expect(clock.pauses).toEqual([50, 100]);
  });

  test("counts its retries anew where it made progress", async () => {
    for (let at = 0; at < 9; at++) server.faults.push(cutAfter(server, 100_000));
    expect((await read({ retries: 1 })).equals(bytes)).toBe(true);
  });

  test.each([
    ["in seconds", () => "7", 7000],
    ["as a date", () => new Date(clock.now() + 9000).toUTCString(), 9000],
  ])("waits as long as Retry-After says %s", async (_, header, pause) => {
    server.faults.push(status(429, { "retry-after": header() }));
    await read();
    expect(clock.pauses).toEqual([pause]);
  });

  test("does not wait for what asks for more than the longest pause", async () => {
    server.always = status(429, { "retry-after": "3600" });
    await expect(read()).rejects.toMatchObject({ code: "Throttled", retryAfterMs: 3_600_000, recoverable: true });
    expect(server.seen).toHaveLength(1);
  });

  test("larger than its limit is TooLarge, also where its size is not told", async () => {
    expect(await read({ maxBytes: 1_000_000 })).toHaveLength(1_000_000);
    await expect(read({ maxBytes: 999_999 })).rejects.toMatchObject({ code: "TooLarge" });
    server.always = (_, response) => {
      response.writeHead(200).write(bytes);
      return true;
    };
    await expect(read({ maxBytes: 999_999 })).rejects.toMatchObject({ code: "TooLarge" });
  });

  test("that ends early leaves no connection behind", async () => {
    for await (const chunk of (await storage()).read(url("object"))) {
      expect(chunk.byteLength).toBeGreaterThan(0);
      break;
    }
    await server.stop();
    server = await ObjectServer.start();
  });

  test("into a file by a registry appears whole", async () => {
    server.faults.push(cutAfter(server, 500_000));
    const registry = new StorageRegistry();
    registry.register("http", () => storage());
    expect(Buffer.compare(await registry.readBytes(url("object")), bytes)).toBe(0);
  });

  test("is the object, wherever it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(120_000), { maxLength: 6 }),
        fc.nat(99_999),
        fc.option(fc.nat(120_000), { nil: undefined }),
        async (cuts, start, end) => {
          const object = bytes.subarray(0, 100_000);
          server.objects.set("cut", object);
          server.faults.splice(0, Infinity, ...cuts.map((cut) => cutAfter(server, cut)));
          const range = end === undefined ? { start } : { start, end };
          const part = await collect((await storage({ retries: 10 })).read(url("cut"), range));
          expect(part.equals(object.subarray(start, Math.max(start, end ?? Infinity)))).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("an http error", () => {
  test.each([
    [401, "PermissionDenied"],
    [403, "PermissionDenied"],
    [404, "NotFound"],
    [410, "NotFound"],
    [418, "InvalidInput"],
    [429, "Throttled"],
    [500, "Unavailable"],
    [304, "InvalidInput"],
  ])("%i is %s", async (code, expected) => {
    server.always = status(code);
    await expect(read({ retries: 0 })).rejects.toMatchObject({
      code: expected,
      message: expect.stringContaining(String(code)),
    });
  });

  test("of a connection is Unavailable, with Node's own as its cause", async () => {
    const at = url("object");
    await server.stop();
    const failed = await collect((await storage({ retries: 1 })).read(at)).catch((error: FlyteError) => error);
    expect(failed).toMatchObject({ code: "Unavailable", cause: { code: "ECONNREFUSED" } });
    expect(clock.pauses).toHaveLength(1);
    server = await ObjectServer.start();
  });

  test("shows neither password nor query", async () => {
    const failed = (await storage()).stat(`${server.origin.replace("//", "//me:secret@")}/none?X-Amz-Signature=abc`);
    await expect(failed).resolves.toBeUndefined();
    const reading = collect(
      (await storage()).read(`${server.origin.replace("//", "//me:secret@")}/none?X-Amz-Signature=abc`),
    );
    await expect(reading).rejects.toMatchObject({
      message: `there is nothing at ${server.origin}/none?… (404 Not Found)`,
    });
    expect(server.seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from("me:secret").toString("base64")}`);
  });

  test.each(["http://", "https:///", "http://a b/"])("of the URL %j is InvalidInput", async (wrong) => {
    await expect((await storage()).stat(wrong)).rejects.toMatchObject({ code: "InvalidInput" });
  });
});

describe("an http stat", () => {
  beforeEach(() => void server.objects.set("object", bytes));

  test("asks with HEAD", async () => {
    const found = await (await storage()).stat(url("object"));
    expect(found).toMatchObject({ size: 1_000_000, modified: new Date("2025-01-01") });
    expect(server.seen.map(({ method }) => method)).toEqual(["HEAD"]);
  });

  test.each([400, 403, 405, 501])("asks with a GET of one byte where HEAD is answered %i", async (code) => {
    server.faults.push(status(code));
    expect(await (await storage()).stat(url("object"))).toMatchObject({ size: 1_000_000, etag: expect.any(String) });
    expect(server.seen[1]?.headers.range).toBe("bytes=0-0");
    server.objects.set("object", new Uint8Array());
    server.faults.push(status(code));
    expect(await (await storage()).stat(url("object"))).toMatchObject({ size: 0 });
    server.ranges = false;
    server.faults.push(status(code));
    expect(await (await storage()).stat(url("object"))).toMatchObject({ size: 0 });
  });

  test("is repeated", async () => {
    server.faults.push(reset, status(503));
    expect((await (await storage()).stat(url("object")))?.size).toBe(1_000_000);
  });
});

describe("an http redirect", () => {
  beforeEach(() => void server.objects.set("object", bytes));

  test.each([301, 302, 303, 307, 308])("%i is followed, and the download resumed from its beginning", async (code) => {
    server.always = (request, response) =>
      request.url === "/from" ? status(code, { location: "/object" })(request, response) : false;
    server.faults.push(() => false, cutAfter(server, 10));
    expect((await read({}, "from")).equals(bytes)).toBe(true);
    expect(server.seen.map(({ path }) => path)).toEqual(["/from", "/object", "/from", "/object"]);
  });

  test("to another origin gets no credentials, one to the same does", async () => {
    const other = await ObjectServer.start();
    other.objects.set("object", bytes);
    server.always = (request, response) => {
      if (request.url === "/far") return status(302, { location: `${other.origin}/object` })(request, response);
      return request.url === "/near" ? status(302, { location: "/object" })(request, response) : false;
    };
    const headers = { authorization: "Bearer secret" };
    await read({ headers }, "near");
    await read({ headers }, "far");
    expect(server.seen.map((seen) => seen.headers.authorization)).toEqual(Array(3).fill("Bearer secret"));
    expect(other.seen[0]?.headers.authorization).toBeUndefined();
    await other.stop();
  });

  test("in a circle is ended", async () => {
    server.always = status(302, { location: "/object" });
    await expect(read({ maxRedirects: 3 })).rejects.toMatchObject({
      code: "InvalidInput",
      message: expect.stringMatching(/more than 3 redirects/),
    });
    expect(server.seen).toHaveLength(4);
  });

  test("to another kind of address is refused", async () => {
    server.always = status(302, { location: "file:///etc/passwd" });
    await expect(read()).rejects.toMatchObject({ code: "Unsupported" });
    server.always = status(302);
    await expect(read()).rejects.toMatchObject({
      code: "InvalidInput",
      message: expect.stringMatching(/without a usable Location/),
    });
  });
});

describe("an http object that is kept compressed", () => {
  test("is read as what it is, also when it is cut off", async () => {
    const packed = gzipSync(bytes);
    server.objects.set("object", packed);
    server.always = (request, response) => {
      response.setHeader("content-encoding", "gzip");
      server.serveObject(request, response);
      return true;
    };
    server.faults.push((request, response) => {
      response.setHeader("content-encoding", "gzip");
      return cutAfter(server, 1000)(request, response);
    });
    expect((await read()).equals(bytes)).toBe(true);
    expect((await (await storage()).stat(url("object")))?.size).toBeUndefined();
    await expect(collect((await storage()).read(url("object"), { start: 1 }))).rejects.toMatchObject({
      code: "Unsupported",
    });
    await expect(read({ maxBytes: 999_999 })).rejects.toMatchObject({ code: "TooLarge" });
    server.objects.set("object", bytes);
    await expect(read()).rejects.toMatchObject({
      code: "InvalidInput",
      message: expect.stringMatching(/sent as gzip/),
    });
  });
});

test("an aborted http download ends with the reason while it stands still", async () => {
  server.objects.set("object", bytes);
  const abort = new AbortController();
  const reason = new Error("enough");
  server.faults.push((request, response) => {
    setImmediate(() => abort.abort(reason));
    return stallAfter(server, 10)(request, response);
  });
  await expect(collect((await storage()).read(url("object"), { signal: abort.signal }))).rejects.toBe(reason);
});

test("a server that speaks no HTTP is Unavailable", async () => {
  const { createServer: listen } = await import("node:net");
  const odd = listen((socket) => socket.resume().end("SSH-2.0-OpenSSH\r\n"));
  await new Promise<void>((resolve) => odd.listen(0, "127.0.0.1", resolve));
  const at = `http://127.0.0.1:${(odd.address() as AddressInfo).port}/`;
  await expect((await storage({ retries: 0 })).stat(at)).rejects.toMatchObject({ code: "Unavailable" });
  await new Promise((resolve) => odd.close(resolve));
});

test("an http body that ends with its connection, without a length, is whole", async () => {
  const old = createServer((request, response) => {
    response.useChunkedEncodingByDefault = false;
    response.writeHead(200, { connection: "close" });
    response.end(bytes.subarray(0, 5000));
    request.resume();
  });
  await new Promise<void>((resolve) => old.listen(0, "127.0.0.1", resolve));
  const at = `http://127.0.0.1:${(old.address() as AddressInfo).port}/`;
  expect(await collect((await storage()).read(at))).toHaveLength(5000);
  await new Promise((resolve) => old.close(resolve));
});
