import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { failureOf } from "@flyte-ts/core/testing";
import { describe, expect, it } from "vitest";
import { unpackArchive } from "../src/archive/unpack.ts";
import { tarOf, zipOf } from "./archives.ts";
import { makeDatabase, makeFile, runTemplate, testFolder } from "./fixture.ts";

const folder = testFolder();
const database = readFileSync(makeDatabase(join(folder, "plain.db"), "create table t (a); insert into t values (42)"));
const signal = new AbortController().signal;
const limits = { maxBytes: 1_000_000, maxRatio: 20, freeBytes: 100_000 };

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, "fixtures", name));

/** Writes an archive in a folder of its own, unpacks it under limits, and checks that a failure left nothing. */
async function unpack(name: string, content: Uint8Array): Promise<Uint8Array> {
  const path = makeFile(join(folder, name), content);
  const target = join(folder, `${name}.out`);
  try {
    await unpackArchive(path, target, { archive: name, signal, limits });
  } catch (error) {
    expect(readdirSync(folder)).not.toContain(`${name}.out`);
    throw error;
  }
  return readFileSync(target);
}

describe("an archive with one file", () => {
  it("is unpacked, whatever its name says", async () => {
    expect(await unpack("zip.tar", zipOf([{ name: "a.db", content: database }]))).toEqual(database);
    expect(await unpack("tar.zip", await tarOf([{ name: "a.db", content: database }]))).toEqual(database);
    expect(await unpack("tgz.bin", gzipSync(await tarOf([{ name: "a.db", content: database }])))).toEqual(database);
    expect(await unpack("gz.bin", gzipSync(database))).toEqual(database);
  });

  it("may be packed with bzip2 or xz", async () => {
    for (const name of ["tar.bz2", "tar.xz", "bz2", "xz"]) {
      const unpacked = await unpack(`packed.${name}`, fixture(`numbers.db.${name}`));
      const rows = await runTemplate(folder, {
        query: "select count(*) as n, sum(a) as s from t",
        uri: makeFile(join(folder, `${name}.db`), unpacked),
      });
      expect(rows.rows).toEqual([{ n: 3000, s: 4_501_500 }]);
    }
  });

  it("may hold it in a folder, and what macOS adds", async () => {
    const entries = [
      { name: "data/" },
      { name: "data/.DS_Store", content: "x" },
      { name: "__MACOSX/data/._a.db", content: "x" },
      { name: "data/a.db", content: database },
    ];
    expect(await unpack("folder.zip", zipOf(entries))).toEqual(database);
    const folders = [
      { name: "data/", type: "directory" as const },
      { name: "data/._a.db", content: "x" },
    ];
    expect(await unpack("folder.tar", await tarOf([...folders, { name: "data/a.db", content: database }]))).toEqual(
      database,
    );
  });

  it("is what a task reads", async () => {
    const uri = makeFile(join(folder, "task.zip"), zipOf([{ name: "a.db", content: database }]));
    const { rows } = await runTemplate(folder, { query: "select a from t", uri, compressed: true });
    expect(rows).toEqual([{ a: 42 }]);
  });
});

describe("an archive is refused, and nothing is left", () => {
  const db = { name: "a.db", content: database };
  const zeros = Buffer.alloc(900_000);
  const cases: readonly (readonly [string, string, () => Uint8Array | Promise<Uint8Array>, RegExp])[] = [
    [
      "zip with two files",
      "two.zip",
      () => zipOf([db, { name: "b.db" }]),
      /exactly one file; it holds "a.db" and "b.db"/,
    ],
    [
      "tar with two files",
      "two.tar",
      () => tarOf([db, { name: "b.db" }]),
      /exactly one file; it holds "a.db" and "b.db"/,
    ],
    ["zip with none", "none.zip", () => zipOf([{ name: "d/" }]), /exactly one file; it holds none/],
    ["tar with none", "none.tar", () => tarOf([{ name: "d/", type: "directory" }]), /exactly one file; it holds none/],
    ["zip that climbs", "up.zip", () => zipOf([{ ...db, name: "../a.db" }]), /"\.\.\/a.db" leaves the folder/],
    ["zip with an absolute name", "abs.zip", () => zipOf([{ ...db, name: "/a.db" }]), /"\/a.db" leaves the folder/],
    ["tar that climbs", "up.tar", () => tarOf([{ ...db, name: "x/../../a.db" }]), /leaves the folder/],
    [
      "tar with a link",
      "link.tar",
      () => tarOf([{ name: "a.db", type: "symlink", linkname: "/etc/passwd" }]),
      /is a link/,
    ],
    ["tar with a hard link", "hard.tar", () => tarOf([{ name: "a.db", type: "link", linkname: "b" }]), /is a link/],
    ["tar with a pipe", "pipe.tar", () => tarOf([{ name: "a.db", type: "fifo" }]), /device or pipe/],
    [
      "zip with a link",
      "link.zip",
      () => zipOf([{ name: "a.db", content: "/etc/passwd", mode: 0o120777 }]),
      /is a link/,
    ],
    ["encrypted zip", "enc.zip", () => zipOf([{ ...db, flags: 1 }]), /"a.db" is encrypted/],
    [
      "zip that claims 10 GB",
      "claim.zip",
      () => zipOf([{ ...db, claimedSize: 10_000_000_000 }]),
      /more than 1000000 bytes/,
    ],
    [
      "zip that lies about its size",
      "lie.zip",
      () => zipOf([{ name: "a", content: zeros, claimedSize: 5 }]),
      /cannot be read/,
    ],
    ["zip of zeros", "zeros.zip", () => zipOf([{ name: "a", content: zeros }]), /beyond 20 : 1/],
    [
      "tar.gz of zeros",
      "zeros.tgz",
      async () => gzipSync(await tarOf([{ name: "a", content: zeros }])),
      /beyond 20 : 1/,
    ],
    ["gzip of zeros", "zeros.gz", () => gzipSync(zeros), /beyond 20 : 1/],
    ["cut zip", "cut.zip", () => zipOf([db]).subarray(0, 60), /zip archive cannot be read/],
    ["cut tar", "cut.tar", async () => (await tarOf([db])).subarray(0, 2000), /cannot be read/],
    ["cut gzip", "cut.gz", () => gzipSync(database).subarray(0, 60), /cannot be read/],
    ["garbage", "garbage.zip", () => Buffer.from("no archive at all"), /is no archive \(by its first bytes\)/],
    ["nothing", "empty.zip", () => Buffer.alloc(0), /is empty/],
    ["a bare database", "bare.zip", () => database, /is an SQLite database already.*compressed to false/],
    [
      "cut bzip2",
      "cut.bz2",
      () => fixture("numbers.db.bz2").subarray(0, 4000),
      /cannot be read: the file ends in the middle/,
    ],
    ["cut xz", "cut.xz", () => fixture("numbers.db.xz").subarray(0, 4000), /cannot be read/],
    ["bzip2 of zeros", "zeros.bz2", () => fixture("zeros.bz2"), /beyond 20 : 1/],
    ["xz of zeros", "zeros.xz", () => fixture("zeros.xz"), /beyond 20 : 1/],
    ["damaged bzip2", "bad.bz2", () => Buffer.from(fixture("numbers.db.bz2")).fill(7, 2000, 2100), /cannot be read/],
    ["zstd", "a.zst", () => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]), /zstd, which is not read/],
  ];

  it.each(cases)("%s", async (_, name, content, message) => {
    const error = await failureOf(unpack(name, await content()));
    expect(error.message).toMatch(message);
    expect(error.message).toContain(name);
    expect([error.kind, error.recoverable]).toEqual(["user", false]);
  });
});

describe("unpacking", () => {
  it("ends with the signal", async () => {
    const stop = new AbortController();
    stop.abort(new Error("stop"));
    const path = makeFile(join(folder, "abort.tar"), await tarOf([{ name: "a", content: database }]));
    const target = join(folder, "abort.out");
    await expect(unpackArchive(path, target, { archive: "a", signal: stop.signal, limits })).rejects.toThrow("stop");
    expect(readdirSync(folder)).not.toContain("abort.out");
  });
});
