import { FlyteError } from "@flyte-ts/core/plugin";
import type { ObjectAddress } from "../objects/object-client.ts";

/**
 * Splits `gs://bucket/key` (`gcs:`, too). The key is taken as it stands: `%20` is no space, and `?` begins no query.
 * @throws FlyteError `InvalidInput`
 */
export function parseGcsUri(uri: string): ObjectAddress {
  const found = /^(gc?s:\/\/)([^/]+)(?:\/(.*))?$/is.exec(uri);
  const [, scheme, container, key = ""] = found ?? [];
  if (scheme === undefined || container === undefined) {
    throw new FlyteError("InvalidInput", `"${uri}" is not a URI like gs://bucket/path/of/object`);
  }
  return { root: `${scheme}${container}/`, container, key };
}
