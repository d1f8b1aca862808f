import { FlyteError } from "@flyte-ts/core/plugin";
import type { Entry, ZipFile } from "yauzl";
import { type ArchiveEntry, EntryChooser } from "./entries.ts";
import { type UnpackGuard, writeEntry } from "./limits.ts";

/** What unpacking an archive needs. */
export interface UnpackContext {
  /** The archive's name for messages. */
  readonly archive: string;
  readonly guard: UnpackGuard;
  readonly signal: AbortSignal;
}

/**
 * Unpacks the one file of a zip archive into `target`. The list of entries is read and checked before a byte is written.
 * @throws FlyteError `InvalidInput`, `TooLarge`, `Unsupported` (encrypted).
 */
export async function unpackZip(
  path: string,
  target: string,
  { archive, guard, signal }: UnpackContext,
): Promise<void> {
  const zip = await opened(path, archive);
  try {
    const chosen = await chooseEntry(zip, archive, guard);
    const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
      zip.openReadStream(chosen, (error, opened) => (error === null ? resolve(opened) : reject(error)));
    });
    await writeEntry(stream, target, `"${chosen.fileName}"`, guard, signal);
  } catch (error) {
    throw signal.aborted ? signal.reason : unreadable(archive, error);
  } finally {
    zip.close();
  }
}

async function opened(path: string, archive: string): Promise<ZipFile> {
  const { open } = await import("yauzl");
  return new Promise((resolve, reject) => {
    open(path, { lazyEntries: true, autoClose: false }, (error, zip) => {
      if (error === null) resolve(zip);
      else reject(unreadable(archive, error));
    });
  });
}

function chooseEntry(zip: ZipFile, archive: string, guard: UnpackGuard): Promise<Entry> {
  const chooser = new EntryChooser(archive);
  let chosen: Entry | undefined;
  return new Promise((resolve, reject) => {
    zip.on("error", reject);
    zip.on("entry", (entry: Entry) => {
      try {
        if (chooser.accept(described(entry))) {
          if (entry.isEncrypted())
            throw new FlyteError("Unsupported", `${archive}: the entry "${entry.fileName}" is encrypted`);
          guard.check(entry.uncompressedSize, `"${entry.fileName}"`);
          chosen = entry;
        }
        zip.readEntry();
      } catch (error) {
        reject(error);
      }
    });
    zip.on("end", () => {
      if (chosen === undefined) reject(chooser.none());
      else resolve(chosen);
    });
    zip.readEntry();
  });
}

/** The upper half of the external attributes is a Unix mode (APPNOTE 4.4.15); 0 where the packer wrote none. */
function described(entry: Entry): ArchiveEntry {
  const name = entry.fileName;
  if (name.endsWith("/")) return { name, kind: "folder" };
  const type = (entry.externalFileAttributes >>> 16) & 0o170000;
  if (type === 0 || type === 0o100000) return { name, kind: "file" };
  return { name, kind: type === 0o120000 ? "link" : type === 0o040000 ? "folder" : "other" };
}

function unreadable(archive: string, error: unknown): FlyteError {
  if (FlyteError.is(error)) return error;
  const { message } = error as Error;
  const leaving = /^(?:invalid relative path|absolute path|invalid characters in fileName): (.*)$/s.exec(message);
  const text =
    leaving === null
      ? `the zip archive cannot be read: ${message}`
      : `the entry ${JSON.stringify(leaving[1])} leaves the folder that it is unpacked into`;
  return new FlyteError("InvalidInput", `${archive}: ${text}`, { cause: error });
}
