import { FlyteError } from "../errors/flyte-error.ts";
import { downloadFile, tooLarge } from "./download-file.ts";
import { FileStorage } from "./file-storage.ts";
import type {
  ListOptions,
  ObjectStat,
  ReadOptions,
  Storage,
  StorageOptions,
  WriteBody,
  WriteOptions,
} from "./storage.ts";
import { schemeOf } from "./uri.ts";

/** Makes the storage of a scheme when it is first used. */
export type StorageLoader = () => Promise<Storage>;

/** Options of `readBytes` and `download`. */
export interface DownloadOptions extends StorageOptions {
  /** The most bytes that are taken; a larger object is a `TooLarge` error. No limit by default. */
  readonly maxBytes?: number;
}

/**
 * Every store behind one `Storage`, chosen by the URI's scheme and loaded when first needed. `file` (and plain paths) is
 * built in; other schemes come from `register`, or from the package `@flyte-ts/storage` when that is installed.
 */
export class StorageRegistry implements Storage {
  readonly #loaders = new Map<string, StorageLoader>();
  readonly #loaded = new Map<string, Promise<Storage>>();

  constructor() {
    this.register("file", async () => new FileStorage());
  }

  /** Names the loader of a scheme; a later one replaces an earlier one. */
  register(scheme: string, loader: StorageLoader): void {
    this.#loaders.set(scheme, loader);
    this.#loaded.delete(scheme);
  }

  /**
   * The store of a URI's scheme.
   * @throws FlyteError `MissingPackage` with the line to install, `Unsupported` for a scheme that nothing serves.
   */
  storageFor(uri: string): Promise<Storage> {
    const scheme = schemeOf(uri);
    let storage = this.#loaded.get(scheme);
    if (storage === undefined) {
      storage = this.#load(scheme);
      this.#loaded.set(scheme, storage);
      storage.catch(() => this.#loaded.delete(scheme));
    }
    return storage;
  }

  async #load(scheme: string): Promise<Storage> {
    const loader = this.#loaders.get(scheme);
    if (loader !== undefined) return loader();
    const { storages } = await importPackage<{ storages: Readonly<Record<string, StorageLoader>> }>(
      "@flyte-ts/storage",
      () => import("@flyte-ts/storage" as string),
      `URIs of the scheme "${scheme}"`,
    );
    const found = storages[scheme];
    if (found !== undefined) return found();
    const known = [...new Set([...this.#loaders.keys(), ...Object.keys(storages)])].sort().join(", ");
    throw new FlyteError("Unsupported", `no storage serves the scheme "${scheme}"; known are ${known}`);
  }

  async stat(uri: string, options?: StorageOptions): Promise<ObjectStat | undefined> {
    return (await this.storageFor(uri)).stat(uri, options);
  }

  async *read(uri: string, options?: ReadOptions): AsyncIterable<Uint8Array> {
    yield* (await this.storageFor(uri)).read(uri, options);
  }

  async write(uri: string, body: WriteBody, options?: WriteOptions): Promise<void> {
    await (await this.storageFor(uri)).write(uri, body, options);
  }

  async *list(prefix: string, options?: ListOptions): AsyncIterable<ObjectStat> {
    yield* (await this.storageFor(prefix)).list(prefix, options);
  }

  /** Copies an object, from one store into another, too; its bytes then pass through here. */
  async copy(from: string, to: string, options: StorageOptions = {}): Promise<void> {
    if (schemeOf(from) === schemeOf(to)) return (await this.storageFor(from)).copy(from, to, options);
    await this.write(to, this.read(from, options), options);
  }

  async delete(uri: string, options?: StorageOptions): Promise<void> {
    await (await this.storageFor(uri)).delete(uri, options);
  }

  /** A whole object in memory. */
  async readBytes(uri: string, options: DownloadOptions = {}): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#limited(uri, options)) chunks.push(chunk);
    return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  }

  /** Copies an object into a local file, which appears when it is whole; a large one in parts that are read at once. */
  async download(uri: string, path: string, options: DownloadOptions = {}): Promise<void> {
    const storage = await this.storageFor(uri);
    // Of a web server nobody knows what its answer to HEAD is worth.
    const { signal } = options;
    const known = /^https?$/.test(schemeOf(uri)) ? undefined : await storage.stat(uri, { signal });
    await downloadFile(storage, uri, path, { ...options, stat: known });
  }

  async *#limited(uri: string, { maxBytes, signal }: DownloadOptions): AsyncIterable<Uint8Array> {
    let bytes = 0;
    for await (const chunk of this.read(uri, { signal })) {
      bytes += chunk.byteLength;
      if (maxBytes !== undefined && bytes > maxBytes) {
        throw tooLarge(uri, maxBytes);
      }
      yield chunk;
    }
  }
}

/**
 * Imports an optional package of ours.
 * @throws FlyteError `MissingPackage` with the line that installs it.
 */
export async function importPackage<T>(name: string, load: () => Promise<T>, purpose: string): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code !== "ERR_MODULE_NOT_FOUND" || !(error as Error).message.includes(name)) throw error;
    throw new FlyteError("MissingPackage", `${purpose} need the package ${name}: npm install ${name}`, {
      cause: error,
    });
  }
}
