import { randomUUID } from "node:crypto";
import type { Storage } from "@flyte-ts/core/plugin";
import { storageContract } from "@flyte-ts/core/testing";
import { type AzureStorageOptions, createAzureStorage } from "@flyte-ts/storage";
import { afterAll, beforeAll, beforeEach, describe, test } from "vitest";
import { type Emulator, startEmulator } from "../src/emulators/emulator.ts";
import { storageFaults } from "../src/storage/storage-faults.ts";

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

  storageFaults({
    emulator: () => azurite,
    storage: (options) => storage({ partBytes: 2 ** 18, ...options }),
    requests: {
      head: { method: "HEAD", path: "/bucket/" },
      get: { method: "GET", path: "/bucket/[^?]+$" },
      put: { method: "PUT", path: "/bucket/[^?]+$" },
      part: { method: "PUT", path: "comp=block(&|$)" },
      complete: { method: "PUT", path: "comp=blocklist" },
      list: { method: "GET", path: "comp=list" },
      delete: { method: "DELETE", path: "/bucket/" },
    },
    bucket: "abfs://bucket",
    missingBucket: "abfs://none-of-this-name",
    throttled: "az-busy",
    unavailable: "az-timeout",
    denied: "az-403",
    partBytes: 2 ** 18,
  });
});
