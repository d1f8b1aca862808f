import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGcsStorage, type GcsStorageOptions } from "@flyte-ts/storage";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { collect, PausingClock, sample } from "./bytes.ts";
import { cutAfter, type Handler, ObjectServer, stallAfter } from "./http-server.ts";

let server: ObjectServer;
let clock: PausingClock;
let folder: string;
beforeEach(async () => {
  server = await ObjectServer.start();
  clock = new PausingClock();
  folder = await mkdtemp(join(tmpdir(), "flyte-gcs-"));
  for (const name of Object.keys(process.env)) {
    if (/^(GOOGLE_|GCLOUD_|CLOUDSDK_|FLYTE_GCP_|STORAGE_EMULATOR)/.test(name)) vi.stubEnv(name, undefined);
  }
  // No search for a metadata server, and no file of gcloud's.
  vi.stubEnv("METADATA_SERVER_DETECTION", "none");
  vi.stubEnv("HOME", folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.stop();
  await rm(folder, { recursive: true });
});

const storage = (options: GcsStorageOptions = {}) =>
  createGcsStorage({ endpoint: server.origin, anonymous: true, clock, random: () => 1, ...options });
const answer =
  (status: number, body: string | object, headers: Record<string, string> = {}): Handler =>
  (request, response) => {
    request.resume();
    response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
    return true;
  };
const fault = (status: number, reason: string, message = reason): Handler =>
  answer(status, { error: { code: status, message, errors: [{ message, reason }] } });
const described = { name: "object", size: "3", updated: "2025-01-01T00:00:00Z", generation: "17" };

describe("an error of Google's", () => {
  test.each([
    [401, "authError", "PermissionDenied"],
    [403, "forbidden", "PermissionDenied"],
    [403, "rateLimitExceeded", "Throttled"],
    [429, "rateLimitExceeded", "Throttled"],
    [404, "notFound", "NotFound"],
    [408, "requestTimeout", "Unavailable"],
    [503, "backendError", "Unavailable"],
    [400, "invalid", "InvalidInput"],
  ])("%i %s is %s, with its cause", async (status, reason, code) => {
    server.always = fault(status, reason);
    await expect((await storage({ retries: 1 })).write("gs://bucket/object", sample(3))).rejects.toMatchObject({
      code,
      cause: { name: "GcsFault", status, reason },
    });
    expect(server.seen).toHaveLength(["Unavailable", "Throttled"].includes(code) ? 2 : 1);
  });

  test("that names the bucket has the reason NoSuchContainer", async () => {
    server.always = fault(404, "notFound", "The specified bucket does not exist.");
    for (const attempt of [
      async () => (await storage()).stat("gs://none/object"),
      async () => (await storage()).delete("gs://none/object"),
      async () => collect((await storage()).read("gs://none/object")),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: "NotFound", reason: "NoSuchContainer" });
    }
  });

  test("of an object says nothing of the bucket, which is asked for once in a while", async () => {
    server.always = (request, response) => {
      const list = request.url?.includes("/o?") === true;
      return (list ? answer(200, { kind: "storage#objects" }) : fault(404, "notFound", "No such object"))(
        request,
        response,
      );
    };
    const gs = await storage();
    for (let poll = 0; poll < 3; poll++) expect(await gs.stat("gs://bucket/object")).toBeUndefined();
    expect(server.seen.filter(({ path }) => path.includes("/o?"))).toHaveLength(1);
    await clock.sleep(301_000);
    await gs.stat("gs://bucket/object");
    expect(server.seen.filter(({ path }) => path.includes("/o?"))).toHaveLength(2);
  });
});

describe("a request to Google", () => {
  test("names object, version and range", async () => {
    server.always = (request, response) =>
      (request.url?.includes("alt=media")
        ? answer(206, "bc", { "content-range": "bytes 1-2/3", "x-goog-generation": "17" })
        : answer(200, described))(request, response);
    const gs = await storage({ userProject: "payer" });
    expect(await gs.stat("gs://bucket/a b/ü?.txt")).toEqual({
      uri: "gs://bucket/a b/ü?.txt",
      size: 3,
      modified: new Date("2025-01-01"),
      etag: "17",
    });
    expect((await collect(gs.read("gs://bucket/o", { start: 1, end: 3, etag: "17" }))).toString()).toBe("bc");
    expect(server.seen.map(({ path }) => path)).toEqual([
      "/storage/v1/b/bucket/o/a%20b%2F%C3%BC%3F.txt?fields=name%2Csize%2Cupdated%2Cgeneration%2Cmetadata&userProject=payer",
      "/storage/v1/b/bucket/o/o?alt=media&ifGenerationMatch=17&userProject=payer",
    ]);
    expect(server.seen[1]?.headers).toMatchObject({ range: "bytes=1-2", "accept-encoding": "gzip" });
  });

  test("carries a token of the default chain, which is kept", async () => {
    // A workload identity: a token from a file is exchanged for one of Google's.
    await writeFile(join(folder, "token"), "of-the-pod");
    const config = {
      type: "external_account",
      audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider",
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: `${server.origin}/token`,
      credential_source: { file: join(folder, "token") },
    };
    await writeFile(join(folder, "config.json"), JSON.stringify(config));
    vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", join(folder, "config.json"));
    const token = { access_token: "of-google", token_type: "Bearer", expires_in: 3600, issued_token_type: "x" };
    server.always = (request, response) =>
      (request.url === "/token" ? answer(200, token, { "content-type": "application/json" }) : answer(200, described))(
        request,
        response,
      );
    const gs = await storage({ anonymous: false });
    await gs.stat("gs://bucket/object");
    await gs.stat("gs://bucket/object");
    expect(server.seen.map(({ path, headers }) => [path.slice(0, 14), headers.authorization])).toEqual([
      ["/token", undefined],
      ["/storage/v1/b/", "Bearer of-google"],
      ["/storage/v1/b/", "Bearer of-google"],
    ]);
  });

  test("that reads goes without credentials where there are none; one that writes says what to do", async () => {
    server.always = answer(200, described);
    const gs = await storage({ anonymous: false });
    expect(await gs.stat("gs://bucket/object")).toMatchObject({ size: 3 });
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
    await expect(gs.write("gs://bucket/object", sample(3))).rejects.toMatchObject({
      code: "PermissionDenied",
      message: expect.stringContaining("GOOGLE_APPLICATION_CREDENTIALS"),
    });
  });

  test.each(["", "http://"])(
    "goes to where STORAGE_EMULATOR_HOST=%shost:port points, without credentials",
    async (scheme) => {
      vi.stubEnv("STORAGE_EMULATOR_HOST", scheme + new URL(server.origin).host);
      server.always = answer(200, described);
      expect(await (await createGcsStorage()).stat("gs://bucket/object")).toMatchObject({ size: 3 });
    },
  );

  test("is described by a line where that is asked for", async () => {
    server.always = answer(200, described);
    const lines: string[] = [];
    await (await storage({ debug: (line) => lines.push(line) })).stat("gs://bucket/object");
    expect(lines).toEqual(["gs stat gs://bucket/object: 200, 0 ms"]);
  });
});

describe("a body from Google", () => {
  const path = "storage/v1/b/bucket/o/object";
  const bytes = sample(300_000);
  const generation =
    (handler: Handler): Handler =>
    (request, response) => {
      response.setHeader("x-goog-generation", "17");
      return handler(request, response);
    };
  beforeEach(() => {
    server.objects.set(path, bytes);
    server.always = generation(() => false);
  });

  test("that stands still or is cut off is continued, of the same version", async () => {
    server.faults.push(generation(stallAfter(server, 100_000)), generation(cutAfter(server, 100_000)));
    const read = collect((await storage({ timeoutMs: 200 })).read("gs://bucket/object"));
    expect((await read).equals(bytes)).toBe(true);
    expect(
      server.seen.map(({ headers, path: asked }) => [headers.range, /ifGenerationMatch=(\d+)/.exec(asked)?.[1]]),
    ).toEqual([
      [undefined, undefined],
      ["bytes=100000-", "17"],
      ["bytes=200000-", "17"],
    ]);
  });

  test("of an object that is another by then is Unavailable", async () => {
    server.faults.push(generation(cutAfter(server, 100_000)), fault(412, "conditionNotMet"));
    await expect(collect((await storage()).read("gs://bucket/object"))).rejects.toMatchObject({
      code: "Unavailable",
      message: expect.stringContaining("changed while it was read"),
    });
  });
});

describe("an upload to Google", () => {
  const bytes = sample(700_000);
  async function* stream(): AsyncIterable<Uint8Array> {
    for (let at = 0; at < bytes.byteLength; at += 50_000) yield bytes.subarray(at, at + 50_000);
  }
  /** A session that keeps at most `most` bytes of each request. */
  function session(most: number, spoil: (puts: number) => Handler | undefined = () => undefined) {
    const kept: Buffer[] = [];
    let puts = 0;
    const length = (): number => kept.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    server.always = async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (request.method === "POST") {
        return answer(200, "", { location: `${server.origin}/session` })(request, response);
      }
      if (request.method === "DELETE") return answer(499, "")(request, response);
      const spoilt = spoil(++puts);
      if (spoilt !== undefined) return spoilt(request, response);
      const [, start, , total] =
        /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(request.headers["content-range"] ?? "") ?? [];
      if (start !== undefined) {
        expect(Number(start)).toBe(length());
        kept.push(Buffer.concat(chunks).subarray(0, most));
      }
      if (Number(total) === length()) return answer(200, described)(request, response);
      const range = length() === 0 ? {} : { range: `bytes=0-${length() - 1}` };
      return answer(308, "", range)(request, response);
    };
    return () => Buffer.concat(kept);
  }

  test("sends again what the store did not keep", async () => {
    const kept = session(100_000);
    await (await storage({ partBytes: 2 ** 18 })).write("gs://bucket/object", stream());
    expect(kept().equals(bytes)).toBe(true);
  });

  test("asks after a failure how far it is", async () => {
    const kept = session(150_000, (puts) => (puts === 2 || puts === 4 ? fault(503, "backendError") : undefined));
    await (await storage({ partBytes: 2 ** 18 })).write("gs://bucket/object", stream());
    expect(kept().equals(bytes)).toBe(true);
    expect(server.seen.some(({ headers }) => headers["content-range"] === "bytes */*")).toBe(true);
  });

  test("that the store forgot is an error, and is taken away", async () => {
    session(2 ** 20, (puts) => (puts === 2 ? fault(410, "gone") : undefined));
    await expect((await storage({ partBytes: 2 ** 18 })).write("gs://bucket/object", stream())).rejects.toMatchObject({
      cause: { status: 410 },
    });
    expect(server.seen.at(-1)).toMatchObject({ method: "DELETE", path: "/session" });
  });
});

test.each(["gs:/bucket/key", "gs://", "gs:///key", "s3://bucket/key"])("the URI %s is InvalidInput", async (uri) => {
  await expect((await storage()).stat(uri)).rejects.toMatchObject({ code: "InvalidInput" });
});

test("an endpoint that is no URL is InvalidInput, with its variable", async () => {
  vi.stubEnv("FLYTE_GCP_ENDPOINT", "localhost:4443");
  await expect(createGcsStorage()).rejects.toMatchObject({
    code: "InvalidInput",
    message: expect.stringContaining("FLYTE_GCP_ENDPOINT"),
  });
});
