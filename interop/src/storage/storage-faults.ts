import { randomUUID } from "node:crypto";
import type { Storage } from "@flyte-ts/core/plugin";
import type { ObjectStorageOptions } from "@flyte-ts/storage";
import { expect, test } from "vitest";
import type { Emulator } from "../emulators/emulator.ts";
import type { FaultRule } from "../emulators/fault-proxy.ts";

/** The requests of a store, as rules of the proxy find them. */
export interface StoreRequests {
  readonly head: FaultRule;
  readonly get: FaultRule;
  readonly put: FaultRule;
  readonly part: FaultRule;
  /** What makes the object of its parts; for a store where the last part does that, the third of three. */
  readonly complete: FaultRule;
  readonly list: FaultRule;
  readonly copy: FaultRule;
  readonly delete: FaultRule;
}

/** A store behind an emulator, for `storageFaults`. */
export interface FaultySubject {
  readonly emulator: () => Emulator;
  readonly storage: (options?: ObjectStorageOptions) => Promise<Storage>;
  /** The bucket's URI, which is there, and one that is not. */
  readonly bucket: string;
  readonly missingBucket: string;
  readonly requests: StoreRequests;
  /** The vendor's answers, by the proxy's names of them. */
  readonly throttled: string;
  readonly unavailable: string;
  readonly denied: string;
  readonly partBytes: number;
  /** True for an emulator that cannot copy a part of an object. */
  readonly copiesNoParts?: boolean;
}

const bytes = (length: number, seed = 1): Buffer => Buffer.alloc(length, `${seed} some text of no meaning, `);

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

async function* inChunks(all: Buffer): AsyncIterable<Uint8Array> {
  for (let at = 0; at < all.byteLength; at += 300_000) yield all.subarray(at, at + 300_000);
}

async function listed(storage: Storage, folder: string, signal?: AbortSignal): Promise<string[]> {
  const uris: string[] = [];
  for await (const { uri } of storage.list(folder, { signal })) uris.push(uri);
  return uris;
}

/** What a store does under every fault that a proxy can make: in the end the right result, or the right error. */
export function storageFaults(subject: FaultySubject): void {
  const { requests, bucket, partBytes } = subject;
  const faults = (...rules: readonly FaultRule[]): Promise<void> => subject.emulator().faults.add(...rules);
  const newUri = (): string => `${bucket}/faults/${randomUUID()}`;
  const whole = bytes(2 * partBytes + 100_000);

  test("a request that is throttled, refused or cut off for a while is repeated until it succeeds", async () => {
    const storage = await subject.storage();
    const uri = newUri();
    const passing: readonly FaultRule[] = [
      { preset: subject.throttled, retryAfter: 0 },
      { preset: subject.unavailable },
      { do: "reset" },
      { do: "lose" },
    ];
    for (const fault of passing) {
      await faults({ ...requests.put, ...fault });
      await storage.write(uri, bytes(1000));
      await faults({ ...requests.head, ...fault });
      expect(await storage.stat(uri)).toMatchObject({ size: 1000 });
      await faults({ ...requests.get, ...fault });
      expect((await collect(storage.read(uri))).equals(bytes(1000))).toBe(true);
      await faults({ ...requests.list, ...fault });
      expect(await listed(storage, `${bucket}/faults`)).toContain(uri);
      await faults({ ...requests.delete, ...fault });
      await storage.delete(uri);
      expect(await storage.stat(uri)).toBeUndefined();
    }
    expect((await subject.emulator().faults.log()).filter(({ fault }) => fault !== undefined)).toHaveLength(20);
  });

  test("so is a copy, which is whole then", async () => {
    const storage = await subject.storage();
    const from = newUri();
    // In one piece: moto keeps the checksum that an object had by its parts for the copy, which has none.
    await storage.write(from, bytes(100_000));
    for (const fault of [
      { preset: subject.throttled, retryAfter: 0 },
      { preset: subject.unavailable },
      { do: "reset" },
      { do: "lose" },
    ] as const) {
      const to = newUri();
      await faults({ ...requests.copy, ...fault });
      await storage.copy(from, to);
      expect((await collect(storage.read(to))).equals(bytes(100_000))).toBe(true);
    }
    expect((await subject.emulator().faults.log()).filter(({ fault }) => fault !== undefined)).toHaveLength(4);
  });

  const inParts = subject.copiesNoParts === true ? undefined : test;
  inParts?.("a copy in parts is whole as well, and leaves nothing when it is aborted", async () => {
    const storage = await subject.storage({ copyBytes: partBytes, concurrency: 2 });
    const from = newUri();
    // In one piece: versitygw gives a part of the copy the checksum that the whole has by its own parts.
    await (await subject.storage({ partBytes: 4 * partBytes })).write(from, whole);
    for (const fault of [{ preset: subject.unavailable }, { do: "reset" }, { do: "lose" }] as const) {
      const to = newUri();
      await faults({ ...requests.part, ...fault, skip: 1 }, { ...requests.complete, ...fault });
      await storage.copy(from, to);
      await subject.emulator().faults.clear();
      expect(await storage.stat(to)).toMatchObject({ size: whole.byteLength });
      expect((await collect(storage.read(to))).equals(whole)).toBe(true);
    }
    const to = newUri();
    await faults({ ...requests.part, do: "hang", skip: 1, times: 0 }, { ...requests.copy, do: "hang", times: 0 });
    const abort = new AbortController();
    const outcome = storage.copy(from, to, { signal: abort.signal }).catch((error: unknown) => error);
    while (!(await subject.emulator().faults.log()).some(({ fault }) => fault === "hang"))
      await new Promise(setImmediate);
    abort.abort(new Error("enough"));
    expect(await outcome).toEqual(new Error("enough"));
    await subject.emulator().faults.clear();
    expect(await storage.stat(to)).toBeUndefined();
    await expect(storage.copy(newUri(), newUri())).rejects.toMatchObject({ code: "NotFound" });
  });

  test("one that is throttled, unavailable or denied for ever says so", async () => {
    const storage = await subject.storage({ retries: 2 });
    for (const [preset, code] of [
      [subject.throttled, "Throttled"],
      [subject.unavailable, "Unavailable"],
      [subject.denied, "PermissionDenied"],
    ] as const) {
      await faults({ path: "/bucket", preset, times: 0 });
      const uri = newUri();
      for (const attempt of [
        () => storage.stat(uri),
        () => collect(storage.read(uri)),
        () => storage.write(uri, bytes(10)),
        () => storage.write(uri, inChunks(whole)),
        () => listed(storage, bucket),
        () => storage.copy(uri, newUri()),
        () => storage.delete(uri),
      ]) {
        await expect(attempt()).rejects.toMatchObject({ code, cause: expect.anything() });
      }
      await subject.emulator().faults.clear();
    }
  });

  test("one that is never answered ends by its deadline, and is repeated", async () => {
    const uri = newUri();
    const storage = await subject.storage({ timeoutMs: 700 });
    await faults({ ...requests.put, do: "hang" });
    await storage.write(uri, bytes(1000));
    await faults({ ...requests.get, do: "hang" }, { ...requests.head, do: "hang" });
    expect((await collect(storage.read(uri))).byteLength).toBe(1000);
    expect(await storage.stat(uri)).toMatchObject({ size: 1000 });
    await faults({ ...requests.head, do: "hang", times: 0 }, { ...requests.get, do: "hang", times: 0 });
    const hasty = await subject.storage({ timeoutMs: 100, retries: 1 });
    await expect(hasty.stat(uri)).rejects.toMatchObject({ code: "Unavailable" });
    await expect(collect(hasty.read(uri))).rejects.toMatchObject({ code: "Unavailable" });
  });

  test("one that hangs ends by the signal, with its reason", async () => {
    const uri = newUri();
    const storage = await subject.storage();
    await storage.write(uri, bytes(10));
    await faults({ path: "/bucket", do: "hang", times: 0 });
    const reason = new Error("enough");
    for (const attempt of [
      (signal: AbortSignal) => storage.stat(uri, { signal }),
      (signal: AbortSignal) => collect(storage.read(uri, { signal })),
      (signal: AbortSignal) => storage.write(newUri(), bytes(10), { signal }),
      (signal: AbortSignal) => listed(storage, bucket, signal),
      (signal: AbortSignal) => storage.copy(uri, newUri(), { signal }),
      (signal: AbortSignal) => storage.delete(uri, { signal }),
    ]) {
      const abort = new AbortController();
      const log = async (): Promise<number> => (await subject.emulator().faults.log()).length;
      const before = await log();
      const outcome = attempt(abort.signal).catch((error: unknown) => error);
      while ((await log()) === before) await new Promise(setImmediate);
      abort.abort(reason);
      expect(await outcome).toBe(reason);
    }
  });

  test.each(["part", "complete"] as const)(
    "an upload whose %s hangs ends by the signal, and leaves nothing",
    async (request) => {
      const uri = newUri();
      const storage = await subject.storage();
      await faults({ ...requests[request], do: "hang", times: 0 });
      const abort = new AbortController();
      const reason = new Error("enough");
      const outcome = storage.write(uri, inChunks(whole), { signal: abort.signal }).catch((error: unknown) => error);
      const log = () => subject.emulator().faults.log();
      while (!(await log()).some(({ fault }) => fault === "hang")) await new Promise(setImmediate);
      abort.abort(reason);
      expect(await outcome).toBe(reason);
      await subject.emulator().faults.clear();
      expect(await storage.stat(uri)).toBeUndefined();
      expect(await listed(storage, uri.slice(0, uri.lastIndexOf("/")))).not.toContain(uri);
    },
  );

  test("a body that is cut off is continued, as often as it is", async () => {
    const uri = newUri();
    const storage = await subject.storage();
    await storage.write(uri, whole);
    await faults({ ...requests.get, do: "truncate", times: 3 });
    expect((await collect(storage.read(uri))).equals(whole)).toBe(true);
    await faults({ ...requests.get, do: "truncate", times: 2 });
    const range = { start: 1000, end: whole.byteLength - 1000 };
    expect((await collect(storage.read(uri, range))).equals(whole.subarray(range.start, range.end))).toBe(true);
  });

  test("an upload in parts of which some are refused, reset or lose their answer is whole", async () => {
    const storage = await subject.storage();
    for (const fault of [{ preset: subject.unavailable }, { do: "reset" }, { do: "lose" }] as const) {
      for (const request of [{ ...requests.part, skip: 1 }, requests.complete]) {
        const uri = newUri();
        await faults({ ...request, ...fault });
        await storage.write(uri, inChunks(whole));
        expect(await storage.stat(uri)).toMatchObject({ size: whole.byteLength });
        expect((await collect(storage.read(uri))).equals(whole)).toBe(true);
        await subject.emulator().faults.clear();
      }
    }
  });

  test("a write only where nothing is, whose answer is lost, has won", async () => {
    const storage = await subject.storage();
    const small = newUri();
    await faults({ ...requests.put, do: "lose" });
    await storage.write(small, bytes(1000), { ifAbsent: true });
    expect((await collect(storage.read(small))).equals(bytes(1000))).toBe(true);
    await expect(storage.write(small, bytes(1000), { ifAbsent: true })).rejects.toMatchObject({
      code: "AlreadyExists",
    });
    const large = newUri();
    await faults({ ...requests.complete, do: "lose" });
    await storage.write(large, inChunks(whole), { ifAbsent: true });
    expect((await collect(storage.read(large))).equals(whole)).toBe(true);
    const log = await subject.emulator().faults.log();
    expect(log.filter(({ fault }) => fault === "lose")).toHaveLength(2);
    await expect(storage.write(large, inChunks(whole), { ifAbsent: true })).rejects.toMatchObject({
      code: "AlreadyExists",
    });
  });

  test("one that is refused before it came through, and then finds another's object, has lost", async () => {
    const storage = await subject.storage();
    const uri = newUri();
    await storage.write(uri, bytes(1000), { ifAbsent: true });
    await faults({ ...requests.put, preset: subject.unavailable }, { ...requests.put, do: "lose" });
    await expect(storage.write(uri, bytes(1000), { ifAbsent: true })).rejects.toMatchObject({ code: "AlreadyExists" });
  });

  test("after a write without a condition all is still repeated", async () => {
    const storage = await subject.storage();
    await storage.write(newUri(), bytes(10));
    const uri = newUri();
    await faults({ ...requests.put, preset: subject.unavailable, times: 2 });
    await storage.write(uri, bytes(10));
    await faults({ ...requests.head, preset: subject.unavailable, times: 2 });
    expect(await storage.stat(uri)).toMatchObject({ size: 10 });
  });

  test("a bucket that is not there is told apart from an object that is not there", async () => {
    const storage = await subject.storage();
    const { missingBucket } = subject;
    const there = newUri();
    await storage.write(there, bytes(10));
    for (const attempt of [
      () => storage.stat(`${missingBucket}/object`),
      () => collect(storage.read(`${missingBucket}/object`)),
      () => storage.write(`${missingBucket}/object`, bytes(10)),
      () => storage.write(`${missingBucket}/object`, inChunks(whole)),
      () => storage.copy(`${missingBucket}/object`, newUri()),
      () => storage.copy(there, `${missingBucket}/object`),
      () => listed(storage, missingBucket),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ code: "NotFound", reason: "NoSuchContainer" });
    }
    const failed = collect(storage.read(newUri()));
    await expect(failed).rejects.toMatchObject({ code: "NotFound", reason: undefined });
    expect(await storage.stat(newUri())).toBeUndefined();
  });
}
