import { constants, gzipSync } from "node:zlib";
import type { NamedBytes } from "./registration-files.ts";
import { tar } from "./tar.ts";

/** Where the gzip header names the system that compressed. */
const gzipSystem = 9;

/**
 * A gzipped tar archive of files: equal files give equal bytes. No time, no owner and no system is in it, and the files
 * stand in the order of their names.
 */
export function tarGz(files: readonly NamedBytes[]): Uint8Array {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  const zipped = gzipSync(tar(sorted), { level: constants.Z_BEST_COMPRESSION });
  zipped[gzipSystem] = 255;
  return zipped;
}
