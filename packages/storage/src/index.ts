/**
 * Object stores for flyte-ts: `s3:`, `gs:`, `abfs:`, `http:`, `https:` and `memory:`. Importing this loads none of them.
 * @module
 */
import type { Storage, StorageLoader } from "@flyte-ts/core/plugin";
import type { AzureStorageOptions } from "./azure/azure-options.ts";
import type { GcsStorageOptions } from "./gcs/gcs-options.ts";
import type { HttpStorageOptions } from "./http/http-options.ts";
import type { MemoryStorageOptions } from "./memory/memory-options.ts";
import type { S3StorageOptions } from "./s3/s3-options.ts";

export type { AzureClientSecret, AzureStorageOptions } from "./azure/azure-options.ts";
export type { GcsCredentials, GcsStorageOptions } from "./gcs/gcs-options.ts";
export type { HttpStorageOptions } from "./http/http-options.ts";
export type { MemoryStorageOptions } from "./memory/memory-options.ts";
export type {
  CopiedPart,
  CopiesInParts,
  ListedObject,
  ListPage,
  ObjectAddress,
  ObjectClient,
  ObjectHead,
  ObjectPart,
  ObjectReadAnswer,
  ObjectReadRequest,
  ObjectWrite,
  UploadedPart,
} from "./objects/object-client.ts";
export type { ObjectStorageOptions } from "./objects/object-options.ts";
export type { S3Credentials, S3StorageOptions } from "./s3/s3-options.ts";
export type { RetryOptions } from "./transfer/retry.ts";

/** A store that reads `http:` and `https:` URLs; it cannot write or list. */
export async function createHttpStorage(options: HttpStorageOptions = {}): Promise<Storage> {
  const { HttpStorage } = await import("./http/http-storage.ts");
  return new HttpStorage(options);
}

/**
 * A store of `s3://bucket/key` (and `s3a:`) URIs. What `options` leaves out comes from the environment: `FLYTE_AWS_*`,
 * then `AWS_*` and what else AWS' own tools read.
 * @throws FlyteError `InvalidInput` that names the variable or option whose value cannot be used.
 */
export async function createS3Storage(options: S3StorageOptions = {}): Promise<Storage> {
  const [{ s3Storage }, { s3OptionsFromEnvironment }] = await Promise.all([
    import("./s3/s3-storage.ts"),
    import("./s3/s3-environment.ts"),
  ]);
  return s3Storage({ ...s3OptionsFromEnvironment(process.env), ...options });
}

/**
 * A store of `gs://bucket/key` (and `gcs:`) URIs. What `options` leaves out comes from the environment: Google's default
 * chain of credentials, and `STORAGE_EMULATOR_HOST`.
 * @throws FlyteError `InvalidInput` that names the variable or option whose value cannot be used.
 */
export async function createGcsStorage(options: GcsStorageOptions = {}): Promise<Storage> {
  const [{ gcsStorage }, { gcsOptionsFromEnvironment }] = await Promise.all([
    import("./gcs/gcs-storage.ts"),
    import("./gcs/gcs-environment.ts"),
  ]);
  return gcsStorage({ ...gcsOptionsFromEnvironment(process.env), ...options });
}

/**
 * A store of `abfs://container/key` and `abfs://container@account.dfs.core.windows.net/key` URIs (and `abfss:`, `az:`,
 * `wasb:`, `wasbs:`). What `options` leaves out comes from the environment: `FLYTE_AZURE_*`, then `AZURE_STORAGE_*`, then
 * Azure's default chain of credentials.
 * @throws FlyteError `InvalidInput` that names the variable or option whose value cannot be used.
 */
export async function createAzureStorage(options: AzureStorageOptions = {}): Promise<Storage> {
  const [{ azureStorage }, { azureOptionsFromEnvironment }] = await Promise.all([
    import("./azure/azure-storage.ts"),
    import("./azure/azure-environment.ts"),
  ]);
  return azureStorage({ ...azureOptionsFromEnvironment(process.env), ...options });
}

/** A store in this process's memory, of `memory://container/key` URIs, for tests. Each call makes an empty one. */
export async function createMemoryStorage(options: MemoryStorageOptions = {}): Promise<Storage> {
  const { MemoryStorage } = await import("./memory/memory-storage.ts");
  return new MemoryStorage(options);
}

/** The stores by scheme, each loaded when it is first used. */
export const storages: Readonly<Record<string, StorageLoader>> = {
  abfs: () => createAzureStorage(),
  abfss: () => createAzureStorage(),
  az: () => createAzureStorage(),
  gcs: () => createGcsStorage(),
  gs: () => createGcsStorage(),
  http: () => createHttpStorage(),
  https: () => createHttpStorage(),
  memory: () => createMemoryStorage(),
  s3: () => createS3Storage(),
  s3a: () => createS3Storage(),
  wasb: () => createAzureStorage(),
  wasbs: () => createAzureStorage(),
};
