import { stat } from "node:fs/promises";
import { FlyteError } from "@flyte-ts/core/plugin";
import { defaultLimits, UnpackGuard, type UnpackLimits } from "./limits.ts";
import { fileKind } from "./sniff.ts";
import { unpackTar } from "./unpack-tar.ts";
import { unpackZip } from "./unpack-zip.ts";

/** What is unpacked, for messages. */
const readable = "zip, tar, tar.gz, tar.bz2 or tar.xz";

/**
 * Unpacks an archive's one file into `target`: zip, tar, and tar or a single file in gzip, bzip2 or xz. Nothing is ever written
 * under an entry's own name. Entries may stand in folders; what macOS adds does not count.
 * @param options.archive the archive's name for messages.
 * @throws FlyteError `InvalidInput` for what is no archive, one with no file or several, links, names that leave their
 * folder; `TooLarge` for one that unpacks beyond the limits; `Unsupported` for other compressions. Nothing is left then.
 */
export async function unpackArchive(
  path: string,
  target: string,
  options: { readonly archive: string; readonly signal: AbortSignal; readonly limits?: UnpackLimits },
): Promise<void> {
  const { archive, signal, limits = defaultLimits } = options;
  const guard = new UnpackGuard(archive, (await stat(path)).size, limits);
  const kind = await fileKind(path);
  switch (kind) {
    case "zip":
      return unpackZip(path, target, { archive, guard, signal });
    case "tar":
    case "gzip":
    case "bzip2":
    case "xz":
      return unpackTar(path, target, { archive, guard, signal, compression: kind === "tar" ? "none" : kind });
    case "sqlite":
      throw new FlyteError(
        "InvalidInput",
        `${archive} is an SQLite database already, no archive; set compressed to false`,
      );
    case "empty":
      throw new FlyteError("InvalidInput", `${archive} is empty; it must be an archive: ${readable}`);
    case "unknown":
      throw new FlyteError(
        "InvalidInput",
        `${archive} is no archive (by its first bytes); it must be one: ${readable}`,
      );
    default:
      throw new FlyteError("Unsupported", `${archive} is packed with ${kind}, which is not read here; use ${readable}`);
  }
}
