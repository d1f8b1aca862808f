import {
  FlyteError,
  type ObjectStat,
  type ReadOptions,
  type Storage,
  type StorageOptions,
  type WriteBody,
} from "@flyte-ts/core/plugin";
import { type StorageSubject, storageContract } from "@flyte-ts/core/testing";
import { describe, expect, test } from "vitest";
import { MemoryStorage } from "./memory-storage.ts";

/** Runs the suite without a test runner. */
async function failing(subject: () => Promise<StorageSubject>): Promise<string[]> {
  const cases: { readonly name: string; readonly run: () => Promise<void> }[] = [];
  storageContract({ test: (name, run) => cases.push({ name, run }), subject });
  const failed: string[] = [];
  // A case that a bug lets hang has failed.
  const hang = Symbol("hang");
  for (const { name, run } of cases) {
    const limit = AbortSignal.timeout(2000);
    const ended = new Promise((resolve) => limit.addEventListener("abort", () => resolve(hang)));
    const outcome = await Promise.race([run().catch((error: unknown) => error), ended]);
    if (outcome !== undefined) failed.push(name);
  }
  return failed;
}

const memory = (storage: Storage) => async (): Promise<StorageSubject> => ({ storage, folder: "mem://test/folder" });

/** Every bug that the suite has to find, with the case that must show it. */
const bugs: Readonly<Record<string, new () => MemoryStorage>> = {
  "an object is read as it was written": class extends MemoryStorage {
    override keep(uri: string, bytes: Uint8Array): void {
      super.keep(uri, bytes.subarray(0, 1_499_999));
    }
  },
  "an empty object is an object": class extends MemoryStorage {
    override size(kept: Parameters<MemoryStorage["size"]>[0]): number {
      return super.size(kept) || -1;
    }
  },
  "a range is read from its start to before its end": class extends MemoryStorage {
    override range(bytes: Uint8Array, start: number, end: number): Uint8Array {
      return super.range(bytes, start, end === 200_001 ? end + 1 : end);
    }
  },
  "a range that reaches beyond the object gives what is there": class extends MemoryStorage {
    override range(bytes: Uint8Array, start: number, end: number): Uint8Array {
      if (start > bytes.byteLength) throw new FlyteError("InvalidInput", "416");
      return super.range(bytes, start, end);
    }
  },
  "what is not there is undefined for stat, and NotFound for read": class extends MemoryStorage {
    override missing(uri: string): Uint8Array {
      return uri.endsWith("missing/object") ? new Uint8Array() : super.missing(uri);
    }
  },
  "stat tells the URI and the size, and an ETag that changes with the content": class extends MemoryStorage {
    override etag(kept: Parameters<MemoryStorage["etag"]>[0]): string {
      return [1234, 4321].includes(kept.bytes.byteLength) ? '"always"' : super.etag(kept);
    }
  },
  "a version that is asked for is read, and one that is no more is Unavailable": class extends MemoryStorage {
    override another(): void {}
  },
  "reading may stop early, and begin again": class extends MemoryStorage {
    #busy = false;
    override async *read(uri: string, options?: ReadOptions): AsyncIterable<Uint8Array> {
      if (this.#busy) throw new FlyteError("Unavailable", "the connection is in use");
      this.#busy = true;
      try {
        yield* super.read(uri, options);
      } catch (error) {
        this.#busy = false;
        throw error;
      }
      this.#busy = false;
    }
  },
  "an aborted signal ends stat and read with its reason": class extends MemoryStorage {
    override stat(uri: string): Promise<ObjectStat | undefined> {
      return super.stat(uri);
    }
  },
  "an abort between two chunks ends a read with its reason": class extends MemoryStorage {
    override async *read(uri: string, { signal, ...options }: ReadOptions = {}): AsyncIterable<Uint8Array> {
      signal?.throwIfAborted();
      yield* super.read(uri, options);
    }
  },
  "a URI of another kind is InvalidInput": class extends MemoryStorage {
    override async stat(uri: string, options?: StorageOptions): Promise<ObjectStat | undefined> {
      return uri.startsWith("mem://") ? super.stat(uri, options) : undefined;
    }
  },
  "a stream is written as its bytes": class extends MemoryStorage {
    override async *body(body: WriteBody, signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
      let bytes = 0;
      for await (const chunk of super.body(body, signal)) {
        bytes += chunk.byteLength;
        if (bytes < 800_000 || body instanceof Uint8Array) yield chunk;
      }
    }
  },
  "a write replaces the whole object": class extends MemoryStorage {
    override keep(uri: string, bytes: Uint8Array): void {
      const old = this.objects.get(uri)?.bytes ?? new Uint8Array();
      const isOverwrite = old.byteLength === 5000;
      super.keep(uri, isOverwrite ? Buffer.concat([bytes, old.subarray(bytes.byteLength)]) : bytes);
    }
  },
  "nothing of an object is to be seen while it is written": class extends MemoryStorage {
    override during(uri: string, chunks: Uint8Array[]): void {
      if (chunks[0]?.byteLength === 200_000) this.objects.set(`${uri}.part`, { bytes: new Uint8Array(), version: 0 });
    }
    override keep(uri: string, bytes: Uint8Array): void {
      this.objects.delete(`${uri}.part`);
      super.keep(uri, bytes);
    }
    override async write(uri: string, body: WriteBody, options?: StorageOptions): Promise<void> {
      await super.write(uri, body, options).finally(() => this.objects.delete(`${uri}.part`));
    }
  },
  "a stream that fails leaves what was there before": class extends MemoryStorage {
    override async *body(body: WriteBody, signal: AbortSignal | undefined): AsyncIterable<Uint8Array> {
      try {
        yield* super.body(body, signal);
      } catch (error) {
        if ((error as Error).message !== "the source broke") throw error;
      }
    }
  },
  "an abort ends a write whose stream hangs, and leaves nothing": class extends MemoryStorage {
    override async *body(body: WriteBody): AsyncIterable<Uint8Array> {
      yield* super.body(body, undefined);
    }
  },
  "of several writes at once, one wins whole": class extends MemoryStorage {
    readonly #open = new Map<string, Uint8Array[]>();
    override during(uri: string, chunks: Uint8Array[]): void {
      // Two writers of one file, without a file of their own until the end.
      const others = this.#open.get(uri);
      if (others !== undefined && others !== chunks && others.length > 1) others.push(new Uint8Array(1));
      this.#open.set(uri, chunks);
    }
  },
  "a write only where nothing is leaves what is there": class extends MemoryStorage {
    override exists(uri: string, bytes: Uint8Array): void {
      if (bytes.byteLength !== 70_000) super.exists(uri, bytes);
    }
  },
  "of several writes at once only where nothing is, one wins": class extends MemoryStorage {
    override exists(uri: string, bytes: Uint8Array): void {
      if (bytes.byteLength !== 1000) super.exists(uri, bytes);
    }
  },
  "a copy has the same bytes, takes the place of what was there, and leaves the original": class extends MemoryStorage {
    override async copy(from: string, to: string, options?: StorageOptions): Promise<void> {
      await super.copy(from, to, options);
      if (from.endsWith("/from/it") && from !== to) this.objects.delete(from);
    }
  },
  "a copy of what is not there is NotFound, and leaves what was there": class extends MemoryStorage {
    override async copy(from: string, to: string, options?: StorageOptions): Promise<void> {
      if (from.endsWith("/none")) this.keep(to, new Uint8Array());
      await super.copy(from, to, options);
    }
  },
  "a listing has every object below the folder and no other, in the order of the names' bytes": class extends MemoryStorage {
    override compare(a: string, b: string): number {
      return a < b ? -1 : a > b ? 1 : 0;
    }
  },
  "a listing has only the names that begin as is asked": class extends MemoryStorage {
    override beginsSo(name: string, startsWith: string): boolean {
      return name.startsWith(startsWith.replace(/\/$/, ""));
    }
  },
  "a folder is no object": class extends MemoryStorage {
    override async stat(uri: string, options?: StorageOptions): Promise<ObjectStat | undefined> {
      const found = await super.stat(uri, options);
      const isFolder = [...this.objects.keys()].some((other) => other.startsWith(`${uri}/`));
      return found ?? (isFolder ? { uri, size: 0, modified: undefined, etag: undefined } : undefined);
    }
  },
  "names are kept as they are": class extends MemoryStorage {
    override address(uri: string): string {
      return super.address(uri).replaceAll("+", " ");
    }
    override keep(uri: string, bytes: Uint8Array): void {
      super.keep(this.address(uri), bytes);
    }
  },
  "removing takes one object away, and may be repeated": class extends MemoryStorage {
    override async delete(uri: string, options?: StorageOptions): Promise<void> {
      await super.delete(uri, options);
      for (const other of this.objects.keys()) if (other.startsWith(uri)) this.objects.delete(other);
    }
  },
  "an aborted signal ends write, list, copy and delete with its reason": class extends MemoryStorage {
    override delete(uri: string): Promise<void> {
      return super.delete(uri);
    }
  },
  "a URI of another kind is neither written, listed, copied nor removed": class extends MemoryStorage {
    override async delete(uri: string, options?: StorageOptions): Promise<void> {
      if (uri.startsWith("mem://")) await super.delete(uri, options);
    }
  },
};

describe("the suite of Storage", () => {
  test("has a planted bug for every case, and passes a store without any", async () => {
    const names: string[] = [];
    storageContract({ test: (name) => names.push(name), subject: memory(new MemoryStorage()) });
    expect(Object.keys(bugs)).toEqual(names);
    expect(await failing(() => memory(new MemoryStorage())())).toEqual([]);
  });

  test.each(Object.entries(bugs))("finds the bug of: %s", async (name, Buggy) => {
    expect(await failing(() => memory(new Buggy())())).toEqual([name]);
  });

  test("wants a store that only reads to refuse everything else", async () => {
    class ReadOnly extends MemoryStorage {
      override async write(): Promise<void> {
        throw new FlyteError("Unsupported", "read only");
      }
      override async copy(): Promise<void> {
        throw new FlyteError("Unsupported", "read only");
      }
      override async delete(): Promise<void> {
        throw new FlyteError("Unsupported", "read only");
      }
      // biome-ignore lint/correctness/useYield: there is nothing to yield.
      override async *list(): AsyncIterable<ObjectStat> {
        throw new FlyteError("Unsupported", "read only");
      }
    }
    const readOnly = (Class: new () => MemoryStorage) => async (): Promise<StorageSubject> => {
      const storage = new Class();
      return {
        ...(await memory(storage)()),
        put: async (name, bytes) => storage.keep(`mem://test/folder/${name}`, bytes),
      };
    };
    expect(await failing(readOnly(ReadOnly))).toEqual([]);
    expect(await failing(readOnly(MemoryStorage))).toEqual(Object.keys(bugs).slice(11));
  });
});
