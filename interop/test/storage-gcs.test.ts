import { randomUUID } from "node:crypto";
import type { Storage } from "@flyte-ts/core/plugin";
import { storageContract } from "@flyte-ts/core/testing";
import { createGcsStorage, type GcsStorageOptions } from "@flyte-ts/storage";
import { afterAll, beforeAll, beforeEach, describe, test } from "vitest";
import { type Emulator, startEmulator } from "../src/emulators/emulator.ts";
import { storageFaults } from "../src/storage/storage-faults.ts";

let gcs: Emulator;
beforeAll(async () => {
  gcs = await startEmulator("gcs", { fixes: "gcs" });
  const headers = { "content-type": "application/json" };
  await fetch(`${gcs.endpoint}/storage/v1/b?project=p`, { method: "POST", headers, body: '{"name":"bucket"}' });
});
afterAll(() => gcs?.stop());
beforeEach(() => gcs.faults.clear());

const storage = (options: GcsStorageOptions = {}): Promise<Storage> =>
  createGcsStorage({ endpoint: gcs.endpoint, anonymous: true, backoffMs: 10, ...options });

describe("Google Cloud Storage as fake-gcs-server speaks it", () => {
  storageContract({
    test,
    subject: async () => ({ storage: await storage(), folder: `gs://bucket/${randomUUID()}` }),
  });

  storageFaults({
    emulator: () => gcs,
    storage: (options) => storage({ partBytes: 2 ** 18, ...options }),
    requests: {
      head: { method: "GET", path: "/o/[^?]+\\?fields" },
      get: { method: "GET", path: "alt=media" },
      put: { method: "POST", path: "uploadType=multipart" },
      part: { method: "PUT", path: "upload_id=" },
      complete: { method: "PUT", path: "upload_id=", skip: 2 },
      list: { method: "GET", path: "/o\\?prefix" },
      delete: { method: "DELETE", path: "/o/" },
    },
    bucket: "gs://bucket",
    missingBucket: "gs://none-of-this-name",
    throttled: "gcs-429",
    unavailable: "gcs-503",
    denied: "gcs-403",
    partBytes: 2 ** 18,
  });
});
