/**
 * Object stores for flyte-ts: `http:`, `https:` and `s3:`. Importing this loads none of them.
 * @module
 */
import type { Storage, StorageLoader } from "@flyte-ts/core/plugin";
import type { HttpStorageOptions } from "./http/http-options.ts";
import type { S3StorageOptions } from "./s3/s3-options.ts";

export type { HttpStorageOptions } from "./http/http-options.ts";
export type {
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

/** The stores by scheme, each loaded when it is first used. */
export const storages: Readonly<Record<string, StorageLoader>> = {
  http: () => createHttpStorage(),
  https: () => createHttpStorage(),
  s3: () => createS3Storage(),
  s3a: () => createS3Storage(),
};
