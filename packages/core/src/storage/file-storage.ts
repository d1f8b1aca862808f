import { constants, createReadStream } from "node:fs";
import { copyFile, link, mkdir, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FlyteError } from "../errors/flyte-error.ts";
import { abortable } from "./abortable.ts";
import { listFiles } from "./file-listing.ts";
import { fileSystemError, isMissing } from "./file-system-error.ts";
import { localPathOf } from "./local-path.ts";
import type {
  ListOptions,
  ObjectStat,
  ReadOptions,
  Storage,
  StorageOptions,
  WriteBody,
  WriteOptions,
} from "./storage.ts";
import { uniqueName } from "./unique-name.ts";

export { localPathOf } from "./local-path.ts";

/** The local file system, by `file:` URIs and plain paths. */
export class FileStorage implements Storage {
  async stat(uri: string, { signal }: StorageOptions = {}): Promise<ObjectStat | undefined> {
    signal?.throwIfAborted();
    const path = localPathOf(uri);
    // `resolve` drops the slash by which a URI says that it names a folder.
    if (uri.endsWith("/")) return undefined;
    try {
      const found = await stat(path);
      if (!found.isFile()) return undefined;
      return { uri, size: found.size, modified: found.mtime, etag: etagOf(found) };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw fileSystemError(error, path);
    }
  }

  async *read(uri: string, { start, end, etag, signal }: ReadOptions = {}): AsyncIterable<Uint8Array> {
    signal?.throwIfAborted();
    const path = objectPath(uri);
    if (end !== undefined && end <= (start ?? 0)) return;
    const options = {
      highWaterMark: 1 << 18,
      ...(start === undefined ? {} : { start }),
      ...(end === undefined ? {} : { end: end - 1 }),
      ...(signal === undefined ? {} : { signal }),
    };
    try {
      const stream = etag === undefined ? createReadStream(path, options) : await openedVersion(path, etag, options);
      yield* stream as AsyncIterable<Uint8Array>;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw fileSystemError(error, path);
    }
  }

  async write(uri: string, body: WriteBody, { signal, ifAbsent = false }: WriteOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const path = objectPath(uri);
    // The body's own errors are thrown as they are; only those of the file system are of this path.
    let broken: { readonly error: unknown } | undefined;
    async function* source(): AsyncIterable<Uint8Array> {
      try {
        if (body instanceof Uint8Array) yield body;
        else yield* abortable(body, signal);
      } catch (error) {
        broken = { error };
        throw error;
      }
    }
    try {
      await whole(path, ifAbsent, (partial) => writeFile(partial, source(), signal === undefined ? {} : { signal }));
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw broken === undefined ? fileSystemError(error, path) : broken.error;
    }
  }

  async *list(prefix: string, { startsWith = "", signal }: ListOptions = {}): AsyncIterable<ObjectStat> {
    signal?.throwIfAborted();
    for await (const uri of listFiles(prefix, startsWith)) {
      signal?.throwIfAborted();
      const found = await this.stat(uri);
      if (found !== undefined) yield found;
    }
  }

  async copy(from: string, to: string, { signal }: StorageOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const [source, path] = [objectPath(from), objectPath(to)];
    if ((await this.stat(from)) === undefined) throw new FlyteError("NotFound", `there is no file ${source}`);
    if (source === path) return;
    try {
      await whole(path, false, (partial) => copyFile(source, partial, constants.COPYFILE_FICLONE));
    } catch (error) {
      throw fileSystemError(error, path);
    }
  }

  async delete(uri: string, { signal }: StorageOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const path = objectPath(uri);
    await rm(path, { force: true }).catch((error: unknown) => {
      if (!isMissing(error)) throw fileSystemError(error, path);
    });
  }
}

/** Fills a file of another name, which then takes its place; after an error nothing of it is left. */
async function whole(path: string, ifAbsent: boolean, fill: (partial: string) => Promise<void>): Promise<void> {
  const folder = dirname(path);
  const partial = join(folder, `.flyte-ts-${uniqueName()}.part`);
  try {
    await mkdir(folder, { recursive: true });
    await fill(partial);
    // A link is refused where there is a file; a new name would take its place.
    if (ifAbsent) await link(partial, path);
    else await rename(partial, path);
  } catch (error) {
    const taken = ifAbsent && (error as { syscall?: string }).syscall === "link";
    if (taken && (error as { code?: string }).code === "EEXIST") {
      throw new FlyteError("AlreadyExists", `there is a file ${path} already`, { cause: error });
    }
    throw error;
  } finally {
    await rm(partial, { force: true }).catch(() => {});
  }
}

/** The bytes of a file, if it is this version of it. */
async function openedVersion(
  path: string,
  etag: string,
  options: Parameters<Awaited<ReturnType<typeof open>>["createReadStream"]>[0],
): Promise<AsyncIterable<Uint8Array>> {
  const file = await open(path);
  if (etagOf(await file.stat()) === etag) return file.createReadStream(options);
  await file.close();
  throw new FlyteError("Unavailable", `${path} is another by now than the one that was asked for`);
}

function etagOf({ mtimeMs, size, ino }: { mtimeMs: number; size: number; ino: number }): string {
  return `${mtimeMs}-${size}-${ino}`;
}

/** The path of a URI that has to name a file. */
function objectPath(uri: string): string {
  const path = localPathOf(uri);
  if (uri.endsWith("/")) throw new FlyteError("InvalidInput", `"${uri}" names a folder, where a file is needed`);
  return path;
}
