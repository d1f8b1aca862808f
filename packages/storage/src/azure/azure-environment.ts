import { FlyteError } from "@flyte-ts/core/plugin";
import type { AzureStorageOptions } from "./azure-options.ts";

/**
 * The options that variables set: Flyte's, as flytekit's `AzureBlobStorageConfig` reads them, then those of adlfs, by which
 * flytekit's containers are set up, too. What `AZURE_CLIENT_ID` and its like set is read by Azure's own chain.
 * @throws FlyteError `InvalidInput` that names the variable.
 */
export function azureOptionsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): AzureStorageOptions {
  const read = (...names: readonly string[]): string | undefined =>
    names.map((name) => environment[name]?.trim()).find((value) => value !== undefined && value !== "");
  const connection = connectionOf(read("AZURE_STORAGE_CONNECTION_STRING"));
  const accountName = read("FLYTE_AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT_NAME") ?? connection.accountName;
  const accountKey = read("FLYTE_AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ACCOUNT_KEY") ?? connection.accountKey;
  const sasToken = read("AZURE_STORAGE_SAS_TOKEN") ?? connection.sasToken;
  const endpoint = read("FLYTE_AZURE_STORAGE_ENDPOINT") ?? connection.endpoint;
  if (endpoint !== undefined && !/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : "")) {
    const right = "http://127.0.0.1:10000/devstoreaccount1 (FLYTE_AZURE_STORAGE_ENDPOINT)";
    throw new FlyteError("InvalidInput", `Azure's endpoint "${endpoint}" is not a URL like ${right}`);
  }
  const secret = {
    tenantId: read("FLYTE_AZURE_TENANT_ID", "AZURE_STORAGE_TENANT_ID"),
    clientId: read("FLYTE_AZURE_CLIENT_ID", "AZURE_STORAGE_CLIENT_ID"),
    clientSecret: read("FLYTE_AZURE_CLIENT_SECRET", "AZURE_STORAGE_CLIENT_SECRET"),
  };
  const { tenantId, clientId, clientSecret } = secret;
  const whole = tenantId !== undefined && clientId !== undefined && clientSecret !== undefined;
  // A tenant or client alone is what a pod with a workload identity has: Azure's chain finds the rest.
  if (clientSecret !== undefined && !whole) {
    const missing = tenantId === undefined ? "FLYTE_AZURE_TENANT_ID" : "FLYTE_AZURE_CLIENT_ID";
    throw new FlyteError("InvalidInput", `FLYTE_AZURE_CLIENT_SECRET is set, but ${missing} is not`);
  }
  return {
    ...(accountName === undefined ? {} : { accountName }),
    ...(accountKey === undefined ? {} : { accountKey }),
    ...(sasToken === undefined ? {} : { sasToken }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(whole ? { clientSecret: { tenantId, clientId, clientSecret } } : {}),
  };
}

/** Takes `AccountName=…;AccountKey=…;BlobEndpoint=…` apart. */
function connectionOf(text: string | undefined): AzureStorageOptions {
  if (text === undefined) return {};
  const values = new Map(
    text.split(";").map((pair) => [pair.slice(0, pair.indexOf("=")).trim(), pair.slice(pair.indexOf("=") + 1).trim()]),
  );
  const found = {
    accountName: values.get("AccountName"),
    accountKey: values.get("AccountKey"),
    sasToken: values.get("SharedAccessSignature"),
    endpoint: values.get("BlobEndpoint"),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined && value !== ""));
}
