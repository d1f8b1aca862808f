import { createReadStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { FlyteError } from "../errors/flyte-error.ts";
import { abortable } from "./abortable.ts";
import { fileSystemError, isMissing } from "./file-system-error.ts";
import { fileUriName, localPathOf } from "./local-path.ts";
import type { ObjectStat, ReadOptions, Storage, StorageOptions, WriteBody, WriteOptions } from "./storage.ts";
import { uniqueName } from "./unique-name.ts";

export { localPathOf } from "./local-path.ts";

/** Names of files that are being written; listings leave them out. */
const partialName = /^\.flyte-ts-[0-9a-f]{32}\.part$/;

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
      const etag = `${found.mtimeMs}-${found.size}-${found.ino}`;
      return { uri, size: found.size, modified: found.mtime, etag };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw fileSystemError(error, path);
    }
  }

  async *read(uri: string, { start, end, signal }: ReadOptions = {}): AsyncIterable<Uint8Array> {
    signal?.throwIfAborted();
    const path = objectPath(uri);
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
      throw fileSystemError(error, path);
    }
  }

  async write(uri: string, body: WriteBody, { signal }: WriteOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const path = objectPath(uri);
    const partial = join(dirname(path), `.flyte-ts-${uniqueName()}.part`);
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
      await mkdir(dirname(path), { recursive: true });
      const options = signal === undefined ? {} : { signal };
      await writeFile(partial, source(), options);
      await rename(partial, path);
    } catch (error) {
      await rm(partial, { force: true }).catch(() => {});
      if (signal?.aborted) throw signal.reason;
      throw broken === undefined ? fileSystemError(error, path) : broken.error;
    }
  }

  async *list(prefix: string, { signal }: StorageOptions = {}): AsyncIterable<ObjectStat> {
    signal?.throwIfAborted();
    const root = localPathOf(prefix);
    let names: string[];
    try {
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      // Links to files are files to a reader; Kubernetes mounts configuration and secrets as such.
      names = entries
        .filter((entry) => (entry.isFile() || entry.isSymbolicLink()) && !partialName.test(entry.name))
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, "/"));
    } catch (error) {
      if (isMissing(error)) return;
      throw fileSystemError(error, root);
    }
    const folder = prefix.replace(/\/+$/, "");
    for (const name of names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
      signal?.throwIfAborted();
      const found = await this.stat(`${folder}/${fileUriName(prefix, name)}`);
      if (found !== undefined) yield found;
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

/** The path of a URI that has to name a file. */
function objectPath(uri: string): string {
  const path = localPathOf(uri);
  if (uri.endsWith("/")) throw new FlyteError("InvalidInput", `"${uri}" names a folder, where a file is needed`);
  return path;
}
