import {
  FlyteError,
  type ListOptions,
  type ObjectStat,
  type ReadOptions,
  type Storage,
  type StorageOptions,
  uniqueName,
  type WriteBody,
  type WriteOptions,
} from "@flyte-ts/core/plugin";
import { parseContentRange } from "../transfer/content-range.ts";
import { withDeadline } from "../transfer/deadline.ts";
import { type OpenedBody, resumedRead } from "../transfer/resumed-read.ts";
import { type RetryPolicy, retrying, retryPolicy } from "../transfer/retry.ts";
import { ContainerKnowledge } from "./container-knowledge.ts";
import { copyInParts } from "./copy-in-parts.ts";
import type { ObjectAddress, ObjectClient } from "./object-client.ts";
import type { ObjectStorageOptions } from "./object-options.ts";
import { uploadStream } from "./upload-stream.ts";

/** A kind of cloud store: how its URIs are read, and what speaks to it. */
export interface ObjectStoreKind {
  /** What the store asks for of every part of an upload but the last, in bytes. */
  readonly leastPartBytes: number;
  /** Splits a URI. @throws FlyteError `InvalidInput` for one of another kind. */
  parse(uri: string): ObjectAddress;
  /** Loads the vendor's SDK. */
  connect(): Promise<ObjectClient>;
}

/** How long the store may take for a copy, or for a part of one, in milliseconds: it moves the bytes before it answers. */
const copyMs = 600_000;

/**
 * Objects in a cloud's store. What all clouds have in common is here: URIs, repetitions, deadlines, downloads that go on
 * where they were cut off, uploads in parts, writes that must not replace anything.
 */
export class ObjectStorage implements Storage {
  readonly #kind: ObjectStoreKind;
  readonly #options: ObjectStorageOptions;
  readonly #retry: RetryPolicy;
  readonly #timeoutMs: number;
  readonly #containers: ContainerKnowledge;
  #client: Promise<ObjectClient> | undefined;

  /** @throws FlyteError `InvalidInput` that names the option. */
  constructor(kind: ObjectStoreKind, options: ObjectStorageOptions = {}) {
    for (const [name, least] of [
      ["partBytes", kind.leastPartBytes],
      ["concurrency", 1],
      ["copyBytes", kind.leastPartBytes],
    ] as const) {
      const value = options[name] ?? least;
      if (!Number.isInteger(value) || value < least) {
        throw new FlyteError("InvalidInput", `${name} is ${value}, where a whole number from ${least} is needed`);
      }
    }
    this.#kind = kind;
    this.#options = options;
    this.#retry = retryPolicy(options);
    this.#timeoutMs = options.timeoutMs ?? 60_000;
    this.#containers = new ContainerKnowledge(this.#retry.clock);
  }

  async stat(uri: string, { signal }: StorageOptions = {}): Promise<ObjectStat | undefined> {
    const address = this.#kind.parse(uri);
    if (isFolder(address)) return undefined;
    const client = await this.#connect();
    const head = await this.#again(`stat ${uri}`, signal, (ended) => client.head(address, ended));
    if (head !== undefined) {
      this.#containers.seen(address.root);
      return { uri, size: head.size, modified: head.modified, etag: head.etag };
    }
    // An answer to HEAD has no body that could say whether it is the object or its bucket that is missing.
    if (!(await this.#mayBeThere(address, client, signal))) throw noContainer(address.root);
    return undefined;
  }

  async *read(uri: string, options: ReadOptions = {}): AsyncIterable<Uint8Array> {
    const address = objectOf(this.#kind.parse(uri), uri);
    const client = await this.#connect();
    const what = `read ${uri}`;
    const object = {
      name: uri,
      open: async (start: number, end: number | undefined, etag: string | undefined) => {
        const answer = await withDeadline(this.#timeoutMs, what, options.signal, (ended) =>
          client.get(address, { start, end, etag }, ended),
        );
        this.#containers.seen(address.root);
        if (answer === "past-end") return undefined;
        if (answer === "changed") return anotherVersion;
        const part = parseContentRange(answer.contentRange);
        const total = part === undefined ? answer.size : part.total;
        return {
          first: part?.first ?? 0,
          end: part?.end ?? total,
          total,
          validator: answer.etag,
          chunks: answer.chunks,
          close: (error?: Error) => answer.close(error),
        };
      },
      asError: (error: unknown) => client.asError(error, what),
    };
    yield* resumedRead(object, options, { retry: this.#retry, stallMs: this.#timeoutMs });
  }

  async write(uri: string, body: WriteBody, options: WriteOptions = {}): Promise<void> {
    const { signal, contentType, ifAbsent = false } = options;
    const address = objectOf(this.#kind.parse(uri), uri);
    const client = await this.#connect();
    const { multiple, sequential } = client.parts;
    const partBytes = Math.ceil((this.#options.partBytes ?? 8 * 2 ** 20) / multiple) * multiple;
    const small = body instanceof Uint8Array && body.byteLength <= partBytes;
    const write = { contentType, ifAbsent, mark: small && !ifAbsent ? undefined : uniqueName() };
    try {
      if (small) {
        await this.#again(`write ${uri}`, signal, (ended) => client.put(address, body, write, ended), body.byteLength);
        return;
      }
      const concurrency = sequential ? 1 : (this.#options.concurrency ?? 4);
      const policy = { retry: this.#retry, timeoutMs: this.#timeoutMs, partBytes, concurrency };
      await uploadStream(client, address, body instanceof Uint8Array ? only(body) : body, write, policy, signal);
    } catch (error) {
      if (!ifAbsent || !FlyteError.is(error) || error.code !== "AlreadyExists") throw error;
      // The answer to an earlier attempt may have been lost: then what is there now is ours.
      const found = await this.#again(`stat ${uri}`, signal, (ended) => client.head(address, ended));
      if (found?.mark !== write.mark) throw error;
    }
  }

  async *list(prefix: string, { startsWith = "", signal }: ListOptions = {}): AsyncIterable<ObjectStat> {
    const address = this.#kind.parse(prefix);
    const { key, root } = address;
    const folder = key === "" || key.endsWith("/") ? key : `${key}/`;
    const client = await this.#connect();
    const asked = { ...address, key: folder + startsWith };
    let page: string | undefined;
    do {
      const at = page;
      const found = await this.#again(`list ${prefix}`, signal, (ended) => client.list(asked, at, ended));
      this.#containers.seen(root);
      for (const { key: name, size, modified, etag } of found.objects) {
        signal?.throwIfAborted();
        // Consoles mark folders with empty objects of this form.
        if (!name.endsWith("/")) yield { uri: root + name, size, modified, etag };
      }
      page = found.next;
    } while (page !== undefined);
  }

  async copy(from: string, to: string, { signal }: StorageOptions = {}): Promise<void> {
    const source = objectOf(this.#kind.parse(from), from);
    const target = objectOf(this.#kind.parse(to), to);
    const client = await this.#connect();
    if (from === to) {
      if ((await this.stat(from, { signal })) !== undefined) return;
      throw new FlyteError("NotFound", `there is no object ${from}`);
    }
    try {
      await this.#copy(client, source, target, signal);
    } catch (error) {
      if (!FlyteError.is(error) || error.code !== "NotFound" || error.reason !== undefined) throw error;
      for (const address of [source, target]) {
        if (!(await this.#mayBeThere(address, client, signal))) throw noContainer(address.root);
      }
      throw error;
    }
  }

  async #copy(
    client: ObjectClient,
    source: ObjectAddress,
    target: ObjectAddress,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const from = source.root + source.key;
    const large = client.copiesInParts;
    if (large !== undefined) {
      const head = await this.#again(`stat ${from}`, signal, (ended) => client.head(source, ended));
      if (head === undefined) throw new FlyteError("NotFound", `there is no object ${from}`);
      const { size = 0 } = head;
      const { copyBytes, concurrency = 4 } = this.#options;
      if (size > (copyBytes ?? large.above)) {
        const policy = { retry: this.#retry, requestMs: copyMs, concurrency, partBytes: copyBytes ?? large.bytes };
        return copyInParts(client, large, { ...head, from: source, size }, target, policy, signal);
      }
    }
    const what = `copy ${from} to ${target.root}${target.key}`;
    await this.#again(what, signal, (ended) => client.copy(source, target, ended), 0, copyMs);
  }

  async delete(uri: string, { signal }: StorageOptions = {}): Promise<void> {
    const address = objectOf(this.#kind.parse(uri), uri);
    const client = await this.#connect();
    await this.#again(`delete ${uri}`, signal, (ended) => client.delete(address, ended));
  }

  /** False when the bucket is known to be missing. A store that does not say leaves the answer about the object as it is. */
  async #mayBeThere(address: ObjectAddress, client: ObjectClient, signal: AbortSignal | undefined): Promise<boolean> {
    const what = `look for ${address.root}`;
    try {
      return await this.#containers.isThere(address.root, () =>
        withDeadline(this.#timeoutMs, what, signal, (ended) => client.hasContainer(address, ended)),
      );
    } catch {
      signal?.throwIfAborted();
      return true;
    }
  }

  /** Repeats what fails for a passing reason; no attempt takes longer than its deadline. */
  #again<T>(
    what: string,
    signal: AbortSignal | undefined,
    attempt: (signal: AbortSignal) => Promise<T>,
    bytes = 0,
    least = 0,
  ): Promise<T> {
    const ms = Math.max(least, this.#timeoutMs + bytes / 50);
    return retrying(this.#retry, signal, () => withDeadline(ms, what, signal, attempt));
  }

  #connect(): Promise<ObjectClient> {
    if (this.#client === undefined) {
      const { client } = this.#options;
      const connected = client === undefined ? this.#kind.connect() : Promise.resolve(client);
      this.#client = connected;
      connected.catch(() => {
        this.#client = undefined;
      });
    }
    return this.#client;
  }
}

function noContainer(root: string): FlyteError {
  return new FlyteError("NotFound", `there is no such bucket or container: ${root}`, { reason: "NoSuchContainer" });
}

/** True for an address that names a bucket or, by the slash at its end, a folder. */
function isFolder({ key }: ObjectAddress): boolean {
  return key === "" || key.endsWith("/");
}

function objectOf(address: ObjectAddress, uri: string): ObjectAddress {
  if (!isFolder(address)) return address;
  const names = address.key === "" ? "bucket" : "folder";
  throw new FlyteError("InvalidInput", `"${uri}" names a ${names}, where an object is needed`);
}

/** Stands for an object that is no longer the one that was begun; by its validator, `resumedRead` refuses it. */
const anotherVersion: OpenedBody = {
  first: 0,
  end: 0,
  total: 0,
  validator: "another version",
  chunks: { [Symbol.asyncIterator]: () => only() },
  close: () => {},
};

async function* only(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
