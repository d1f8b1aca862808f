import { FlyteError } from "@flyte-ts/core/plugin";
import type { ObjectAddress } from "../objects/object-client.ts";

/**
 * Splits `abfs://container/key`, `abfs://container@account.dfs.core.windows.net/key` and the same with `abfss:`, `az:`,
 * `wasb:`, `wasbs:`. An account's host becomes that of its blob service. The key is taken as it stands.
 * @throws FlyteError `InvalidInput`
 */
export function parseAzureUri(uri: string): ObjectAddress {
  const found = /^((?:abfss?|az|wasbs?):\/\/)([^/@]+)(@[^/]+)?(?:\/(.*))?$/is.exec(uri);
  const [, scheme, container, host = "", key = ""] = found ?? [];
  if (scheme === undefined || container === undefined) {
    const right = "abfs://container/path/of/object or abfs://container@account.dfs.core.windows.net/path/of/object";
    throw new FlyteError("InvalidInput", `"${uri}" is not a URI like ${right}`);
  }
  const root = `${scheme}${container}${host}/`;
  const account =
    host === ""
      ? undefined
      : host
          .slice(1)
          .toLowerCase()
          .replace(/^([^.]+)\.dfs\./, "$1.blob.");
  return { root, container, key, account };
}
