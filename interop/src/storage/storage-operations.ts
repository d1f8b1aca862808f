import { createHash, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  contentHash,
  deleteFolder,
  downloadFolder,
  exists,
  glob,
  type ObjectStat,
  StorageRegistry,
  uploadFolder,
} from "@flyte-ts/core/plugin";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FaultySubject } from "./storage-faults.ts";

async function listed(objects: AsyncIterable<ObjectStat>): Promise<ObjectStat[]> {
  const all: ObjectStat[] = [];
  for await (const object of objects) all.push(object);
  return all;
}

/** What is made of a store's methods, on the store itself: folders, patterns, hashes, copies to and from the disk. */
export function storageOperations({
  emulator,
  storage,
  bucket,
  requests,
  unavailable,
  partBytes,
}: FaultySubject): void {
  let folder: string;
  /** The files of a folder: many small ones, an empty one, and one that takes three parts. */
  const files = new Map<string, Buffer>();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "flyte-ts-operations-"));
    for (let number = 0; number < 40; number++) {
      files.set(`day=${number % 3}/part ${number}.csv`, Buffer.alloc(100 * number, `${number},`));
    }
    files.set("large.bin", Buffer.alloc(2 * partBytes + 100_000, "some text of no meaning, "));
    for (const [name, bytes] of files) {
      await mkdir(dirname(join(folder, "from", name)), { recursive: true });
      await writeFile(join(folder, "from", name), bytes);
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("a folder goes up, is found by patterns, comes down as it is, and is removed, whatever some requests meet", async () => {
    const store = await storage();
    const uri = `${bucket}/folders/${randomUUID()}`;
    const bytes = [...files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
    const { faults } = emulator();
    const spoil = (rule: object) => [
      { ...rule, preset: unavailable },
      { ...rule, do: "reset" as const, skip: 1 },
    ];
    await faults.add(...spoil(requests.put), ...spoil(requests.part));
    expect(await uploadFolder(store, join(folder, "from"), uri)).toEqual({ files: files.size, bytes });
    await faults.add(...spoil(requests.list), ...spoil(requests.get), { ...requests.get, do: "truncate", skip: 7 });
    const found = await listed(glob(store, `${uri}/day={0,2}/part [0-9].csv`));
    const fitting = ["day=0/part 0", "day=0/part 3", "day=0/part 6", "day=0/part 9", "day=2/part 2", "day=2/part 5"];
    expect(found.map((object) => object.uri)).toEqual([...fitting, "day=2/part 8"].map((name) => `${uri}/${name}.csv`));
    const to = join(folder, randomUUID());
    expect(await downloadFolder(store, uri, to)).toEqual({ files: files.size, bytes });
    for (const [name, content] of files) expect((await readFile(join(to, name))).equals(content), name).toBe(true);
    await faults.add(...spoil(requests.delete));
    expect(await deleteFolder(store, uri)).toBe(files.size);
    expect(await listed(store.list(uri))).toEqual([]);
    expect((await faults.log()).filter(({ fault }) => fault !== undefined).length).toBeGreaterThan(9);
  });

  test("an object is copied from the disk and back, and hashed as its bytes are", async () => {
    const registry = new StorageRegistry();
    const store = await storage();
    const [scheme = ""] = bucket.split(":");
    registry.register(scheme, async () => store);
    const uri = `${bucket}/copied/${randomUUID()}`;
    const from = join(folder, "from/large.bin");
    await registry.copy(from, uri);
    expect(await exists(registry, uri)).toBe(true);
    const content = files.get("large.bin") ?? Buffer.alloc(0);
    expect(await contentHash(registry, uri)).toBe(createHash("sha256").update(content).digest("hex"));
    const back = join(folder, randomUUID());
    await registry.copy(uri, back);
    expect((await readFile(back)).equals(content)).toBe(true);
  });

  test("size, time and version of an object are known, by itself and in a listing", async () => {
    const store = await storage();
    const uri = `${bucket}/known/${randomUUID()}`;
    const known = async (text: string): Promise<ObjectStat> => {
      await store.write(uri, Buffer.from(text));
      const [inListing] = await listed(store.list(dirname(uri), { startsWith: uri.slice(dirname(uri).length + 1) }));
      const stat = await store.stat(uri);
      expect(stat).toEqual({ uri, size: 4, modified: expect.any(Date), etag: expect.stringMatching(/./) });
      expect(Math.abs((stat?.modified?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
      // A header has whole seconds.
      expect(Math.abs((stat?.modified?.getTime() ?? 0) - (inListing?.modified?.getTime() ?? 0))).toBeLessThan(1000);
      expect({ ...inListing, modified: undefined }).toEqual({ ...stat, modified: undefined });
      return stat as ObjectStat;
    };
    expect((await known("once")).etag).not.toBe((await known("more")).etag);
  });

  test("an abort in the middle of a folder ends it, and leaves whole files only", async () => {
    const store = await storage();
    const uri = `${bucket}/aborted/${randomUUID()}`;
    const { faults } = emulator();
    await faults.add({ ...requests.put, do: "hang", skip: 5, times: 0 }, { ...requests.part, do: "hang", times: 0 });
    const abort = new AbortController();
    const reason = new Error("enough");
    const going = uploadFolder(store, join(folder, "from"), uri, { signal: abort.signal }).catch((error) => error);
    const hanging = async () => (await faults.log()).filter(({ fault }) => fault === "hang").length;
    while ((await hanging()) < 3) await new Promise(setImmediate);
    abort.abort(reason);
    expect(await going).toBe(reason);
    await faults.clear();
    for (const { uri: there, size } of await listed(store.list(uri))) {
      expect(size).toBe(files.get(there.slice(uri.length + 1))?.byteLength);
    }
    const to = join(folder, randomUUID());
    await faults.add({ ...requests.get, do: "hang", times: 0 });
    await uploadFolder(store, join(folder, "from/day=1"), uri);
    const again = new AbortController();
    const coming = downloadFolder(store, uri, to, { signal: again.signal }).catch((error) => error);
    while ((await hanging()) < 3) await new Promise(setImmediate);
    again.abort(reason);
    expect(await coming).toBe(reason);
    expect(await listed(new StorageRegistry().list(to))).toEqual([]);
  });
}
