import assert from "node:assert/strict";
import type { Storage } from "../storage/storage.ts";
import { joinUri } from "../storage/uri.ts";

/** A store under test, with a place in it that nothing else uses. Every case asks for a new one. */
export interface StorageSubject {
  readonly storage: Storage;
  /** The URI of a folder that is empty. */
  readonly folder: string;
  /**
   * Given by a store that only reads: puts an object with this name into the folder. The suite then expects `write`,
   * `delete` and `list` to be `Unsupported`.
   */
  readonly put?: (name: string, bytes: Uint8Array) => Promise<void>;
  /** Called when the case is over. */
  readonly close?: () => Promise<void>;
}

/** Makes the store under test. */
export type StorageSubjectFactory = () => Promise<StorageSubject>;

/** Bytes that differ at every offset a mistake could mix up. */
export function sampleBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0, state = seed >>> 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** The bytes as a stream of chunks of different sizes, some of them empty. */
export async function* inChunks(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  const sizes = [1, 0, 1000, 65_536, 3, 100_000];
  for (let at = 0, turn = 0; at < bytes.byteLength; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

/** Everything that is read, as one array. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return new Uint8Array(Buffer.concat(all));
}

/** Asserts that bytes are equal, and says where not; a difference shown whole would take minutes for large objects. */
export function assertBytes(found: Uint8Array, expected: Uint8Array, what = "the bytes"): void {
  if (Buffer.from(found).equals(expected)) return;
  const at = expected.findIndex((byte, index) => found[index] !== byte);
  const where = at === -1 ? "in their length only" : `first at byte ${at}`;
  assert.fail(`${what} differ ${where}: ${found.byteLength} are there, ${expected.byteLength} expected`);
}

/** The URIs of a folder's objects, in the order of the listing. */
export async function listed(storage: Storage, folder: string): Promise<string[]> {
  const uris: string[] = [];
  for await (const { uri } of storage.list(folder)) uris.push(uri);
  return uris;
}

/** A subject as the cases use it. */
export interface PreparedSubject {
  readonly storage: Storage;
  readonly folder: string;
  readonly readOnly: boolean;
  /** The URI of a name in the folder. */
  at(name: string): string;
  /** Brings an object into the folder, in the way that the store allows. */
  put(name: string, bytes: Uint8Array): Promise<void>;
}

/** Runs a case on a new subject. */
export async function withSubject(
  make: StorageSubjectFactory,
  run: (subject: PreparedSubject) => Promise<void>,
): Promise<void> {
  const { storage, folder, put, close } = await make();
  const at = (name: string): string => joinUri(folder, name);
  try {
    await run({
      storage,
      folder,
      readOnly: put !== undefined,
      at,
      put: put ?? ((name, bytes) => storage.write(at(name), bytes)),
    });
  } finally {
    await close?.();
  }
}
