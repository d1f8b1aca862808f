import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Storage } from "@flyte-ts/core/plugin";
import { storageContract } from "@flyte-ts/core/testing";
import { createGcsStorage, type GcsStorageOptions } from "@flyte-ts/storage";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Emulator, startEmulator } from "../src/emulators/emulator.ts";
import { run } from "../src/python.ts";
import { type FaultySubject, storageFaults } from "../src/storage/storage-faults.ts";
import { storageOperations } from "../src/storage/storage-operations.ts";

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

  const subject: FaultySubject = {
    emulator: () => gcs,
    storage: (options) => storage({ partBytes: 2 ** 18, ...options }),
    requests: {
      head: { method: "GET", path: "/o/[^?]+\\?fields" },
      get: { method: "GET", path: "alt=media" },
      put: { method: "POST", path: "uploadType=multipart" },
      part: { method: "PUT", path: "upload_id=" },
      complete: { method: "PUT", path: "upload_id=", skip: 2 },
      list: { method: "GET", path: "/o\\?prefix" },
      copy: { method: "POST", path: "/rewriteTo/" },
      delete: { method: "DELETE", path: "/o/" },
    },
    bucket: "gs://bucket",
    missingBucket: "gs://none-of-this-name",
    throttled: "gcs-429",
    unavailable: "gcs-503",
    denied: "gcs-403",
    partBytes: 2 ** 18,
  };
  storageFaults(subject);
  storageOperations(subject);

  test("the built package reads with the workload identity of a pod, whose library is inside", async () => {
    const uri = `gs://bucket/${randomUUID()}`;
    await (await storage()).write(uri, Buffer.from("for the pod"));
    const tokens = createServer((request, response) => {
      request.resume();
      response.setHeader("content-type", "application/json");
      const type = "urn:ietf:params:oauth:token-type:access_token";
      response.end(
        JSON.stringify({ access_token: "t", token_type: "Bearer", expires_in: 3600, issued_token_type: type }),
      );
    });
    await new Promise<void>((resolve) => tokens.listen(0, "127.0.0.1", resolve));
    const folder = await mkdtemp(join(tmpdir(), "flyte-ts-gcs-"));
    try {
      const { port } = tokens.address() as AddressInfo;
      await writeFile(join(folder, "token"), "of the pod");
      const identity = {
        type: "external_account",
        audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
        subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
        token_url: `http://127.0.0.1:${port}/token`,
        credential_source: { file: join(folder, "token") },
      };
      await writeFile(join(folder, "identity.json"), JSON.stringify(identity));
      const script = `
        import { storages } from "@flyte-ts/storage";
        for await (const chunk of (await storages.gs()).read("${uri}")) process.stdout.write(chunk);
      `;
      const ended = await run(process.execPath, ["--input-type=module", "--eval", script], {
        cwd: import.meta.dirname,
        env: { GOOGLE_APPLICATION_CREDENTIALS: join(folder, "identity.json"), FLYTE_GCP_ENDPOINT: gcs.endpoint },
      });
      expect(ended).toEqual({ status: 0, stdout: "for the pod", stderr: "" });
    } finally {
      tokens.close();
      await rm(folder, { recursive: true });
    }
  });
});
