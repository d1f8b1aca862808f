import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { FlyteError } from "../errors/flyte-error.ts";
import { downloadFile } from "./download-file.ts";
import { fileSystemError } from "./file-system-error.ts";
import { inParallel } from "./in-parallel.ts";
import type { ObjectStat, Storage, StorageOptions, WriteOptions } from "./storage.ts";
import { joinUri } from "./uri.ts";

/** Options of `uploadFolder` and `downloadFolder`. */
export interface FolderOptions extends StorageOptions {
  /** How many files are on their way at once, 32 by default; fewer where they are large. */
  readonly concurrency?: number;
}

/** What was copied. */
export interface Transferred {
  readonly files: number;
  readonly bytes: number;
}

/** A file of at most this many bytes is read at once and sent as one object. */
const smallBytes = 2 ** 20;

/** What a large file may hold in memory while it is sent: the parts that are on their way. */
const largeBytes = 40 * 2 ** 20;

/** What all files that are on their way may hold in memory together. */
const memoryBytes = 160 * 2 ** 20;

/**
 * Copies a local file to a URI, whole or not at all.
 * @throws FlyteError as `write` does, and `NotFound` or `PermissionDenied` for the file; the signal's reason.
 */
export async function uploadFile(
  storage: Storage,
  path: string,
  uri: string,
  options: WriteOptions = {},
): Promise<number> {
  const { size } = await stat(path).catch((error: unknown) => {
    throw fileSystemError(error, path);
  });
  return uploadKnown(storage, path, size, uri, options);
}

async function uploadKnown(
  storage: Storage,
  path: string,
  size: number,
  uri: string,
  options: WriteOptions,
): Promise<number> {
  const bytes = size > smallBytes ? undefined : await smallFile(path, size);
  if (bytes !== undefined) {
    await storage.write(uri, bytes, options);
    return bytes.byteLength;
  }
  await storage.write(uri, createReadStream(path, { highWaterMark: 2 ** 20 }), options);
  return size;
}

/** The bytes of a file, read at once; undefined where it is not of this size any more. */
async function smallFile(path: string, size: number): Promise<Uint8Array | undefined> {
  const file = await open(path).catch((error: unknown) => {
    throw fileSystemError(error, path);
  });
  try {
    // One byte more than there should be, to see the end.
    const buffer = Buffer.allocUnsafeSlow(size + 1);
    const { bytesRead } = await file.read(buffer, 0, size + 1, 0);
    return bytesRead === size ? buffer.subarray(0, size) : undefined;
  } finally {
    await file.close();
  }
}

/**
 * Copies all files below a local folder to below `folder`, several at once. Links to files are copied as files, those to
 * folders are left out, for they can lead round in circles. An error ends it; what was copied until then stays.
 * @throws FlyteError as `write` does; the signal's reason.
 */
export async function uploadFolder(
  storage: Storage,
  root: string,
  folder: string,
  { concurrency = 32, signal }: FolderOptions = {},
): Promise<Transferred> {
  const done = { files: 0, bytes: 0 };
  const cost = ({ size }: LocalFile): number => (size > smallBytes ? Math.min(2 * size, largeBytes) : size);
  const parallel = { limit: concurrency, cost, budget: memoryBytes, signal };
  await inParallel(filesBelow(root, ""), parallel, async ({ path, name, size }, ended) => {
    const sent = await uploadKnown(storage, path, size, joinUri(folder, name), { signal: ended });
    done.bytes += sent;
    done.files++;
  });
  return done;
}

/**
 * Copies all objects below a folder into a local one, several at once, while they are listed. Each file appears when it
 * is whole; an error ends it, and what was copied until then stays.
 * @throws FlyteError as `read` does, and `InvalidInput` for an object whose name leads out of the folder.
 */
export async function downloadFolder(
  storage: Storage,
  folder: string,
  root: string,
  { concurrency = 32, signal }: FolderOptions = {},
): Promise<Transferred> {
  const done = { files: 0, bytes: 0 };
  const prefix = `${folder.replace(/\/+$/, "")}/`;
  const target = resolve(root);
  // A large object is read over several connections at once, and counts as so many.
  const cost = ({ size = 0 }: ObjectStat): number => (size > largeBytes ? 4 : 1);
  const parallel = { limit: concurrency, cost, budget: concurrency, signal };
  await inParallel(storage.list(prefix, { signal }), parallel, async (found, ended) => {
    const path = join(target, found.uri.slice(prefix.length));
    // An object store takes any key: "a/../../x" must not leave the folder.
    if (!path.startsWith(target + sep)) {
      throw new FlyteError("InvalidInput", `${found.uri} would be written outside of ${target}`);
    }
    await downloadFile(storage, found.uri, path, { stat: found, signal: ended });
    done.files++;
    done.bytes += found.size ?? 0;
  });
  return done;
}

/** A file below a folder. */
interface LocalFile {
  readonly path: string;
  /** Its name in the folder, with slashes. */
  readonly name: string;
  readonly size: number;
}

async function* filesBelow(root: string, folder: string): AsyncIterable<LocalFile> {
  const path = join(root, folder);
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    throw fileSystemError(error, path);
  });
  for (const entry of entries) {
    const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(root, name);
    else if (entry.isFile() || entry.isSymbolicLink()) {
      const found = await stat(join(root, name)).catch((cause: unknown) => {
        if (!entry.isSymbolicLink()) throw fileSystemError(cause, join(root, name));
        const message = `${join(root, name)} is a link to something that is not there`;
        throw new FlyteError("NotFound", message, { cause });
      });
      if (found.isFile()) yield { path: join(root, name), name, size: found.size };
    }
  }
}
