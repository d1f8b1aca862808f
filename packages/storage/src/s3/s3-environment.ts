import { FlyteError } from "@flyte-ts/core/plugin";
import type { S3StorageOptions } from "./s3-options.ts";

/** Environment variables by name. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The options that Flyte's variables set, as flytekit's `S3Config` reads them (`flytekit/configuration/internal.py`).
 * All that AWS' own variables and files set is read by the SDK, except what decides the addressing.
 * @throws FlyteError `InvalidInput` that names the variable.
 */
export function s3OptionsFromEnvironment(environment: Environment): S3StorageOptions {
  const read = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const endpoint = read("FLYTE_AWS_ENDPOINT") ?? read("AWS_ENDPOINT_URL_S3") ?? read("AWS_ENDPOINT_URL");
  if (endpoint !== undefined && !/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : "")) {
    throw new FlyteError(
      "InvalidInput",
      `S3's endpoint "${endpoint}" is not a URL like http://minio.flyte:9000 (FLYTE_AWS_ENDPOINT)`,
    );
  }
  const accessKeyId = read("FLYTE_AWS_ACCESS_KEY_ID");
  const secretAccessKey = read("FLYTE_AWS_SECRET_ACCESS_KEY");
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    const [there, missing] = ["FLYTE_AWS_ACCESS_KEY_ID", "FLYTE_AWS_SECRET_ACCESS_KEY"].sort((name) =>
      read(name) === undefined ? 1 : -1,
    );
    throw new FlyteError("InvalidInput", `${there} is set, but ${missing} is not: set both, or neither`);
  }
  // Flytekit takes every value for "virtual"; the one that says the opposite is taken at its word here.
  const addressing = read("FLYTE_AWS_ADDRESSING_STYLE")?.toLowerCase();
  const region = read("AWS_REGION") ?? read("AWS_DEFAULT_REGION");
  const retries = numberOf("FLYTE_AWS_RETRIES", read("FLYTE_AWS_RETRIES"), /^\d+$/, "a whole number such as 3");
  const backoff = numberOf(
    "FLYTE_AWS_BACKOFF_SECONDS",
    read("FLYTE_AWS_BACKOFF_SECONDS"),
    /^\d+(\.\d+)?$/,
    "a number of seconds such as 5",
  );
  const debug = /^(1|true|yes|on)$/i.test(read("FLYTE_AWS_ENABLE_DEBUG") ?? "");
  return {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey } }),
    ...(addressing === undefined ? {} : { addressing: addressing === "path" ? "path" : "virtual" }),
    ...(retries === undefined ? {} : { retries }),
    ...(backoff === undefined ? {} : { backoffMs: backoff * 1000 }),
    ...(debug ? { debug: (line) => void process.stderr.write(`${line}\n`) } : {}),
  };
}

function numberOf(name: string, value: string | undefined, form: RegExp, right: string): number | undefined {
  if (value === undefined) return undefined;
  if (form.test(value)) return Number(value);
  throw new FlyteError("InvalidInput", `${name} is "${value}", where ${right} is needed`);
}
