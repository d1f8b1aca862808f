import { createHmac } from "node:crypto";
import { type AzureStorageOptions, createAzureStorage } from "@flyte-ts/storage";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { collect, PausingClock, sample } from "./bytes.ts";
import { cutAfter, type Handler, ObjectServer, stallAfter } from "./http-server.ts";

let server: ObjectServer;
let clock: PausingClock;
beforeEach(async () => {
  server = await ObjectServer.start();
  clock = new PausingClock();
  for (const name of Object.keys(process.env)) if (/^(FLYTE_)?AZURE_/.test(name)) vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.stop();
});

const key = Buffer.from("a secret key").toString("base64");
const storage = (options: AzureStorageOptions = {}) =>
  createAzureStorage({
    endpoint: `${server.origin}/account`,
    accountName: "account",
    accountKey: key,
    clock,
    random: () => 1,
    ...options,
  });
const answer =
  (status: number, code: string, headers: Record<string, string> = {}): Handler =>
  (request, response) => {
    request.resume();
    response.writeHead(status, { "x-ms-error-code": code, "content-type": "application/xml", ...headers });
    response.end(
      request.method === "HEAD" ? undefined : `<Error><Code>${code}</Code><Message>${code}!</Message></Error>`,
    );
    return true;
  };
const found: Handler = (request, response) => {
  const headers = {
    "content-length": request.method === "HEAD" ? "3" : "0",
    etag: '"0x1"',
    "last-modified": "Wed, 01 Jan 2025 00:00:00 GMT",
  };
  response.writeHead(200, headers).end();
  return true;
};

test.each([
  [403, "AuthorizationPermissionMismatch", "PermissionDenied"],
  [403, "AuthenticationFailed", "PermissionDenied"],
  [401, "NoAuthenticationInformation", "PermissionDenied"],
  [404, "BlobNotFound", "NotFound"],
  [503, "ServerBusy", "Throttled"],
  [500, "OperationTimedOut", "Unavailable"],
  [500, "InternalError", "Unavailable"],
  [409, "ContainerBeingDeleted", "Unavailable"],
  [400, "InvalidHeaderValue", "InvalidInput"],
])("%i %s is %s, with the SDK's own as its cause", async (status, code, expected) => {
  server.always = answer(status, code);
  await expect((await storage({ retries: 1 })).write("abfs://box/object", sample(3))).rejects.toMatchObject({
    code: expected,
    reason: undefined,
    cause: { name: "RestError", statusCode: status },
  });
  expect(server.seen).toHaveLength(["Unavailable", "Throttled"].includes(expected) ? 2 : 1);
});

test("a container that is not there has its reason, whatever is asked of it", async () => {
  server.always = answer(404, "ContainerNotFound");
  const az = await storage();
  for (const attempt of [
    () => az.stat("az://none/object"),
    () => collect(az.read("az://none/object")),
    () => az.write("az://none/object", sample(3)),
    () => az.delete("az://none/object"),
    () => az.list("az://none/")[Symbol.asyncIterator]().next(),
  ]) {
    await expect(attempt()).rejects.toMatchObject({ code: "NotFound", reason: "NoSuchContainer" });
  }
});

test("waits as long as Azure asks", async () => {
  server.faults.push(answer(503, "ServerBusy", { "retry-after": "9" }), found);
  expect(await (await storage()).stat("abfs://box/object")).toMatchObject({ size: 3, etag: '"0x1"' });
  expect(clock.pauses).toEqual([9000]);
});

test("a body that stands still or is cut off is continued, of the same version", async () => {
  const bytes = sample(300_000);
  server.objects.set("account/box/object", bytes);
  // Azure has its own header for ranges.
  const ranged =
    (handler: Handler): Handler =>
    (request, response) => {
      const { "x-ms-range": range } = request.headers;
      if (typeof range === "string") request.headers.range = range;
      return handler(request, response);
    };
  server.faults.push(
    ranged(stallAfter(server, 100_000)),
    ranged(cutAfter(server, 100_000)),
    ranged(() => false),
  );
  const read = collect((await storage({ timeoutMs: 200 })).read("abfs://box/object"));
  expect((await read).equals(bytes)).toBe(true);
  expect(server.seen.map(({ headers }) => headers["x-ms-range"])).toEqual([
    undefined,
    "bytes=100000-",
    "bytes=200000-",
  ]);
  expect(new Set(server.seen.slice(1).map(({ headers }) => headers["if-match"])).size).toBe(1);
});

test("the folder of a hierarchical namespace is no object", async () => {
  server.always = (request, response) => {
    response.setHeader("x-ms-meta-hdi_isfolder", "true");
    return found(request, response);
  };
  expect(await (await storage()).stat("abfs://box/folder")).toBeUndefined();
});

describe("the configuration of Azure", () => {
  const bare = (options: AzureStorageOptions = {}) => createAzureStorage({ clock, retries: 0, ...options });

  test.each([
    ["FLYTE_AZURE_STORAGE_ACCOUNT_NAME", "FLYTE_AZURE_STORAGE_ACCOUNT_KEY"],
    ["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT_KEY"],
  ])("takes account and key from %s and %s", async (name, keyName) => {
    vi.stubEnv(name, "account");
    vi.stubEnv(keyName, key);
    vi.stubEnv("FLYTE_AZURE_STORAGE_ENDPOINT", `${server.origin}/account`);
    server.always = found;
    await (await bare()).stat("abfs://box/a b/object");
    expect(server.seen[0]?.path).toBe("/account/box/a%20b/object");
    expect(server.seen[0]?.headers.authorization).toMatch(/^SharedKey account:/);
    // Signed with the key: HMAC-SHA256 of something makes 32 bytes.
    const signature = server.seen[0]?.headers.authorization?.split(":")[1] ?? "";
    expect(Buffer.from(signature, "base64")).toHaveLength(createHmac("sha256", key).digest().byteLength);
  });

  test("takes a connection string", async () => {
    const connection = `AccountName=account;AccountKey=${key};BlobEndpoint=${server.origin}/account`;
    vi.stubEnv("AZURE_STORAGE_CONNECTION_STRING", connection);
    server.always = found;
    expect(await (await bare()).stat("abfs://box/object")).toMatchObject({ size: 3 });
    expect(server.seen[0]?.headers.authorization).toMatch(/^SharedKey account:/);
  });

  test("sends a shared access signature in the URL", async () => {
    server.always = found;
    await (await bare({ endpoint: `${server.origin}/account`, sasToken: "?sv=2024&sig=abc" })).stat(
      "abfs://box/object",
    );
    expect(server.seen[0]?.path).toBe("/account/box/object?sv=2024&sig=abc");
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
  });

  test("sends nothing where that is asked for", async () => {
    server.always = found;
    await (await bare({ endpoint: `${server.origin}/account`, anonymous: true })).stat("abfs://box/object");
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
  });

  test("says which account is missing, and sends tokens to no server without TLS", async () => {
    await expect((await bare()).stat("abfs://box/object")).rejects.toMatchObject({
      code: "InvalidInput",
      message: expect.stringContaining("FLYTE_AZURE_STORAGE_ACCOUNT_NAME"),
    });
    vi.stubEnv("FLYTE_AZURE_TENANT_ID", "tenant");
    vi.stubEnv("FLYTE_AZURE_CLIENT_ID", "client");
    vi.stubEnv("FLYTE_AZURE_CLIENT_SECRET", "secret");
    await expect((await bare({ endpoint: server.origin })).stat("abfs://box/object")).rejects.toMatchObject({
      code: "InvalidInput",
      message: expect.stringContaining("non-TLS"),
    });
  });

  test.each([
    [{ FLYTE_AZURE_STORAGE_ENDPOINT: "azurite:10000" }, "FLYTE_AZURE_STORAGE_ENDPOINT"],
    [{ FLYTE_AZURE_CLIENT_SECRET: "s", FLYTE_AZURE_CLIENT_ID: "c" }, "FLYTE_AZURE_TENANT_ID"],
    [{ FLYTE_AZURE_CLIENT_SECRET: "s", FLYTE_AZURE_TENANT_ID: "t" }, "FLYTE_AZURE_CLIENT_ID"],
  ])("%j is InvalidInput", async (variables, named) => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    await expect(bare()).rejects.toMatchObject({ code: "InvalidInput", message: expect.stringContaining(named) });
  });

  test.each(["abfs:/box/key", "abfs://", "abfs:///key", "az://@host/key"])(
    "the URI %s is InvalidInput",
    async (uri) => {
      await expect((await storage()).stat(uri)).rejects.toMatchObject({ code: "InvalidInput" });
    },
  );
});
