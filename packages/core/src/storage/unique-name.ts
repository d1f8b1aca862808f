import { joinUri } from "./uri.ts";

/**
 * A name that no other has: 32 hexadecimal digits. It need not be a secret, so it does without `node:crypto`, whose
 * loading would cost every container several milliseconds.
 */
export function uniqueName(): string {
  const part = (): string =>
    Math.floor(Math.random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return part() + part() + part() + part();
}

/** A new URI below a raw output prefix: `<prefix>/<32 hex>`, with `/<name>` if one is given, as flytekit's. */
export function outputUri(prefix: string, name?: string): string {
  const folder = joinUri(prefix, uniqueName());
  return name === undefined ? folder : joinUri(folder, name);
}
