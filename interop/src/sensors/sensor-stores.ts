import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StorageRegistry } from "@flyte-ts/core/plugin";
import { createAzureStorage, createGcsStorage, createHttpStorage, createS3Storage } from "@flyte-ts/storage";
import { startEmulator } from "../emulators/emulator.ts";
import { makeBucket, s3Keys } from "../emulators/s3-bucket.ts";

/** A store of one scheme that sensors look into, and what can go wrong with it. */
export interface SensorStore {
  /** A folder's URI, new with every call, with a slash at its end. */
  newFolder(): string;
  /** A file in a bucket that is not there; undefined where a store has none. */
  readonly noBucket: string | undefined;
  readonly storage: StorageRegistry;
  /** Puts a file there, or something else in its place. */
  put(uri: string, text: string): Promise<void>;
  /** From now on every request is refused, or answered with a fault that passes. */
  fail(how: "denied" | "down"): Promise<void>;
  mend(): Promise<void>;
  /** How many requests have come since `mend`. */
  requests(): Promise<number>;
  /** False for web servers. */
  readonly lists: boolean;
  stop(): Promise<void>;
}

/** Starts a store for sensors. Faults are repeated fast, so that a poll that meets one is over soon. */
export type StartStore = () => Promise<SensorStore>;

const retries = { backoffMs: 5 };
const account = {
  accountName: "devstoreaccount1",
  // Azurite's documentation publishes it.
  accountKey: "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
};

/** A store in an emulator, behind its proxy. */
async function emulated(
  name: "versitygw" | "gcs" | "azurite",
  scheme: string,
  presets: { readonly denied: string; readonly down: string },
  prepare: (direct: string, endpoint: string) => Promise<unknown>,
  storageAt: (endpoint: string) => ReturnType<typeof createS3Storage>,
): Promise<SensorStore> {
  const emulator = await startEmulator(name, name === "gcs" ? { fixes: "gcs" } : {});
  await prepare(emulator.direct, emulator.endpoint);
  const storage = new StorageRegistry();
  const made = await storageAt(emulator.endpoint);
  // Files are put there past the proxy: its faults are the sensor's.
  const direct = name === "gcs" ? made : await storageAt(emulator.direct);
  storage.register(scheme, async () => made);
  return {
    storage,
    lists: true,
    newFolder: () => `${scheme}://bucket/${randomUUID()}/`,
    noBucket: `${scheme}://none-of-this-name/file`,
    put: (uri, text) => direct.write(uri, Buffer.from(text)),
    fail: (how) => emulator.faults.add({ path: "bucket", times: 0, do: "answer", preset: presets[how] }),
    mend: () => emulator.faults.clear(),
    requests: async () => (await emulator.faults.log()).length,
    stop: () => emulator.stop(),
  };
}

/** A web server that has what was put there. */
async function webServer(): Promise<SensorStore> {
  const files = new Map<string, { readonly text: string; readonly at: Date }>();
  let status: number | undefined;
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    const file = files.get(request.url ?? "");
    if (status !== undefined) return response.writeHead(status).end();
    if (file === undefined) return response.writeHead(404).end();
    response.writeHead(200, {
      "content-length": Buffer.byteLength(file.text),
      "last-modified": file.at.toUTCString(),
      etag: `"${file.at.getTime()}-${file.text.length}"`,
    });
    return response.end(request.method === "HEAD" ? undefined : file.text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const storage = new StorageRegistry();
  const made = await createHttpStorage(retries);
  storage.register("http", async () => made);
  return {
    storage,
    lists: false,
    newFolder: () => `${origin}/${randomUUID()}/`,
    noBucket: undefined,
    put: async (uri, text) => void files.set(new URL(uri).pathname, { text, at: new Date() }),
    fail: async (how) => {
      status = how === "denied" ? 403 : 503;
    },
    mend: async () => {
      status = undefined;
      requests = 0;
    },
    requests: async () => requests,
    stop: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The local file system. Root may look everywhere, so a name that no file can have stands in for one that is refused. */
async function localFiles(): Promise<SensorStore> {
  const folder = await mkdtemp(join(tmpdir(), "flyte-ts-sensor-"));
  const storage = new StorageRegistry();
  const files = await storage.storageFor(folder);
  let broken: "EACCES" | "EIO" | undefined;
  let requests = 0;
  const { FlyteError } = await import("@flyte-ts/core");
  const look = (): void => {
    requests++;
    if (broken === "EACCES") throw new FlyteError("PermissionDenied", "EACCES: permission denied");
    if (broken === "EIO") throw new FlyteError("Unavailable", "EIO: i/o error");
  };
  storage.register("file", async () => ({
    stat: async (uri, options) => {
      look();
      return files.stat(uri, options);
    },
    list: (prefix, options) => {
      look();
      return files.list(prefix, options);
    },
    read: (uri, options) => files.read(uri, options),
    write: (uri, body, options) => files.write(uri, body, options),
    copy: (from, to, options) => files.copy(from, to, options),
    delete: (uri, options) => files.delete(uri, options),
  }));
  return {
    storage,
    lists: true,
    newFolder: () => `file://${folder}/${randomUUID()}/`,
    noBucket: undefined,
    put: (uri, text) => files.write(uri, Buffer.from(text)),
    fail: async (how) => {
      broken = how === "denied" ? "EACCES" : "EIO";
    },
    mend: async () => {
      broken = undefined;
      requests = 0;
    },
    requests: async () => requests,
    stop: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A store of each scheme, by its name. */
export const sensorStores: Readonly<Record<"file" | "http" | "s3" | "gs" | "abfs", StartStore>> = {
  file: localFiles,
  http: webServer,
  s3: () =>
    emulated(
      "versitygw",
      "s3",
      { denied: "s3-403", down: "s3-500" },
      (endpoint) => makeBucket(endpoint, "bucket"),
      (endpoint) => createS3Storage({ endpoint, region: "us-east-1", credentials: s3Keys, ...retries }),
    ),
  gs: () =>
    emulated(
      "gcs",
      "gs",
      { denied: "gcs-403", down: "gcs-503" },
      (_, endpoint) => {
        const headers = { "content-type": "application/json" };
        return fetch(`${endpoint}/storage/v1/b?project=p`, { method: "POST", headers, body: '{"name":"bucket"}' });
      },
      (endpoint) => createGcsStorage({ endpoint, anonymous: true, ...retries }),
    ),
  abfs: () =>
    emulated(
      "azurite",
      "abfs",
      { denied: "az-403", down: "az-timeout" },
      async (direct) => {
        const { BlobServiceClient, StorageSharedKeyCredential } = await import("@azure/storage-blob");
        const credential = new StorageSharedKeyCredential(account.accountName, account.accountKey);
        return new BlobServiceClient(`${direct}/${account.accountName}`, credential).createContainer("bucket");
      },
      (endpoint) => createAzureStorage({ endpoint: `${endpoint}/${account.accountName}`, ...account, ...retries }),
    ),
};
