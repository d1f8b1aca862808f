import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { FlyteError } from "../errors/flyte-error.ts";
import { inParallel } from "./in-parallel.ts";
import type { ObjectStat, Storage, StorageOptions } from "./storage.ts";
import { uniqueName } from "./unique-name.ts";

/** Options of `downloadFile`. */
export interface DownloadFileOptions extends StorageOptions {
  /** The most bytes that are taken; a larger object is a `TooLarge` error. No limit by default. */
  readonly maxBytes?: number;
  /** How many parts of a large object are read at once, 4 by default. */
  readonly concurrency?: number;
  /** What is known of the object, by a listing for instance. With its size and ETag a large one is read in parts. */
  readonly stat?: ObjectStat | undefined;
}

/** Bytes of a part; an object of less than two of them is read in one piece. */
const partBytes = 16 * 2 ** 20;

/**
 * Copies an object into a local file, which appears when it is whole. Bytes go to the disk as they arrive; memory does
 * not grow with the object.
 * @throws FlyteError as `read` does, and `TooLarge`; what the file system throws; the signal's reason.
 */
export async function downloadFile(
  storage: Storage,
  uri: string,
  path: string,
  { maxBytes = Infinity, concurrency = 4, stat, signal }: DownloadFileOptions = {},
): Promise<void> {
  const { size, etag } = stat ?? {};
  if (size !== undefined && size > maxBytes) throw tooLarge(uri, maxBytes);
  const folder = dirname(path);
  const partial = `${path}.${uniqueName()}.part`;
  const file = await open(partial, "wx").catch(async (error: { code?: string }) => {
    if (error.code !== "ENOENT") throw error;
    await mkdir(folder, { recursive: true });
    return open(partial, "wx");
  });
  try {
    if (size === undefined || etag === undefined || size < 2 * partBytes) {
      await fill(file, storage.read(uri, { signal }), 0, maxBytes, uri);
    } else {
      await inParallel(partsOf(size), { limit: concurrency, signal }, async (part, ended) => {
        await fill(file, storage.read(uri, { ...part, etag, signal: ended }), part.start, maxBytes, uri);
      });
    }
    await file.close();
    signal?.throwIfAborted();
    await rename(partial, path);
  } catch (error) {
    await file.close().catch(() => {});
    await rm(partial, { force: true });
    throw error;
  }
}

function* partsOf(size: number): Iterable<{ readonly start: number; readonly end: number }> {
  for (let start = 0; start < size; start += partBytes) yield { start, end: Math.min(size, start + partBytes) };
}

/** Writes chunks into a file from a position on. */
async function fill(
  file: FileHandle,
  chunks: AsyncIterable<Uint8Array>,
  start: number,
  maxBytes: number,
  uri: string,
): Promise<void> {
  let at = start;
  for await (const chunk of chunks) {
    if (at + chunk.byteLength > maxBytes) throw tooLarge(uri, maxBytes);
    for (let written = 0; written < chunk.byteLength; ) {
      const { bytesWritten } = await file.write(chunk, written, chunk.byteLength - written, at + written);
      written += bytesWritten;
    }
    at += chunk.byteLength;
  }
}

/** The error of an object that passes a limit of ours. */
export function tooLarge(uri: string, maxBytes: number): FlyteError {
  return new FlyteError("TooLarge", `${uri} has more than the ${maxBytes} bytes that are allowed`);
}
