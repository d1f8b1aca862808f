import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  contentHash,
  deleteFolder,
  downloadFile,
  downloadFolder,
  exists,
  FlyteError,
  glob,
  inParallel,
  isGlob,
  parseGlob,
  StorageRegistry,
  uploadFile,
  uploadFolder,
} from "@flyte-ts/core/plugin";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemoryStorage } from "./memory-storage.ts";

let folder: string;
let storage: MemoryStorage;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-storage-operations-"));
  storage = new MemoryStorage();
});
afterEach(() => rm(folder, { recursive: true }));

const text = (value: string): Uint8Array => Buffer.from(value);
async function found(pattern: string): Promise<string[]> {
  const uris: string[] = [];
  for await (const { uri } of glob(storage, pattern)) uris.push(uri);
  return uris;
}

describe("a glob", () => {
  const names = ["a.csv", "b.csv", "b.parquet", "d/a.csv", "d/e/a.csv", "d/e/f.txt", "x[1].csv", "{y}.csv"];
  beforeEach(async () => {
    for (const name of names) await storage.write(`mem://bucket/in/${name}`, text(name));
  });

  test.each([
    ["*.csv", ["a.csv", "b.csv", "x[1].csv", "{y}.csv"]],
    ["?.csv", ["a.csv", "b.csv"]],
    ["**/*.csv", ["a.csv", "b.csv", "d/a.csv", "d/e/a.csv", "x[1].csv", "{y}.csv"]],
    ["d/**", ["d/a.csv", "d/e/a.csv", "d/e/f.txt"]],
    ["d/**/a.csv", ["d/a.csv", "d/e/a.csv"]],
    ["d/*/a.csv", ["d/e/a.csv"]],
    ["b.{csv,parquet}", ["b.csv", "b.parquet"]],
    ["{a,d/{a,e/a}}.csv", ["a.csv", "d/a.csv", "d/e/a.csv"]],
    ["[ab].csv", ["a.csv", "b.csv"]],
    ["[!a].csv", ["b.csv"]],
    ["[a-c].p*", ["b.parquet"]],
    ["x\\[1\\].csv", ["x[1].csv"]],
    ["\\{y}.csv", ["{y}.csv"]],
    ["a.csv", ["a.csv"]],
    ["a?csv", ["a.csv"]],
    ["none*", []],
  ])("%s", async (pattern, expected) => {
    expect(await found(`mem://bucket/in/${pattern}`)).toEqual(expected.map((name) => `mem://bucket/in/${name}`));
  });

  test("asks the store for no more than what can match", () => {
    expect(parseGlob("s3://bucket/a/b/2024-*/x.csv")).toMatchObject({
      folder: "s3://bucket/a/b/",
      startsWith: "2024-",
    });
    expect(parseGlob("s3://bucket/*")).toMatchObject({ folder: "s3://bucket/", startsWith: "" });
    expect(parseGlob("/data/in/x")).toMatchObject({ folder: "/data/in/", startsWith: "x" });
    expect(parseGlob("*.csv")).toMatchObject({ folder: "./", startsWith: "" });
  });

  test("that is not closed, or stands for a bucket, is InvalidInput", () => {
    for (const pattern of ["s3://bucket/[a", "s3://bucket/{a,b", "s3://buck*/a"]) {
      expect(() => parseGlob(pattern)).toThrow(FlyteError);
    }
  });

  test("takes every name for itself when its special characters are quoted", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }).filter((name) => !name.includes("/")),
        (name) => {
          const uri = `mem://bucket/${name}`;
          const quoted = `mem://bucket/${name.replace(/[*?[\]{}\\]/g, "\\$&")}`;
          const { folder: below, startsWith, matches } = parseGlob(quoted);
          expect(matches(uri)).toBe(true);
          expect(uri.startsWith(below + startsWith)).toBe(true);
          expect(isGlob(quoted)).toBe(/[*?[\]{}\\]/.test(name));
        },
      ),
    );
  });

  test("finds files as well", async () => {
    await mkdir(join(folder, "sub"));
    for (const name of ["one.csv", "two.txt", "sub/three.csv"]) await writeFile(join(folder, name), name);
    const files = await new StorageRegistry().storageFor(folder);
    const uris: string[] = [];
    for await (const { uri } of glob(files, `${folder}/**/*.csv`)) uris.push(uri);
    expect(uris).toEqual([`${folder}/one.csv`, `${folder}/sub/three.csv`]);
  });
});

describe("a folder", () => {
  const content: Readonly<Record<string, string>> = { a: "1", "b/c": "22", "b/d/e f": "", "large/x": "y".repeat(3e6) };
  beforeEach(async () => {
    for (const [name, value] of Object.entries(content)) {
      await mkdir(join(folder, "from", name, ".."), { recursive: true });
      await writeFile(join(folder, "from", name), value);
    }
  });

  test("is uploaded and downloaded as it is", async () => {
    await symlink(join(folder, "from/a"), join(folder, "from/link"));
    const files = Object.keys(content).length + 1;
    const bytes = 3e6 + 4;
    expect(await uploadFolder(storage, join(folder, "from"), "mem://bucket/x/")).toEqual({ files, bytes });
    expect(await downloadFolder(storage, "mem://bucket/x", join(folder, "to"))).toEqual({ files, bytes });
    for (const [name, value] of Object.entries({ ...content, link: "1" })) {
      expect((await readFile(join(folder, "to", name))).equals(text(value)), name).toBe(true);
    }
    expect((await readdir(join(folder, "to"))).sort()).toEqual(["a", "b", "large", "link"]);
  });

  test("is removed whole, and nothing beside it", async () => {
    await uploadFolder(storage, join(folder, "from"), "mem://bucket/x");
    await storage.write("mem://bucket/xy", text("beside"));
    expect(await deleteFolder(storage, "mem://bucket/x", { concurrency: 2 })).toBe(4);
    expect(await deleteFolder(storage, "mem://bucket/x")).toBe(0);
    expect([...storage.objects.keys()]).toEqual(["mem://bucket/xy"]);
  });

  test("whose objects would lie outside of the target is InvalidInput", async () => {
    await storage.write("mem://bucket/x/a/../../../evil", text("x"));
    await expect(downloadFolder(storage, "mem://bucket/x", join(folder, "to"))).rejects.toMatchObject({
      code: "InvalidInput",
    });
    expect(await readdir(folder)).not.toContain("evil");
  });

  test("with a link to nowhere is NotFound, one that is not there too", async () => {
    await symlink(join(folder, "nowhere"), join(folder, "from/link"));
    await expect(uploadFolder(storage, join(folder, "from"), "mem://bucket/x")).rejects.toMatchObject({
      code: "NotFound",
      message: expect.stringContaining("is a link to something that is not there"),
    });
    await expect(uploadFolder(storage, join(folder, "none"), "mem://bucket/x")).rejects.toMatchObject({
      code: "NotFound",
    });
  });

  test("ends its transfer with the signal's reason", async () => {
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await expect(uploadFolder(storage, join(folder, "from"), "mem://bucket/x", { signal })).rejects.toBe(reason);
    await expect(downloadFolder(storage, "mem://bucket/x", folder, { signal })).rejects.toBe(reason);
    expect(storage.objects.size).toBe(0);
  });
});

describe("a file", () => {
  test("that is large is downloaded in parts of one version", async () => {
    const all = Buffer.alloc(40 * 2 ** 20, "some text that repeats ");
    await storage.write("mem://bucket/large", all);
    const stat = await storage.stat("mem://bucket/large");
    const ranges: unknown[] = [];
    const read = storage.read.bind(storage);
    storage.read = (uri, options) => {
      ranges.push([options?.start, options?.end, options?.etag]);
      return read(uri, options);
    };
    await downloadFile(storage, "mem://bucket/large", join(folder, "deep/large"), { stat });
    expect((await readFile(join(folder, "deep/large"))).equals(all)).toBe(true);
    const part = 16 * 2 ** 20;
    expect(ranges).toEqual([
      [0, part, stat?.etag],
      [part, 2 * part, stat?.etag],
      [2 * part, 40 * 2 ** 20, stat?.etag],
    ]);
  });

  test("that changes while its parts are read is Unavailable, and leaves nothing", async () => {
    await storage.write("mem://bucket/large", Buffer.alloc(40 * 2 ** 20));
    const stat = await storage.stat("mem://bucket/large");
    await storage.write("mem://bucket/large", Buffer.alloc(40 * 2 ** 20, 1));
    const attempt = downloadFile(storage, "mem://bucket/large", join(folder, "large"), { stat });
    await expect(attempt).rejects.toMatchObject({ code: "Unavailable" });
    expect(await readdir(folder)).toEqual([]);
  });

  test("is uploaded whole, or named where it cannot be read", async () => {
    await writeFile(join(folder, "a"), "content");
    expect(await uploadFile(storage, join(folder, "a"), "mem://bucket/a", { ifAbsent: true })).toBe(7);
    await expect(uploadFile(storage, join(folder, "a"), "mem://bucket/a", { ifAbsent: true })).rejects.toMatchObject({
      code: "AlreadyExists",
    });
    await expect(uploadFile(storage, join(folder, "b"), "mem://bucket/b")).rejects.toMatchObject({ code: "NotFound" });
  });
});

test("a hash is that of the content, in hexadecimal digits", async () => {
  await storage.write("mem://bucket/a", text("abc"));
  // FIPS 180-4's own example, and RFC 1321's.
  const sha = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(await contentHash(storage, "mem://bucket/a")).toBe(sha);
  expect(await contentHash(storage, "mem://bucket/a", { algorithm: "md5" })).toBe("900150983cd24fb0d6963f7d28e17f72");
  expect([await exists(storage, "mem://bucket/a"), await exists(storage, "mem://bucket/b")]).toEqual([true, false]);
});

test("a registry copies from one store into another, and inside of one as that store does", async () => {
  const registry = new StorageRegistry();
  registry.register("mem", async () => storage);
  await writeFile(join(folder, "a"), "content");
  await registry.copy(join(folder, "a"), "mem://bucket/a");
  await registry.copy("mem://bucket/a", "mem://bucket/b");
  await registry.copy("mem://bucket/b", join(folder, "b"));
  expect(await readFile(join(folder, "b"), "utf8")).toBe("content");
});

describe("work in parallel", () => {
  test("has never more under way than its limit and its budget allow", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(10), { maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        async (costs, limit) => {
          let under = 0;
          let spent = 0;
          const done: number[] = [];
          await inParallel(costs, { limit, cost: (cost) => cost, budget: 10 }, async (cost) => {
            under++;
            spent += cost;
            expect(under).toBeLessThanOrEqual(limit);
            expect(spent).toBeLessThanOrEqual(10);
            await new Promise(setImmediate);
            under--;
            spent -= cost;
            done.push(cost);
          });
          expect(done.sort()).toEqual(costs.sort());
        },
      ),
      { numRuns: 50 },
    );
  });

  test("ends with the first error, when what runs has heard of it", async () => {
    const reason = new Error("broken");
    const seen: unknown[] = [];
    const work = inParallel([2, 1, 3, 4], { limit: 2 }, async (item, signal) => {
      seen.push(item);
      if (item === 1) throw reason;
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      seen.push(signal.reason);
    });
    await expect(work).rejects.toBe(reason);
    expect(seen).toEqual([2, 1, reason]);
  });
});
