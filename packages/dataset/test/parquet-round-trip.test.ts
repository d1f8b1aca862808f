import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { zstdDecompressSync } from "node:zlib";
import { type CellValue, type ColumnSchema, type ColumnType, Dataset } from "@flyte-ts/core";
import type { RecordBatch } from "@flyte-ts/core/plugin";
import fc from "fast-check";
import { parquetReadObjects } from "hyparquet";
import { expect, test } from "vitest";
import { place } from "./place.ts";

const arbitraries: Record<ColumnType, fc.Arbitrary<CellValue>> = {
  integer: fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  float: fc.double(),
  string: fc.string({ unit: "grapheme" }),
  boolean: fc.boolean(),
  datetime: fc.date({ noInvalidDate: true }),
  date: fc.integer({ min: -100_000_000, max: 100_000_000 }).map((day) => new Date(day * 86_400_000)),
  duration: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
  binary: fc.uint8Array(),
};
const types = Object.keys(arbitraries) as ColumnType[];

/** An integer as it is read back: a number wherever that is exact. */
const read = (value: CellValue): CellValue =>
  typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : Object.is(value, -0) ? 0 : value;

test("what is stored is read back: every type, with and without NULLs", async () => {
  await using here = await place();
  const table = fc.array(fc.constantFrom(...types), { maxLength: 5 }).chain((columns) =>
    fc.record({
      columns: fc.constant(columns.map((type, at): ColumnSchema => ({ name: `c${at}`, type }))),
      rows: fc.array(fc.tuple(...columns.map((type) => fc.option(arbitraries[type], { freq: 3 }))), { maxLength: 40 }),
    }),
  );
  let count = 0;
  await fc.assert(
    fc.asyncProperty(table, async ({ columns, rows }) => {
      const records = rows.map((row) => Object.fromEntries(row.map((value, at) => [`c${at}`, value])));
      const stored = await Dataset.from(records, { columns }).store(here, join(here.folder, `${count++}`));
      expect(await stored.schema).toEqual(columns);
      const back = await stored.toArray();
      expect(back.length).toBe(rows.length);
      back.forEach((row, at) => {
        columns.forEach(({ name, type }, column) => {
          const given = rows[at]?.[column] as CellValue;
          if (type === "float") expect(row[name]).toBe(given);
          else expect(row[name]).toEqual(type === "binary" || given === null ? given : read(given));
        });
      });
    }),
    { numRuns: 150 },
  );
});

const edges: Record<string, { columns: ColumnSchema[]; rows: Record<string, CellValue>[] }> = {
  "no rows": { columns: [{ name: "a", type: "integer" }], rows: [] },
  "no columns": { columns: [], rows: [{}, {}] },
  "neither rows nor columns": { columns: [], rows: [] },
  "nothing but NULLs": { columns: types.map((type) => ({ name: type, type })), rows: [{}, {}, {}] },
  "the ends of 64 bits": {
    columns: [{ name: "a", type: "integer" }],
    rows: [{ a: 2n ** 63n - 1n }, { a: -(2n ** 63n) }, { a: 2n ** 53n }, { a: -(2n ** 53n) }],
  },
  "numbers that are none": {
    columns: [{ name: "a", type: "float" }],
    rows: [{ a: Number.NaN }, { a: Number.POSITIVE_INFINITY }, { a: Number.NEGATIVE_INFINITY }, { a: 5e-324 }],
  },
  "times before 1970": {
    columns: [
      { name: "t", type: "datetime" },
      { name: "d", type: "date" },
      { name: "u", type: "duration" },
    ],
    rows: [{ t: new Date(-1), d: new Date(-86_400_000), u: -0.001 }],
  },
  "the ends of a Date": {
    columns: [
      { name: "t", type: "datetime" },
      { name: "d", type: "date" },
    ],
    rows: [
      { t: new Date(8.64e15), d: new Date(8.64e15) },
      { t: new Date(-8.64e15), d: new Date(-8.64e15) },
    ],
  },
  "names of all kinds": {
    columns: ["", "__proto__", "constructor", "a.b", "ä 🎵", "1"].map((name) => ({ name, type: "string" })),
    rows: [],
  },
};

for (const [name, { columns, rows }] of Object.entries(edges)) {
  test(`round trip: ${name}`, async () => {
    await using here = await place();
    const stored = await Dataset.from(rows, { columns }).store(here, join(here.folder, "x"));
    const expected = rows.map((row) => Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null])));
    expect(await stored.toArray()).toEqual(expected);
    expect(await stored.schema).toEqual(columns);
  });
}

test("a column may be called __proto__", async () => {
  await using here = await place();
  const rows = [JSON.parse('{"__proto__": "x", "constructor": "y"}') as Record<string, string>];
  const [back] = await (await Dataset.from(rows).store(here, join(here.folder, "x"))).toArray();
  expect(Object.entries(back ?? {})).toEqual([
    ["__proto__", "x"],
    ["constructor", "y"],
  ]);
});

test("long texts and bytes make pages and batches of their own", async () => {
  await using here = await place();
  const texts = ["ä".repeat(3_000_000), "", "b".repeat(5_000_000), "🎵".repeat(40_000)];
  const rows = texts.map((s, at) => ({ s, b: new Uint8Array(at * 2_000_000).fill(at) }));
  const stored = await Dataset.from(rows).store(here, join(here.folder, "x"));
  let at = 0;
  for await (const { s, b } of stored.rows()) {
    expect(s === texts[at]).toBe(true);
    expect(Buffer.compare(b, rows[at]?.b ?? new Uint8Array())).toBe(0);
    at++;
  }
  expect(at).toBe(4);
});

test("half a surrogate pair becomes the replacement character, as in every UTF-8", async () => {
  await using here = await place();
  const stored = await Dataset.from([{ s: "a\ud800b" }]).store(here, join(here.folder, "x"));
  expect(await stored.toArray()).toEqual([{ s: "a\ufffdb" }]);
});

/** Rows over several pages and row groups, in batches of the given length. */
function* batches(total: number, length: number): Generator<RecordBatch> {
  for (let from = 0; from < total; from += length) {
    const rows = Array.from({ length: Math.min(length, total - from) }, (_, at) => from + at);
    const nulls = Uint8Array.from(rows, (row) => (row % 7 === 0 || (row > 70_000 && row < 140_000) ? 1 : 0));
    yield {
      length: rows.length,
      columns: [
        { type: "integer", values: BigInt64Array.from(rows, (row) => BigInt(row) * -3_000_000_000n) },
        { type: "integer", values: BigInt64Array.from(rows, BigInt), nulls },
        { type: "string", values: rows.map((row) => `text ${row % 1000}`), nulls },
        { type: "boolean", values: Uint8Array.from(rows, (row) => (row % 3 === 0 ? 1 : 0)), nulls },
        { type: "date", values: Int32Array.from(rows, (row) => row - 100_000), nulls },
      ],
    };
  }
}

const batchColumns = ["integer", "integer", "string", "boolean", "date"].map((type, at) => ({
  name: `c${at}`,
  type: type as ColumnType,
}));

test("many rows: row groups, pages and batches meet at every boundary, and the bytes do not depend on the batches", async () => {
  await using here = await place();
  const total = 200_003;
  const files: Buffer[] = [];
  for (const length of [65_536, 9_999, total]) {
    const uri = join(here.folder, `${length}`);
    const source = { columns: batchColumns, batches: batches(total, length) };
    expect(await here.datasets.write(uri, "parquet", source, here)).toEqual({ rows: total });
    files.push(await readFile(join(uri, "00000")));
  }
  expect(files.every((file) => file.equals(files[0] as Buffer))).toBe(true);

  const uri = join(here.folder, "9999");
  expect((await here.datasets.open(uri, "parquet", here)).rows).toBe(total);
  let row = 0;
  let wrong = 0;
  for await (const { c0, c1, c2, c3, c4 } of Dataset.open(uri, {}, here).rows()) {
    const isNull = row % 7 === 0 || (row > 70_000 && row < 140_000);
    if (c0 !== row * -3_000_000_000 + 0) wrong++;
    if (c1 !== (isNull ? null : row) || c2 !== (isNull ? null : `text ${row % 1000}`)) wrong++;
    if (c3 !== (isNull ? null : row % 3 === 0)) wrong++;
    if ((c4 === null) !== isNull || (c4 instanceof Date && c4.getTime() !== (row - 100_000) * 86_400_000)) wrong++;
    row++;
  }
  expect({ row, wrong }).toEqual({ row: total, wrong: 0 });
});

test("a subset of the columns is read in the order asked for", async () => {
  await using here = await place();
  const uri = join(here.folder, "x");
  await Dataset.from([{ a: 1, b: "x", c: true }]).store(here, uri);
  const stored = Dataset.open<{ a: number; b: string; c: boolean }>(uri, {}, here);
  for await (const batch of stored.batches({ columns: ["c", "a"] })) {
    expect(batch.columns.map(({ type }) => type)).toEqual(["boolean", "integer"]);
  }
  expect(await stored.columns(["b", "a"])).toEqual({ b: ["x"], a: [1] });
  await expect(stored.columns(["a", "z" as "a"])).rejects.toThrow('has no column "z"; it has a, b, c');
});

test("a batch that is not of the schema is refused, and nothing is left behind", async () => {
  await using here = await place();
  const uri = join(here.folder, "x");
  const source = { columns: [{ name: "a", type: "float" as const }], batches: batches(5, 5) };
  await expect(here.datasets.write(uri, "parquet", source, here)).rejects.toThrow("the schema's are float");
  expect(await here.storage.stat(join(uri, "00000"))).toBeUndefined();
});

test("hyparquet, which knows nothing of us, reads what we write", async () => {
  await using here = await place();
  const rows = [
    { i: 2n ** 62n, s: "grüße 🎵", b: true, t: new Date(-1), u: -1.5, x: Uint8Array.of(0, 255) },
    { i: null, s: null, b: null, t: null, u: null, x: null },
  ];
  const columns: ColumnSchema[] = [
    { name: "i", type: "integer" },
    { name: "s", type: "string" },
    { name: "b", type: "boolean" },
    { name: "t", type: "datetime" },
    { name: "u", type: "duration" },
    { name: "x", type: "binary" },
  ];
  await Dataset.from(rows, { columns }).store(here, join(here.folder, "x"));
  const file = new Uint8Array(await readFile(join(here.folder, "x", "00000"))).buffer;
  const compressors = { ZSTD: (page: Uint8Array) => new Uint8Array(zstdDecompressSync(page)) };
  const seen = await parquetReadObjects({ file, utf8: false, compressors });
  expect(seen).toEqual(rows.map((row) => ({ ...row, u: row.u === null ? null : BigInt(row.u * 1000) })));
});
