import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ColumnType, Dataset } from "@flyte-ts/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Place, place } from "./place.ts";

async function stored(here: Place, text: string | Uint8Array, name = ".csv"): Promise<string> {
  const uri = join(here.folder, `${Math.random()}`);
  await mkdir(uri);
  await writeFile(join(uri, name), text);
  return uri;
}

const values: Readonly<Record<ColumnType, fc.Arbitrary<unknown>>> = {
  integer: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float: fc.double(),
  string: fc.string({ unit: "binary" }),
  boolean: fc.boolean(),
  datetime: fc.date({ noInvalidDate: true }),
  date: fc.integer({ min: -100_000, max: 100_000 }).map((day) => new Date(day * 86_400_000)),
  duration: fc.integer({ min: -(10 ** 13), max: 10 ** 13 }).map((micros) => micros / 1000),
  binary: fc.uint8Array(),
};

test("rows of every type come back as they were, NULLs and empty texts told apart", async () => {
  await using here = await place();
  const columns = Object.keys(values).map((type) => ({
    name: `a "${type}", of it`,
    type: type as ColumnType,
    ...(type === "integer" ? { as: "bigint" as const } : {}),
  }));
  const row = fc.record(
    Object.fromEntries(columns.map(({ name, type }) => [name, fc.option(values[type], { nil: null })])),
  );
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(row), async (rows) => {
      const uri = join(here.folder, `r${count++}`);
      await Dataset.from(rows, { columns }).store(here, uri, "csv");
      expect(await Dataset.open(uri, { format: "csv", columns }, here).toArray()).toEqual(rows);
    }),
    { numRuns: 60 },
  );
});

test("the file is called and written as flytekit's handler does", async () => {
  await using here = await place();
  const uri = join(here.folder, "x");
  const columns = [
    { name: "id", type: "integer" as const },
    { name: "name", type: "string" as const },
    { name: "size", type: "float" as const },
    { name: "at", type: "datetime" as const },
    { name: "took", type: "duration" as const },
  ];
  const rows = [
    { id: 1, name: 'say "hi", you', size: 2, at: new Date("2024-02-29T12:30:00.25Z"), took: -1500 },
    { id: null, name: "", size: Number.NaN, at: null, took: 90_061_000.5 },
  ];
  await Dataset.from(rows, { columns }).store(here, uri, "csv");
  expect(await readFile(join(uri, ".csv"), "utf8")).toBe(
    'id,name,size,at,took\n1,"say ""hi"", you",2.0,2024-02-29 12:30:00.250000+00:00,-1 days +23:59:58.500000\n' +
      ',"",NaN,,1 days 01:01:01.000500\n',
  );
});

test("types are found in the whole file where none are declared", async () => {
  await using here = await place();
  const body = Array.from({ length: 20_000 }, (_, row) => `${row},${row},True,00${row},`).join("\r\n");
  const uri = await stored(here, `\uFEFFa,b,c,d,e\r\n${body}\r\n1,0.5,,x,\r\n`);
  const dataset = Dataset.open(uri, { format: "csv" }, here);
  expect(await dataset.schema).toEqual([
    { name: "a", type: "integer" },
    { name: "b", type: "float" },
    { name: "c", type: "boolean" },
    { name: "d", type: "string" },
    { name: "e", type: "string" },
  ]);
  const rows = await dataset.toArray();
  expect(rows).toHaveLength(20_001);
  expect(rows.at(-1)).toEqual({ a: 1, b: 0.5, c: null, d: "x", e: null });
});

test("records are the same however the bytes are cut", async () => {
  const { CsvParser } = await import("../src/csv/csv-parser.ts");
  const text = 'a,"b\r\n""c""",\r\n,"",ü\rlast';
  const whole = [["a", 'b\r\n"c"', null], [null, "", "ü"], ["last"]];
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: text.length })), (cuts) => {
      const parser = new CsvParser("x");
      const places = [0, ...cuts.sort((a, b) => a - b), text.length];
      const records = places.slice(1).flatMap((end, at) => parser.push(text.slice(places[at], end)));
      expect([...records, ...parser.end()]).toEqual(whole);
    }),
  );
});

test("declared columns choose and order, and take what pandas writes", async () => {
  await using here = await place();
  const uri = await stored(
    here,
    "x,n,at,took,day\nq,1.0,2024-01-02T03:04:05.678901234Z,0:01:30,2024-01-02\n,,,,\n",
    "part-0.csv",
  );
  const columns = [
    { name: "took", type: "duration" as const },
    { name: "n", type: "integer" as const },
    { name: "at", type: "datetime" as const },
    { name: "day", type: "date" as const },
  ];
  expect(await Dataset.open(uri, { format: "csv", columns }, here).toArray()).toEqual([
    { took: 90_000, n: 1, at: new Date("2024-01-02T03:04:05.678Z"), day: new Date("2024-01-02") },
    { took: null, n: null, at: null, day: null },
  ]);
  const single = Dataset.open<{ x: string }>(join(uri, "part-0.csv"), { format: "csv" }, here);
  expect(await single.columns(["x"])).toEqual({ x: ["q", null] });
});

test("a dataset without rows keeps its columns", async () => {
  await using here = await place();
  const uri = join(here.folder, "x");
  await Dataset.from([], { columns: [{ name: "a", type: "float" }] }).store(here, uri, "csv");
  const dataset = Dataset.open(uri, { format: "csv" }, here);
  expect((await dataset.schema).map(({ name }) => name)).toEqual(["a"]);
  expect(await dataset.toArray()).toEqual([]);
});

test.each<[string, string | Uint8Array, string]>([
  ["a cell too many", "a,b\n1,2\n1,2,3\n", "row 1 (from 0)"],
  ["a text where an integer is declared", "a,b\n1,2\nx,2\n", 'row 1 (from 0), column "a": "x" is not an integer'],
  ["a quote that is not closed", 'a,b\n"1,2\n', "a quote is not closed"],
  ["text after a quote", 'a,b\n1,"2"3\n', 'in line 2, "3" stands after a closing quote'],
  ["two columns of one name", "a,a\n1,2\n", 'two columns called "a"'],
  ["no UTF-8", Uint8Array.of(0x61, 0x2c, 0x62, 0x0a, 0xff, 0x2c, 0x31), "is not UTF-8"],
  ["a column that is missing", "b\n1\n", 'no column "a"'],
  ["a day that a month does not have", "a,b,d\n1,1,2023-02-29\n", '"2023-02-29" is not a day'],
])("an error says where it is: %s", async (_name, text, message) => {
  await using here = await place();
  const columns = [
    { name: "a", type: "integer" as const },
    ...(String(text).includes(",d") ? [{ name: "d", type: "date" as const }] : []),
  ];
  const dataset = Dataset.open(await stored(here, text), { format: "csv", columns }, here);
  await expect(dataset.toArray()).rejects.toThrow(message);
});

test("one column of texts cannot say NULL, and says so", async () => {
  await using here = await place();
  const given = Dataset.from([{ a: "x" }, { a: null }], { columns: [{ name: "a", type: "string" }] });
  await expect(given.store(here, join(here.folder, "x"), "csv")).rejects.toThrow("use the format parquet");
  const numbers = Dataset.from([{ a: 1 }, { a: null }], { columns: [{ name: "a", type: "integer" }] });
  const back = await numbers.store(here, join(here.folder, "y"), "csv");
  expect(await back.toArray()).toEqual([{ a: 1 }, { a: null }]);
});

test("a file of one column, as Amazon Athena writes it: its name in quotes, an empty line for NULL", async () => {
  await using here = await place();
  const uri = await stored(here, '"n"\n"1"\n\n""\n\n', "query.csv");
  const columns = [{ name: "n", type: "string" as const }];
  const rows = [{ n: "1" }, { n: null }, { n: "" }, { n: null }];
  expect(await Dataset.open(uri, { format: "csv", columns }, here).toArray()).toEqual(rows);
  const plain = await stored(here, "n\n1\n\n2\n");
  expect(await Dataset.open(plain, { format: "csv" }, here).toArray()).toEqual([{ n: 1 }, { n: 2 }]);
});
