import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { FlyteError } from "../errors/flyte-error.ts";
import type { ObjectStat, ReadOptions, Storage, StorageOptions, WriteBody, WriteOptions } from "./storage.ts";

/** The local path that a `file:` URI or a plain path names. */
export function localPathOf(uri: string): string {
  if (!/^file:/i.test(uri)) return resolve(uri);
  try {
    return fileURLToPath(uri.replace(/^file:\/*/i, "file:///"));
  } catch (error) {
    throw new FlyteError("InvalidInput", `"${uri}" is not a file URI: ${(error as Error).message}`, { cause: error });
  }
}

/** The local file system, by `file:` URIs and plain paths. */
export class FileStorage implements Storage {
  async stat(uri: string): Promise<ObjectStat | undefined> {
    const path = localPathOf(uri);
    try {
      const found = await stat(path);
      if (!found.isFile()) return undefined;
      const etag = `${found.mtimeMs}-${found.size}-${found.ino}`;
      return { uri, size: found.size, modified: found.mtime, etag };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw mapped(error, path);
    }
  }

  async *read(uri: string, { start, end, signal }: ReadOptions = {}): AsyncIterable<Uint8Array> {
    const path = localPathOf(uri);
    if (end !== undefined && end <= (start ?? 0)) return;
    const stream = createReadStream(path, {
      highWaterMark: 1 << 18,
      ...(start === undefined ? {} : { start }),
      ...(end === undefined ? {} : { end: end - 1 }),
      ...(signal === undefined ? {} : { signal }),
    });
    try {
      yield* stream as AsyncIterable<Uint8Array>;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw mapped(error, path);
    }
  }

  async write(uri: string, body: WriteBody, { signal }: WriteOptions = {}): Promise<void> {
    const path = localPathOf(uri);
    const partial = join(dirname(path), `.${process.pid}.${Math.random().toString(36).slice(2)}.part`);
    try {
      await mkdir(dirname(path), { recursive: true });
      const source = body instanceof Uint8Array ? Readable.from([body]) : Readable.from(body);
      await pipeline(source, createWriteStream(partial), { ...(signal === undefined ? {} : { signal }) });
      await rename(partial, path);
    } catch (error) {
      await rm(partial, { force: true }).catch(() => {});
      if (signal?.aborted) throw signal.reason;
      throw mapped(error, path);
    }
  }

  async *list(prefix: string): AsyncIterable<ObjectStat> {
    const root = localPathOf(prefix);
    let entries: string[];
    try {
      entries = (await readdir(root, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
    } catch (error) {
      if (isMissing(error)) return;
      throw mapped(error, root);
    }
    for (const name of entries.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
      const found = await this.stat(`${prefix.replace(/\/+$/, "")}/${name}`);
      if (found !== undefined) yield found;
    }
  }

  async delete(uri: string, _options?: StorageOptions): Promise<void> {
    const path = localPathOf(uri);
    await rm(path, { force: true }).catch((error: unknown) => {
      throw mapped(error, path);
    });
  }
}

const isMissing = (error: unknown): boolean => ["ENOENT", "ENOTDIR"].includes((error as { code?: string }).code ?? "");

/** A file system's error in our words; errors that are ours already pass. */
function mapped(error: unknown, path: string): unknown {
  const options = { cause: error };
  switch ((error as { code?: string }).code) {
    case "ENOENT":
    case "ENOTDIR":
      return new FlyteError("NotFound", `there is no file ${path}`, options);
    case "EISDIR":
      return new FlyteError("InvalidInput", `${path} is a folder, where a file is needed`, options);
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new FlyteError("PermissionDenied", `${path} may not be accessed (${(error as Error).message})`, options);
    case "ENOSPC":
    case "EMFILE":
    case "EIO":
      return new FlyteError("Unavailable", `${path}: ${(error as Error).message}`, options);
    default:
      return error;
  }
}
