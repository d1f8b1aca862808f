import { randomUUID } from "node:crypto";
import type { Storage } from "@flyte-ts/core/plugin";
import { storageContract } from "@flyte-ts/core/testing";
import { type AzureStorageOptions, createAzureStorage } from "@flyte-ts/storage";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Emulator, startEmulator } from "../src/emulators/emulator.ts";
import { run } from "../src/python.ts";
import { type FaultySubject, storageFaults } from "../src/storage/storage-faults.ts";
import { storageOperations } from "../src/storage/storage-operations.ts";

/** The account that every Azurite has, with the key that its documentation publishes. */
const accountName = "devstoreaccount1";
const accountKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

let azurite: Emulator;
beforeAll(async () => {
  azurite = await startEmulator("azurite");
  const { BlobServiceClient, StorageSharedKeyCredential } = await import("@azure/storage-blob");
  const credential = new StorageSharedKeyCredential(accountName, accountKey);
  const service = new BlobServiceClient(`${azurite.direct}/${accountName}`, credential);
  await service.createContainer("bucket");
});
afterAll(() => azurite?.stop());
beforeEach(() => azurite.faults.clear());

const storage = (options: AzureStorageOptions = {}): Promise<Storage> =>
  createAzureStorage({
    endpoint: `${azurite.endpoint}/${accountName}`,
    accountName,
    accountKey,
    backoffMs: 10,
    ...options,
  });

describe("Azure Blob Storage as Azurite speaks it", () => {
  storageContract({
    test,
    subject: async () => ({ storage: await storage(), folder: `abfs://bucket/${randomUUID()}` }),
  });

  const subject: FaultySubject = {
    emulator: () => azurite,
    storage: (options) => storage({ partBytes: 2 ** 18, ...options }),
    requests: {
      head: { method: "HEAD", path: "/bucket/" },
      get: { method: "GET", path: "/bucket/[^?]+$" },
      put: { method: "PUT", path: "/bucket/[^?]+$" },
      part: { method: "PUT", path: "comp=block(&|$)" },
      complete: { method: "PUT", path: "comp=blocklist" },
      list: { method: "GET", path: "comp=list" },
      copy: { method: "PUT", path: "/bucket/[^?]+$" },
      delete: { method: "DELETE", path: "/bucket/" },
    },
    bucket: "abfs://bucket",
    missingBucket: "abfs://none-of-this-name",
    throttled: "az-busy",
    unavailable: "az-timeout",
    denied: "az-403",
    partBytes: 2 ** 18,
    // Azurite has no Put Block From URL.
    copiesNoParts: true,
  };
  storageFaults(subject);
  storageOperations(subject);

  test("a stream is uploaded in blocks, and copied by the store", async () => {
    const az = await storage({ partBytes: 2 ** 18 });
    const folder = `az://bucket/${randomUUID()}`;
    const all = Buffer.alloc(2 ** 20 + 17, "some text of no meaning, ");
    async function* body(): AsyncIterable<Uint8Array> {
      for (let at = 0; at < all.byteLength; at += 100_000) yield all.subarray(at, at + 100_000);
    }
    await az.write(`${folder}/a b`, body(), { contentType: "application/x-test" });
    expect((await azurite.faults.log()).filter(({ url }) => url.includes("comp=block&"))).toHaveLength(5);
    await az.copy(`${folder}/a b`, `${folder}/copy`);
    expect(await az.stat(`${folder}/copy`)).toMatchObject({ size: all.byteLength });
  });

  test("the built package reads with Flyte's variables, and has Azure's library for tokens inside", async () => {
    const uri = `abfs://bucket@${accountName}.dfs.core.windows.net/${randomUUID()}`;
    await (await storage()).write(uri, Buffer.from("for the pod"));
    const script = `
      import { createAzureStorage, storages } from "@flyte-ts/storage";
      for await (const chunk of (await storages.abfs()).read("${uri}")) process.stdout.write(chunk);
      const clientSecret = { tenantId: "t", clientId: "c", clientSecret: "s" };
      const other = await createAzureStorage({ accountKey: undefined, clientSecret });
      await other.stat("${uri}").catch((error) => process.stdout.write("; " + error.code));
    `;
    const { status, stdout } = await run(process.execPath, ["--input-type=module", "--eval", script], {
      cwd: import.meta.dirname,
      env: {
        FLYTE_AZURE_STORAGE_ACCOUNT_NAME: accountName,
        FLYTE_AZURE_STORAGE_ACCOUNT_KEY: accountKey,
        FLYTE_AZURE_STORAGE_ENDPOINT: `${azurite.endpoint}/${accountName}`,
      },
    });
    // No token is sent without TLS.
    expect({ status, stdout }).toEqual({ status: 0, stdout: "for the pod; InvalidInput" });
  });
});
