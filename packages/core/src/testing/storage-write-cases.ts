import assert from "node:assert/strict";
import type { ContractTest } from "./contract-test.ts";
import { rejectsAs, rejectsWith } from "./rejects-with.ts";
import {
  assertBytes,
  collect,
  inChunks,
  listed,
  type PreparedSubject,
  type StorageSubjectFactory,
  sampleBytes,
  withSubject,
} from "./storage-subject.ts";

/** The cases of writing, listing and removing; a store that only reads has to refuse them. */
export function storageWriteCases(test: ContractTest, subject: StorageSubjectFactory): void {
  const writing = (name: string, run: (subject: PreparedSubject) => Promise<void>): unknown =>
    test(name, () =>
      withSubject(subject, async (prepared) => {
        if (!prepared.readOnly) return run(prepared);
        const { storage, folder, at } = prepared;
        await rejectsWith(storage.write(at("new"), sampleBytes(1)), "Unsupported");
        await rejectsWith(storage.delete(at("new")), "Unsupported");
        await rejectsWith(storage.copy(at("new"), at("other")), "Unsupported");
        await rejectsWith(listed(storage, folder), "Unsupported");
      }),
    );

  writing("a stream is written as its bytes", async ({ storage, at }) => {
    for (const length of [0, 1, 900_000]) {
      const bytes = sampleBytes(length, 7);
      await storage.write(at("deep/er/object"), inChunks(bytes));
      assertBytes(await collect(storage.read(at("deep/er/object"))), bytes);
    }
  });

  writing("a write replaces the whole object", async ({ storage, at }) => {
    await storage.write(at("object"), sampleBytes(5000));
    await storage.write(at("object"), sampleBytes(10, 2));
    assertBytes(await collect(storage.read(at("object"))), sampleBytes(10, 2));
  });

  writing("nothing of an object is to be seen while it is written", async ({ storage, folder, at }) => {
    let during: unknown;
    async function* body(): AsyncIterable<Uint8Array> {
      yield sampleBytes(200_000);
      during = [await storage.stat(at("object")), await listed(storage, folder)];
      yield sampleBytes(10);
    }
    await storage.write(at("object"), body());
    assert.deepEqual(during, [undefined, []]);
    assert.deepEqual(await listed(storage, folder), [at("object")]);
  });

  writing("a stream that fails leaves what was there before", async ({ storage, folder, at }) => {
    const reason = new Error("the source broke");
    async function* broken(): AsyncIterable<Uint8Array> {
      yield sampleBytes(200_000);
      throw reason;
    }
    await storage.write(at("old"), sampleBytes(20));
    await rejectsAs(storage.write(at("new"), broken()), reason);
    await rejectsAs(storage.write(at("old"), broken()), reason);
    assert.deepEqual(await listed(storage, folder), [at("old")]);
    assertBytes(await collect(storage.read(at("old"))), sampleBytes(20));
  });

  writing("an abort ends a write whose stream hangs, and leaves nothing", async ({ storage, folder, at }) => {
    const abort = new AbortController();
    const reason = new Error("enough");
    async function* hanging(): AsyncIterable<Uint8Array> {
      yield sampleBytes(200_000);
      setImmediate(() => abort.abort(reason));
      await new Promise(() => {});
    }
    await rejectsAs(storage.write(at("object"), hanging(), { signal: abort.signal }), reason);
    assert.equal(await storage.stat(at("object")), undefined);
    assert.deepEqual(await listed(storage, folder), []);
  });

  writing("of several writes at once, one wins whole", async ({ storage, folder, at }) => {
    const bodies = [1, 2, 3, 4].map((seed) => sampleBytes(100_000 + seed, seed));
    await Promise.all(bodies.map((bytes) => storage.write(at("object"), inChunks(bytes))));
    const found = Buffer.from(await collect(storage.read(at("object"))));
    assert.ok(
      bodies.some((bytes) => found.equals(bytes)),
      "the object is none of those that were written",
    );
    assert.deepEqual(await listed(storage, folder), [at("object")]);
  });

  writing("a write only where nothing is leaves what is there", async ({ storage, folder, at }) => {
    for (const name of ["bytes", "stream"]) {
      const body = (seed: number): Uint8Array | AsyncIterable<Uint8Array> =>
        name === "bytes" ? sampleBytes(70_000, seed) : inChunks(sampleBytes(70_000, seed));
      await storage.write(at(name), body(1), { ifAbsent: true });
      await rejectsWith(storage.write(at(name), body(2), { ifAbsent: true }), "AlreadyExists");
      assertBytes(await collect(storage.read(at(name))), sampleBytes(70_000, 1));
    }
    assert.deepEqual(await listed(storage, folder), [at("bytes"), at("stream")]);
  });

  writing("of several writes at once only where nothing is, one wins", async ({ storage, folder, at }) => {
    const seeds = [1, 2, 3, 4, 5, 6];
    const ended = await Promise.allSettled(
      seeds.map((seed) => storage.write(at("object"), sampleBytes(1000, seed), { ifAbsent: true })),
    );
    const winners = seeds.filter((_, at) => ended[at]?.status === "fulfilled");
    assert.equal(winners.length, 1, `${winners.length} of ${seeds.length} writes won`);
    for (const outcome of ended) {
      if (outcome.status === "rejected") await rejectsWith(Promise.reject(outcome.reason), "AlreadyExists");
    }
    assertBytes(await collect(storage.read(at("object"))), sampleBytes(1000, winners[0]));
    assert.deepEqual(await listed(storage, folder), [at("object")]);
  });

  writing("a copy has the same bytes, takes the place of what was there, and leaves the original", async (prepared) => {
    const { storage, folder, at } = prepared;
    await storage.write(at("from/it"), sampleBytes(200_000));
    await storage.write(at("to"), sampleBytes(5, 2));
    for (const target of ["new/place", "to", "from/it"]) {
      await storage.copy(at("from/it"), at(target));
      assertBytes(await collect(storage.read(at(target))), sampleBytes(200_000));
    }
    assert.deepEqual(await listed(storage, folder), [at("from/it"), at("new/place"), at("to")]);
  });

  writing("a copy of what is not there is NotFound, and leaves what was there", async ({ storage, folder, at }) => {
    await storage.write(at("to"), sampleBytes(5, 2));
    await rejectsWith(storage.copy(at("none"), at("to")), "NotFound");
    await rejectsWith(storage.copy(at("none"), at("new")), "NotFound");
    assertBytes(await collect(storage.read(at("to"))), sampleBytes(5, 2));
    assert.deepEqual(await listed(storage, folder), [at("to")]);
  });

  writing(
    "a listing has every object below the folder and no other, in the order of the names' bytes",
    async (prepared) => {
      const { storage, folder, at } = prepared;
      // U+FF5E comes after U+1F600 in UTF-16, and before it in UTF-8.
      const names = ["a", "b/c-d", "b/c.d", "b/c/d", "b/c0", "b/z", "b2", "b\u{ff5e}", "b\u{1f600}"];
      for (const name of [...names].reverse()) await storage.write(at(name), sampleBytes(name.length));
      assert.deepEqual(await listed(storage, folder), names.map(at));
      assert.deepEqual(await listed(storage, `${folder.replace(/\/+$/, "")}/`), names.map(at));
      const inside = ["b/c-d", "b/c.d", "b/c/d", "b/c0", "b/z"];
      assert.deepEqual(await listed(storage, at("b")), inside.map(at));
      assert.deepEqual(await listed(storage, at("b/")), inside.map(at));
      assert.deepEqual(await listed(storage, at("none")), []);
      for await (const { uri, size } of storage.list(at("b"))) assert.equal(size, (await storage.stat(uri))?.size);
    },
  );

  writing("a listing has only the names that begin as is asked", async ({ storage, folder, at }) => {
    const names = ["a", "b/c", "b/cd/e", "b/d", "b2", "bc"];
    for (const name of names) await storage.write(at(name), sampleBytes(2));
    for (const startsWith of ["", "b", "b/", "b/c", "b/cd/", "c", "bc"]) {
      const uris: string[] = [];
      for await (const { uri } of storage.list(folder, { startsWith })) uris.push(uri);
      assert.deepEqual(uris, names.filter((name) => name.startsWith(startsWith)).map(at), startsWith);
    }
  });

  writing("a folder is no object", async ({ storage, folder, at }) => {
    await storage.write(at("folder/object"), sampleBytes(1));
    assert.equal(await storage.stat(folder), undefined);
    assert.equal(await storage.stat(at("folder")), undefined);
    assert.equal(await storage.stat(at("folder/")), undefined);
    await rejectsWith(collect(storage.read(at("folder"))), "NotFound", "InvalidInput");
    await rejectsWith(collect(storage.read(at("folder/"))), "NotFound", "InvalidInput");
  });

  writing("names are kept as they are", async ({ storage, folder, at }) => {
    const names = ["a b", "a+b=c@d", "grüße, 世界", "tilde~(1)", "x'y", "year=2024/part-0.parquet"];
    for (const name of names) {
      await storage.write(at(name), sampleBytes(9));
      assert.equal((await storage.stat(at(name)))?.size, 9, name);
    }
    assert.deepEqual((await listed(storage, folder)).sort(), names.map(at).sort());
  });

  writing("removing takes one object away, and may be repeated", async ({ storage, folder, at }) => {
    for (const name of ["a", "a.b", "b/a"]) await storage.write(at(name), sampleBytes(3));
    await storage.delete(at("a"));
    assert.equal(await storage.stat(at("a")), undefined);
    await storage.delete(at("a"));
    await storage.delete(at("never/there"));
    assert.deepEqual(await listed(storage, folder), [at("a.b"), at("b/a")]);
  });

  writing("an aborted signal ends write, list, copy and delete with its reason", async ({ storage, folder, at }) => {
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await storage.write(at("object"), sampleBytes(3));
    await rejectsAs(storage.write(at("new"), sampleBytes(3), { signal }), reason);
    await rejectsAs(storage.write(at("new"), inChunks(sampleBytes(300_000)), { signal }), reason);
    await rejectsAs(storage.copy(at("object"), at("new"), { signal }), reason);
    await rejectsAs(storage.delete(at("object"), { signal }), reason);
    await rejectsAs(storage.list(folder, { signal })[Symbol.asyncIterator]().next(), reason);
    assert.deepEqual(await listed(storage, folder), [at("object")]);
  });

  writing("a URI of another kind is neither written, listed, copied nor removed", async ({ storage, at }) => {
    await storage.write(at("object"), sampleBytes(1));
    await rejectsWith(storage.write("x-unknown://host/object", sampleBytes(1)), "InvalidInput");
    await rejectsWith(storage.copy("x-unknown://host/object", at("new")), "InvalidInput");
    await rejectsWith(storage.copy(at("object"), "x-unknown://host/object"), "InvalidInput");
    await rejectsWith(storage.delete("x-unknown://host/object"), "InvalidInput");
    await rejectsWith(listed(storage, "x-unknown://host/folder"), "InvalidInput");
  });
}
