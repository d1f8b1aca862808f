import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { FlyteError } from "../errors/flyte-error.ts";

/**
 * The local path that a `file:` URI or a plain path names.
 * @throws FlyteError `InvalidInput` for a URI of another scheme, or one that is none.
 */
export function localPathOf(uri: string): string {
  if (/^file:/i.test(uri)) {
    try {
      // However many slashes stand there, the path begins behind them; `file://tmp/x` names no host.
      return fileURLToPath(uri.replace(/^file:(\/\/localhost(?=\/))?\/*/i, "file:///"));
    } catch (error) {
      throw new FlyteError("InvalidInput", `"${uri}" is not a file URI: ${(error as Error).message}`, { cause: error });
    }
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(uri) || uri.includes("\0")) {
    throw new FlyteError("InvalidInput", `${JSON.stringify(uri)} is not a path or a file URI`);
  }
  return resolve(uri);
}

/** A file's name as it stands in a URI below `folder`: where that is a `file:` URI, what a URI gives a meaning is encoded. */
export function fileUriName(folder: string, name: string): string {
  return /^file:/i.test(folder) ? name.replace(/[%#?\\\t\n\r]/g, encodeURIComponent) : name;
}
