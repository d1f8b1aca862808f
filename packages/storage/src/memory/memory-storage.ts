import {
  abortable,
  FlyteError,
  type ListOptions,
  type ObjectStat,
  type ReadOptions,
  type Storage,
  type StorageOptions,
  systemClock,
  type WriteBody,
  type WriteOptions,
} from "@flyte-ts/core/plugin";
import type { MemoryStorageOptions } from "./memory-options.ts";

/** Bytes of a chunk that `read` gives. */
const chunkBytes = 2 ** 16;

interface Kept {
  readonly bytes: Uint8Array;
  readonly modified: Date;
  readonly version: number;
}

/** Objects in the memory of this process, by `memory://container/key`. For tests: nothing outlives the instance. */
export class MemoryStorage implements Storage {
  readonly #objects = new Map<string, Kept>();
  readonly #options: MemoryStorageOptions;
  #versions = 0;

  constructor(options: MemoryStorageOptions = {}) {
    this.#options = options;
  }

  async stat(uri: string, { signal }: StorageOptions = {}): Promise<ObjectStat | undefined> {
    signal?.throwIfAborted();
    const kept = this.#objects.get(this.#checked(uri));
    return kept && statOf(uri, kept);
  }

  async *read(uri: string, { start = 0, end, etag, signal }: ReadOptions = {}): AsyncIterable<Uint8Array> {
    signal?.throwIfAborted();
    const kept = this.#objects.get(this.#objectUri(uri));
    if (kept === undefined) throw new FlyteError("NotFound", `there is no object ${uri}`);
    if (etag !== undefined && etag !== etagOf(kept)) {
      throw new FlyteError("Unavailable", `${uri} is another by now than the one that was asked for`);
    }
    const part = kept.bytes.subarray(start, Math.max(start, end ?? Infinity));
    for (let at = 0; at < part.byteLength; at += chunkBytes) {
      signal?.throwIfAborted();
      yield part.slice(at, at + chunkBytes);
    }
    signal?.throwIfAborted();
  }

  async write(uri: string, body: WriteBody, { signal, ifAbsent = false }: WriteOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#objectUri(uri);
    const chunks: Uint8Array[] = [];
    if (body instanceof Uint8Array) chunks.push(body);
    else for await (const chunk of abortable(body, signal)) chunks.push(chunk.slice());
    if (ifAbsent && this.#objects.has(uri)) throw new FlyteError("AlreadyExists", `there is an object ${uri} already`);
    this.#keep(uri, Buffer.concat(chunks));
  }

  async *list(prefix: string, { startsWith = "", signal }: ListOptions = {}): AsyncIterable<ObjectStat> {
    signal?.throwIfAborted();
    const start = `${this.#checked(prefix).replace(/\/+$/, "")}/${startsWith}`;
    const found = [...this.#objects.keys()].filter((uri) => uri.startsWith(start));
    for (const uri of found.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
      signal?.throwIfAborted();
      const kept = this.#objects.get(uri);
      if (kept !== undefined) yield statOf(uri, kept);
    }
  }

  async copy(from: string, to: string, { signal }: StorageOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const kept = this.#objects.get(this.#objectUri(from));
    this.#objectUri(to);
    if (kept === undefined) throw new FlyteError("NotFound", `there is no object ${from}`);
    if (from !== to) this.#keep(to, kept.bytes);
  }

  async delete(uri: string, { signal }: StorageOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#objects.delete(this.#objectUri(uri));
  }

  #keep(uri: string, bytes: Uint8Array): void {
    const modified = new Date((this.#options.clock ?? systemClock).now());
    this.#objects.set(uri, { bytes, modified, version: ++this.#versions });
  }

  #objectUri(uri: string): string {
    this.#checked(uri);
    if (!uri.endsWith("/") && /^memory:\/\/[^/]+\/./.test(uri)) return uri;
    throw new FlyteError("InvalidInput", `"${uri}" names a folder, where an object is needed`);
  }

  /** @throws FlyteError `InvalidInput` for another scheme, `NotFound` for a container that is not there. */
  #checked(uri: string): string {
    const container = /^memory:\/\/([^/]+)/.exec(uri)?.[1];
    if (container === undefined) {
      throw new FlyteError("InvalidInput", `"${uri}" is not a URI like memory://container/path/of/object`);
    }
    if (this.#options.containers?.includes(container) === false) {
      const message = `there is no such container: memory://${container}/`;
      throw new FlyteError("NotFound", message, { reason: "NoSuchContainer" });
    }
    return uri;
  }
}

const etagOf = ({ version }: Kept): string => `"${version}"`;

function statOf(uri: string, kept: Kept): ObjectStat {
  return { uri, size: kept.bytes.byteLength, modified: kept.modified, etag: etagOf(kept) };
}
