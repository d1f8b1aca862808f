import assert from "node:assert/strict";
import type { ContractTest } from "./contract-test.ts";
import { rejectsAs, rejectsWith } from "./rejects-with.ts";
import { assertBytes, collect, type StorageSubjectFactory, sampleBytes, withSubject } from "./storage-subject.ts";

/** The cases that every store passes, one that only reads, too. */
export function storageReadCases(test: ContractTest, subject: StorageSubjectFactory): void {
  test("an object is read as it was written", () =>
    withSubject(subject, async ({ storage, at, put }) => {
      for (const length of [1, 1_500_000]) {
        const bytes = sampleBytes(length, length);
        await put("folder/object.bin", bytes);
        assertBytes(await collect(storage.read(at("folder/object.bin"))), bytes);
      }
    }));

  test("an empty object is an object", () =>
    withSubject(subject, async ({ storage, at, put }) => {
      await put("empty", new Uint8Array());
      assert.equal((await storage.stat(at("empty")))?.size, 0);
      assert.equal((await collect(storage.read(at("empty")))).byteLength, 0);
    }));

  test("a range is read from its start to before its end", () =>
    withSubject(subject, async ({ storage, at, put }) => {
      const bytes = sampleBytes(300_000);
      await put("object", bytes);
      const ranges = [{ start: 0, end: 1 }, { start: 299_999 }, { end: 70_000 }, { start: 65_535, end: 200_001 }];
      for (const range of ranges) {
        const read = await collect(storage.read(at("object"), range));
        assertBytes(read, bytes.slice(range.start, range.end), JSON.stringify(range));
      }
    }));

  test("a range that reaches beyond the object gives what is there", () =>
    withSubject(subject, async ({ storage, at, put }) => {
      const bytes = sampleBytes(100);
      await put("object", bytes);
      assertBytes(await collect(storage.read(at("object"), { start: 90, end: 5000 })), bytes.slice(90));
      for (const range of [{ start: 100 }, { start: 5000 }, { start: 5000, end: 6000 }, { start: 7, end: 7 }]) {
        const read = await collect(storage.read(at("object"), range));
        assert.equal(read.byteLength, 0, JSON.stringify(range));
      }
    }));

  test("what is not there is undefined for stat, and NotFound for read", () =>
    withSubject(subject, async ({ storage, at, put }) => {
      await put("there", sampleBytes(3));
      assert.equal(await storage.stat(at("missing/object")), undefined);
      await rejectsWith(collect(storage.read(at("missing/object"))), "NotFound");
      await rejectsWith(collect(storage.read(at("missing/object"), { start: 1, end: 2 })), "NotFound");
    }));

  test("stat tells the URI and the size, and an ETag that changes with the content", () =>
    withSubject(subject, async ({ storage, at, put }) => {
      await put("object", sampleBytes(1234));
      const first = await storage.stat(at("object"));
      assert.equal(first?.uri, at("object"));
      assert.equal(first?.size, 1234);
      if (first?.modified !== undefined) assert.ok(first.modified.getTime() > 0, "modified is a date");
      await put("object", sampleBytes(4321));
      const second = await storage.stat(at("object"));
      assert.equal(second?.size, 4321);
      if (first?.etag !== undefined) assert.notEqual(second?.etag, first.etag);
    }));

  test("a version that is asked for is read, and one that is no more is Unavailable", () =>
    withSubject(subject, async ({ storage, at, put }) => {
      await put("object", sampleBytes(5000));
      const first = await storage.stat(at("object"));
      // A store without ETags has nothing that could be asked for.
      if (first?.etag === undefined) return;
      const { etag } = first;
      assertBytes(await collect(storage.read(at("object"), { etag })), sampleBytes(5000));
      assertBytes(
        await collect(storage.read(at("object"), { etag, start: 7, end: 99 })),
        sampleBytes(5000).slice(7, 99),
      );
      await put("object", sampleBytes(4000, 2));
      await rejectsWith(collect(storage.read(at("object"), { etag, start: 7, end: 99 })), "Unavailable");
    }));

  test("reading may stop early, and begin again", () =>
    withSubject(subject, async ({ storage, at, put }) => {
      const bytes = sampleBytes(1_000_000);
      await put("object", bytes);
      for await (const chunk of storage.read(at("object"))) {
        assertBytes(new Uint8Array(chunk), bytes.slice(0, chunk.byteLength));
        break;
      }
      assertBytes(await collect(storage.read(at("object"))), bytes);
    }));

  test("an aborted signal ends stat and read with its reason", () =>
    withSubject(subject, async ({ storage, at, put }) => {
      await put("object", sampleBytes(1_000_000));
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      await rejectsAs(storage.stat(at("object"), { signal }), reason);
      await rejectsAs(collect(storage.read(at("object"), { signal })), reason);
    }));

  test("an abort between two chunks ends a read with its reason", () =>
    withSubject(subject, async ({ storage, at, put }) => {
      await put("object", sampleBytes(4_000_000));
      const abort = new AbortController();
      const reason = new Error("enough");
      const reading = (async () => {
        for await (const _ of storage.read(at("object"), { signal: abort.signal })) abort.abort(reason);
      })();
      await rejectsAs(reading, reason);
    }));

  test("a URI of another kind is InvalidInput", () =>
    withSubject(subject, async ({ storage }) => {
      await rejectsWith(storage.stat("x-unknown://host/object"), "InvalidInput");
      await rejectsWith(collect(storage.read("x-unknown://host/object")), "InvalidInput");
    }));
}
