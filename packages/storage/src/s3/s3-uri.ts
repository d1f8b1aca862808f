import { FlyteError } from "@flyte-ts/core/plugin";
import type { S3ObjectAddress } from "./s3-client.ts";

/**
 * Splits `s3://bucket/key`. The key is taken as it stands: `%20` is no space, and `?` begins no query.
 * @throws FlyteError `InvalidInput`
 */
export function parseS3Uri(uri: string): S3ObjectAddress {
  const found = /^s3a?:\/\/([^/]+)(?:\/(.*))?$/is.exec(uri);
  if (found?.[1] === undefined) {
    throw new FlyteError("InvalidInput", `"${uri}" is not an S3 URI like s3://bucket/path/of/object`);
  }
  return { bucket: found[1], key: found[2] ?? "" };
}

/**
 * The same for a URI that has to name an object.
 * @throws FlyteError `InvalidInput` for a bucket or a folder.
 */
export function parseObjectUri(uri: string): S3ObjectAddress {
  const address = parseS3Uri(uri);
  if (!isFolder(address)) return address;
  throw new FlyteError(
    "InvalidInput",
    `"${uri}" names a ${address.key === "" ? "bucket" : "folder"}, where an object is needed`,
  );
}

/** True for an address that names a bucket or, by the slash at its end, a folder. */
export function isFolder({ key }: S3ObjectAddress): boolean {
  return key === "" || key.endsWith("/");
}
