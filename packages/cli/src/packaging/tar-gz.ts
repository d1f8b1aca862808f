import { buffer } from "node:stream/consumers";
import { constants, gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import type { NamedBytes } from "./registration-files.ts";

/** Where the gzip header names the system that compressed. */
const gzipSystem = 9;

/**
 * A gzipped tar archive of files: equal files give equal bytes. No time, no owner and no system is in it, and the files
 * stand in the order of their names.
 */
export async function tarGz(files: readonly NamedBytes[]): Promise<Uint8Array> {
  const archive = pack();
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, bytes } of sorted) {
    archive.entry({ name, mtime: new Date(0), mode: 0o644, uid: 0, gid: 0 }, Buffer.from(bytes));
  }
  archive.finalize();
  const zipped = gzipSync(await buffer(archive), { level: constants.Z_BEST_COMPRESSION });
  zipped[gzipSystem] = 255;
  return zipped;
}
