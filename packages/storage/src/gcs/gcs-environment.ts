import { FlyteError } from "@flyte-ts/core/plugin";
import type { GcsStorageOptions } from "./gcs-options.ts";

/**
 * The options that variables set. Flyte sets none of its own for credentials (`GCSConfig` of flytekit has only a number
 * for gsutil): pods have a service account, which Google's chain finds. `STORAGE_EMULATOR_HOST` is what Google's clients
 * and gcsfs read, with or without a scheme; no credentials are sent there.
 * @throws FlyteError `InvalidInput` that names the variable.
 */
export function gcsOptionsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): GcsStorageOptions {
  const read = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const own = read("FLYTE_GCP_ENDPOINT");
  const emulator = read("STORAGE_EMULATOR_HOST");
  const given = own ?? (emulator === undefined || /^https?:/.test(emulator) ? emulator : `http://${emulator}`);
  if (given !== undefined && !/^https?:$/.test(URL.canParse(given) ? new URL(given).protocol : "")) {
    const name = own === undefined ? "STORAGE_EMULATOR_HOST" : "FLYTE_GCP_ENDPOINT";
    throw new FlyteError("InvalidInput", `the endpoint "${given}" is not a URL like http://localhost:4443 (${name})`);
  }
  return {
    ...(given === undefined ? {} : { endpoint: given }),
    ...(own === undefined && emulator !== undefined ? { anonymous: true } : {}),
  };
}
