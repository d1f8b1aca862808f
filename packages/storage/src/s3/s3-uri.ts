import { FlyteError } from "@flyte-ts/core/plugin";
import type { ObjectAddress } from "../objects/object-client.ts";

/**
 * Splits `s3://bucket/key`. The key is taken as it stands: `%20` is no space, and `?` begins no query.
 * @throws FlyteError `InvalidInput`
 */
export function parseS3Uri(uri: string): ObjectAddress {
  const found = /^(s3a?:\/\/)([^/]+)(?:\/(.*))?$/is.exec(uri);
  const [, scheme, container, key = ""] = found ?? [];
  if (scheme === undefined || container === undefined) {
    throw new FlyteError("InvalidInput", `"${uri}" is not an S3 URI like s3://bucket/path/of/object`);
  }
  return { root: `${scheme}${container}/`, container, key };
}
