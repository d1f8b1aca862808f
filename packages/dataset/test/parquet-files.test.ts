import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Dataset } from "@flyte-ts/core";
import { expect, test } from "vitest";
import { place } from "./place.ts";

const fixture = (name: string): string => join(import.meta.dirname, "fixtures", name);

async function rowsOf(name: string): Promise<Record<string, unknown>[]> {
  await using here = await place();
  return await Dataset.open(fixture(name), {}, here).toArray();
}

const day = (text: string): Date => new Date(`${text}T00:00:00Z`);
const everyType = {
  i8: [-128, 127],
  i16: [-32768, 32767],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
  u8: [0, 255],
  u16: [0, 65535],
  u32: [0, 2 ** 32 - 1],
  u64: [0, 2n ** 63n - 1n],
  f16: [-1.5, 65504],
  f32: [-1.5, Number.POSITIVE_INFINITY],
  f64: [-0.1, Number.NaN],
  text: ["", "grüße 🎵"],
  large_text: ["a", "b"],
  category: ["x", "x"],
  bytes: [new Uint8Array(), Uint8Array.of(0, 255)],
  fixed: [Uint8Array.of(97, 98), Uint8Array.of(99, 100)],
  yes: [true, false],
  day: [day("1969-12-31"), day("2024-02-29")],
  ts_s: [new Date(-1000), new Date(1000)],
  ts_ms: [new Date(-1), new Date(1)],
  ts_us: [new Date(-1), new Date(0)],
  ts_ns: [new Date(-1), new Date(0)],
  dur_s: [-1000, 1000],
  dur_ms: [-1, 1],
  dur_us: [-0.001, 0.001],
  dur_ns: [-0.001, 0.001],
  time_ms: ["00:00:00", "23:59:59.999"],
  time_us: ["00:00:00", "01:02:03.000004"],
  dec_small: ["-0.05", "123.45"],
  dec_large: ["-12345678901234567890.123", "0.001"],
  uuid: ["00112233-4455-6677-8899-aabbccddeeff", "00000000-0000-0000-0000-000000000001"],
  nothing: [null, null],
};

for (const name of ["every-type", "every-type-v2"]) {
  test(`pyarrow's types are read: ${name}`, async () => {
    const rows = await rowsOf(`${name}.parquet`);
    for (const [column, [first, last]] of Object.entries(everyType)) {
      expect([column, ...rows.map((row) => row[column])]).toEqual([column, first, null, last]);
    }
    expect(Object.keys(rows[0] ?? {})).toEqual(Object.keys(everyType));
  });
}

for (const name of [
  "codec-none",
  "codec-snappy",
  "codec-gzip",
  "codec-brotli",
  "codec-zstd",
  "no-dictionary",
  "delta",
  "delta-length",
]) {
  test(`pyarrow's encodings and codecs are read: ${name}`, async () => {
    const rows = await rowsOf(`${name}.parquet`);
    const expected = Array.from({ length: 500 }, (_, i) => ({
      n: i % 7 ? i : null,
      s: i % 5 ? `row ${i % 11}` : null,
      b: i % 3 === 0,
      r: i * i,
    }));
    expect(rows).toEqual(expected);
  });
}

test("a codec that Node lacks is named", async () => {
  await expect(rowsOf("codec-lz4.parquet")).rejects.toMatchObject({
    code: "Unsupported",
    message: expect.stringMatching(/codec-lz4\.parquet: pages compressed with LZ4_RAW are not read; read are .*ZSTD/),
  });
});

test("DuckDB's files are read", async () => {
  const rows = await rowsOf("duckdb.parquet");
  expect(rows.length).toBe(300);
  expect(rows[299]).toEqual({ n: 299, s: "row 299", b: false, f: 74.75, d: day("2000-10-26"), iv: "P0M0DT299.000S" });
});

test("pandas' frames are read", async () => {
  expect(await rowsOf("pandas.parquet")).toEqual([
    { id: 1, with_null: 1, name: "a", when: new Date(-1), took: 1000, all_none: null },
    { id: 2, with_null: null, name: null, when: null, took: null, all_none: null },
    { id: 3, with_null: 3, name: "c", when: new Date("2024-02-29T12:00Z"), took: 90_000, all_none: null },
  ]);
});

test("declared columns convert what pandas cannot say: integers with NULLs, columns without values", async () => {
  await using here = await place();
  const columns = [
    { name: "all_none", type: "integer" as const },
    { name: "with_null", type: "integer" as const },
  ];
  const dataset = Dataset.open(fixture("pandas.parquet"), { columns }, here);
  expect(await dataset.toArray()).toEqual([
    { all_none: null, with_null: 1 },
    { all_none: null, with_null: null },
    { all_none: null, with_null: 3 },
  ]);
  const wrong = Dataset.open(fixture("pandas.parquet"), { columns: [{ name: "name", type: "integer" }] }, here);
  await expect(wrong.toArray()).rejects.toThrow('row 0 (from 0), column "name": the string "a" has no equal');
  const other = Dataset.open(fixture("pandas.parquet"), { columns: [{ name: "when", type: "boolean" }] }, here);
  await expect(other.schema).rejects.toThrow(/column "when" of .* is datetime, where boolean is declared/);
});

test("lists, structs and maps are read as JSON texts", async () => {
  expect(await rowsOf("nested.parquet")).toEqual([
    { id: 1, list: "[1,null]", struct: '{"a":1,"b":"x"}', map: '{"k":1}' },
    { id: 2, list: null, struct: null, map: null },
    { id: 3, list: "[]", struct: '{"a":null,"b":"y"}', map: "{}" },
  ]);
});

test("times in 96 bits are read", async () => {
  expect(await rowsOf("int96.parquet")).toEqual([{ t: new Date(-1) }, { t: null }, { t: new Date(1_700_000_000_123) }]);
});

test("an unsigned integer that does not fit names itself and its column", async () => {
  await expect(rowsOf("too-large.parquet")).rejects.toMatchObject({
    code: "InvalidType",
    message: expect.stringMatching(/too-large\.parquet: column "u": 18446744073709551615 is no signed integer/),
  });
});

test("files without rows or columns are read", async () => {
  expect(await rowsOf("no-rows.parquet")).toEqual([]);
  expect(await rowsOf("no-columns.parquet")).toEqual([]);
});

test("a folder's files are read in the order of their names; names that begin with _ or . are not", async () => {
  expect(await rowsOf("folder")).toEqual([
    { id: 1, name: "a" },
    { id: 2, name: "b" },
    { id: 3, name: "c" },
  ]);
  expect(await rowsOf("folder/00001")).toEqual([{ id: 3, name: "c" }]);
});

test("files of a folder that do not go together are refused", async () => {
  await using here = await place();
  await copyFile(fixture("folder/00000"), join(here.folder, "00000"));
  await copyFile(fixture("pandas.parquet"), join(here.folder, "00001"));
  await expect(Dataset.open(here.folder, {}, here).toArray()).resolves.toMatchObject([
    { id: 1 },
    { id: 2 },
    {},
    {},
    {},
  ]);
  await copyFile(fixture("nested.parquet"), join(here.folder, "00001"));
  await expect(Dataset.open(here.folder, {}, here).toArray()).rejects.toThrow(
    '00001 has no column "name"; it has id, list',
  );
});

test("what is not there, not a dataset, or partitioned is said so", async () => {
  await using here = await place();
  const open = (uri: string) => Dataset.open(uri, {}, here).toArray();
  await expect(open(join(here.folder, "nowhere"))).rejects.toMatchObject({ code: "NotFound" });
  await expect(open(here.folder)).rejects.toThrow("neither a file nor a folder with files in it");
  await writeFile(join(here.folder, "text"), "this is no Parquet file, but it is long enough to be one");
  await expect(open(join(here.folder, "text"))).rejects.toMatchObject({
    code: "InvalidInput",
    message: expect.stringContaining("is no Parquet file"),
  });
  await writeFile(join(here.folder, "empty"), "");
  await expect(open(join(here.folder, "empty"))).rejects.toThrow("is no Parquet file: it has 0 bytes");
  await mkdir(join(here.folder, "parts", "year=2024"), { recursive: true });
  await copyFile(fixture("pandas.parquet"), join(here.folder, "parts", "year=2024", "a.parquet"));
  await expect(open(join(here.folder, "parts"))).rejects.toMatchObject({ code: "Unsupported" });
});
