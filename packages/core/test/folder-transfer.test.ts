import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  contentHash,
  deleteFolder,
  downloadFile,
  downloadFolder,
  exists,
  glob,
  type Storage,
  uploadFile,
  uploadFolder,
} from "@flyte-ts/core/plugin";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemoryStorage } from "./memory-storage.ts";

const MiB = 2 ** 20;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-folder-transfer-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Files of a size, which take no room on the disk. */
async function sparseFiles(count: number, bytes: number): Promise<void> {
  for (let number = 0; number < count; number++) {
    const file = await open(join(folder, `${number}`), "w");
    await file.truncate(bytes);
    await file.close();
  }
}

/** A store that counts what is under way at once. Nothing of it ends before so many are that more can only be a mistake. */
class Counting extends MemoryStorage {
  most = 0;
  bytes = 0;
  readonly #enough: number;
  readonly #reached = Promise.withResolvers<void>();
  #under = 0;

  constructor(enough: number) {
    super();
    this.#enough = enough;
  }
  async #busy(work: () => Promise<void> = async () => {}): Promise<void> {
    this.most = Math.max(this.most, ++this.#under);
    if (this.most >= this.#enough) this.#reached.resolve();
    await this.#reached.promise;
    await work();
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    this.#under--;
  }
  override write(_uri: string, body: Parameters<Storage["write"]>[1]): Promise<void> {
    return this.#busy(async () => {
      if (body instanceof Uint8Array) this.bytes += body.byteLength;
      else for await (const chunk of body) this.bytes += chunk.byteLength;
    });
  }
  override async *read(): AsyncIterable<Uint8Array> {
    await this.#busy();
    yield new Uint8Array();
  }
  override async *list(): ReturnType<Storage["list"]> {
    for (let number = 0; number < 40; number++) {
      yield { uri: `mem://bucket/x/${number}`, size: 41 * MiB, modified: undefined, etag: undefined };
    }
  }
}

describe("a folder's transfer", () => {
  test("sends no more large files at once than fit into its memory, and no more small ones than it may", async () => {
    await sparseFiles(10, 25 * MiB);
    const large = new Counting(4);
    expect(await uploadFolder(large, folder, "mem://bucket/x")).toEqual({ files: 10, bytes: 250 * MiB });
    expect(large.bytes).toBe(250 * MiB);
    expect(large.most).toBe(4);
    await rm(folder, { recursive: true });
    folder = await mkdtemp(join(tmpdir(), "flyte-folder-transfer-"));
    await sparseFiles(60, 1000);
    const small = new Counting(32);
    await uploadFolder(small, folder, "mem://bucket/x");
    expect(small.most).toBe(32);
  });

  test("fetches fewer large objects at once, each of which has several connections", async () => {
    const store = new Counting(8);
    await downloadFolder(store, "mem://bucket/x", folder);
    expect(store.most).toBe(8);
  });
});

test("every operation ends with its signal's reason, before anything is done", async () => {
  const store = new MemoryStorage();
  await store.write("mem://bucket/x/a", Buffer.from("content"));
  await sparseFiles(1, 10);
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  for (const attempt of [
    () => exists(store, "mem://bucket/x/a", { signal }),
    () => contentHash(store, "mem://bucket/x/a", { signal }),
    () => deleteFolder(store, "mem://bucket/x", { signal }),
    () => glob(store, "mem://bucket/x/*", { signal })[Symbol.asyncIterator]().next(),
    () => uploadFile(store, join(folder, "0"), "mem://bucket/y", { signal }),
    () => downloadFile(store, "mem://bucket/x/a", join(folder, "a"), { signal }),
  ]) {
    await expect(attempt()).rejects.toBe(reason);
  }
  expect([...store.objects.keys()]).toEqual(["mem://bucket/x/a"]);
});
