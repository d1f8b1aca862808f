import { randomUUID } from "node:crypto";
import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import type { Storage } from "@flyte-ts/core/plugin";
import { storageContract } from "@flyte-ts/core/testing";
import { createS3Storage, type S3StorageOptions } from "@flyte-ts/storage";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Emulator, startEmulator } from "../src/emulators/emulator.ts";
import type { FaultRule } from "../src/emulators/fault-proxy.ts";
import { makeBucket, s3Client, s3Keys } from "../src/emulators/s3-bucket.ts";
import { run } from "../src/python.ts";
import { type FaultySubject, storageFaults } from "../src/storage/storage-faults.ts";
import { storageOperations } from "../src/storage/storage-operations.ts";

let moto: Emulator;
let versity: Emulator;
let endpoint: string;
beforeAll(async () => {
  // Small pages, so that a short listing already has several.
  [moto, versity] = await Promise.all([
    startEmulator("moto", { env: { MOTO_S3_DEFAULT_MAX_KEYS: "10" } }),
    startEmulator("versitygw"),
  ]);
  endpoint = moto.endpoint;
  for (const bucket of ["bucket", "many"]) await fetch(`${endpoint}/${bucket}`, { method: "PUT" });
  await makeBucket(versity.direct, "bucket");
});
afterAll(async () => {
  await moto?.stop();
  await versity?.stop();
});
beforeEach(async () => {
  await moto.faults.clear();
  await versity.faults.clear();
});

const MiB = 2 ** 20;
const storage = (options: S3StorageOptions = {}): Promise<Storage> =>
  createS3Storage({ endpoint, region: "us-east-1", credentials: s3Keys, ...options });
const newKey = (): string => `case-${randomUUID()}`;
const text = (value: string): Uint8Array => Buffer.from(value);

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/** The requests of S3's SDK. */
const requests = {
  head: { method: "HEAD", path: "^/bucket/." },
  get: { method: "GET", path: "^/bucket/[^?]+([?]x-id=GetObject)?$" },
  put: { method: "PUT", path: "^/bucket/[^?]+([?]x-id=PutObject)?$" },
  part: { method: "PUT", path: "partNumber=" },
  complete: { method: "POST", path: "uploadId=" },
  list: { method: "GET", path: "list-type=2" },
  copy: { method: "PUT", path: "x-id=CopyObject" },
  delete: { method: "DELETE", path: "^/bucket/" },
} satisfies Record<string, FaultRule>;
const faultySubject = {
  bucket: "s3://bucket",
  missingBucket: "s3://none-of-this-name",
  requests,
  throttled: "s3-slowdown",
  unavailable: "s3-500",
  denied: "s3-403",
  partBytes: 5 * MiB,
};

/** `count` chunks of one MiB, each filled with its number. */
async function* mebibytes(count: number): AsyncIterable<Uint8Array> {
  for (let number = 0; number < count; number++) yield Buffer.alloc(MiB, number);
}

describe("S3 as moto speaks it", () => {
  storageContract({ test, subject: async () => ({ storage: await storage(), folder: `s3://bucket/${newKey()}` }) });

  test("a stream is uploaded in parts, whose checksums the store takes", async () => {
    const key = newKey();
    const s3 = await storage({ partBytes: 5 * MiB });
    await s3.write(`s3://bucket/${key}`, mebibytes(17), { contentType: "application/x-test" });
    const found = await s3.stat(`s3://bucket/${key}`);
    expect(found).toMatchObject({ size: 17 * MiB, etag: expect.stringMatching(/^"[0-9a-f]{32}-4"$/) });
    const head = await fetch(`${endpoint}/bucket/${key}`, { method: "HEAD" });
    expect(head.headers.get("content-type")).toBe("application/x-test");
    const part = await collect(s3.read(`s3://bucket/${key}`, { start: 5 * MiB - 2, end: 5 * MiB + 2 }));
    expect([...part]).toEqual([4, 4, 5, 5]);
    expect((await collect(s3.read(`s3://bucket/${key}`))).equals(await collect(mebibytes(17)))).toBe(true);
  });

  test("an upload that fails leaves no parts in the store", async () => {
    async function* broken(): AsyncIterable<Uint8Array> {
      yield* mebibytes(12);
      throw new Error("the source broke");
    }
    const s3 = await storage({ partBytes: 5 * MiB });
    await expect(s3.write(`s3://bucket/${newKey()}`, broken())).rejects.toThrow("the source broke");
    expect(await (await fetch(`${endpoint}/bucket?uploads`)).text()).not.toContain("<UploadId>");
  });

  test("a folder of more than a page is listed whole", async () => {
    const names = Array.from({ length: 35 }, (_, number) => `in/${number}`);
    for (const name of names) await fetch(`${endpoint}/many/${name}`, { method: "PUT", body: "x" });
    const page = await (await fetch(`${endpoint}/many?list-type=2`)).text();
    expect(page).toContain("<IsTruncated>true</IsTruncated>");
    const found: string[] = [];
    for await (const { uri } of (await storage()).list("s3://many/in/")) found.push(uri);
    expect(found).toEqual(names.map((name) => `s3://many/${name}`).sort());
  });

  test("a key is what its URI says, whatever stands in it", async () => {
    const s3 = await storage();
    const folder = `s3://bucket/${newKey()}`;
    const names = ["100%", "a%20b", "a?b=c", "a#b", "a+b c", "<&>\"'", "tab\there", "\u{1f600}", "back\\slash", "a:b"];
    for (const name of names) await s3.write(`${folder}/${name}`, text(name));
    const found: string[] = [];
    for await (const { uri } of s3.list(folder)) {
      expect((await collect(s3.read(uri))).toString()).toBe(uri.slice(folder.length + 1));
      found.push(uri.slice(folder.length + 1));
    }
    expect(found.sort()).toEqual(names.sort());
  });

  test("a bucket that is not there is NotFound, for whoever lists, reads or writes", async () => {
    const s3 = await storage();
    for (const attempt of [
      () => collect(s3.read("s3://none-of-this-name/key")),
      () => s3.write("s3://none-of-this-name/key", text("x")),
      () => s3.write("s3://none-of-this-name/key", mebibytes(9)),
      () => s3.stat("s3://none-of-this-name/key"),
      () => s3.list("s3://none-of-this-name/")[Symbol.asyncIterator]().next(),
    ]) {
      await expect(attempt()).rejects.toMatchObject({
        code: "NotFound",
        reason: "NoSuchContainer",
        message: expect.stringContaining("no such bucket"),
      });
    }
  });

  test("the built package reads with the role of a pod's service account", async () => {
    const key = newKey();
    await (await storage()).write(`s3://bucket/${key}`, text("for the pod"));
    const script = `
      import { storages } from "@flyte-ts/storage";
      const s3 = await storages.s3();
      for await (const chunk of s3.read("s3://bucket/${key}")) process.stdout.write(chunk);
    `;
    const { status, stdout, stderr } = await run(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: import.meta.dirname,
      env: {
        AWS_CONFIG_FILE: "/dev/null",
        AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
        AWS_EC2_METADATA_DISABLED: "true",
        AWS_REGION: "us-east-1",
        AWS_ENDPOINT_URL: endpoint,
        AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/reader",
        AWS_WEB_IDENTITY_TOKEN_FILE: new URL(import.meta.url).pathname,
        FLYTE_AWS_ENABLE_DEBUG: "1",
      },
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "for the pod" });
    expect(stderr).toMatch(/^s3 GetObject s3:\/\/bucket\/\S+: ok, \d+ ms\n$/);
  });

  const subject: FaultySubject = {
    ...faultySubject,
    emulator: () => moto,
    storage: (options) => storage({ backoffMs: 10, partBytes: 5 * MiB, ...options }),
  };
  storageFaults(subject);
  storageOperations(subject);
});

describe("S3 as versitygw speaks it", () => {
  const own = (options: S3StorageOptions = {}): Promise<Storage> =>
    storage({ endpoint: versity.endpoint, backoffMs: 10, ...options });

  storageContract({ test, subject: async () => ({ storage: await own(), folder: `s3://bucket/${newKey()}` }) });

  const subject: FaultySubject = {
    ...faultySubject,
    emulator: () => versity,
    storage: (options) => own({ partBytes: 5 * MiB, ...options }),
  };
  storageFaults(subject);
  storageOperations(subject);

  test("an upload that fails leaves no parts in the store", async () => {
    async function* broken(): AsyncIterable<Uint8Array> {
      yield* mebibytes(12);
      throw new Error("the source broke");
    }
    const key = newKey();
    const writing = (await own({ partBytes: 5 * MiB })).write(`s3://bucket/${key}`, broken());
    await expect(writing).rejects.toThrow("broke");
    // of this one: the store may still be at a part of another that was cut off, and has that upload then
    const list = new ListMultipartUploadsCommand({ Bucket: "bucket", Prefix: key });
    expect((await s3Client(versity.direct).send(list)).Uploads ?? []).toEqual([]);
  });

  test("keys that are not taken are PermissionDenied", async () => {
    const s3 = await own({ credentials: { accessKeyId: "test", secretAccessKey: "wrong-one" } });
    await expect(s3.write(`s3://bucket/${newKey()}`, text("x"))).rejects.toMatchObject({ code: "PermissionDenied" });
    await expect(s3.stat(`s3://bucket/${newKey()}`)).rejects.toMatchObject({ code: "PermissionDenied" });
  });
});
