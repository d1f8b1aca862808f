import { Dataset } from "@flyte-ts/core";
import type { NativeColumn } from "@flyte-ts/core/plugin";
import { expect, test } from "vitest";

const text = async (dataset: { toArray(): Promise<unknown> }): Promise<string> =>
  dataset.toArray().then(
    () => "no error",
    (error: Error) => error.message,
  );

test("rows are read as objects, columns whole, and both again", async () => {
  const dataset = Dataset.from([
    { id: 1, name: "a" },
    { id: 2, name: null },
  ]);
  expect(await dataset.toArray()).toEqual(await dataset.toArray());
  expect(await dataset.columns()).toEqual({ id: [1, 2], name: ["a", null] });
  expect(await dataset.columns(["name"])).toEqual({ name: ["a", null] });
  const seen: number[] = [];
  for await (const { id } of dataset.rows()) seen.push(id);
  expect(seen).toEqual([1, 2]);
  expect(dataset.uri).toBeUndefined();
});

test("columns are inferred from all rows of an array, in the order in which they come", async () => {
  const dataset = Dataset.from<object>([
    { a: null, b: 1, c: 1n },
    { b: 2.5, d: new Date(0), e: Uint8Array.of(1), f: true },
    { a: "x" },
  ]);
  expect(await dataset.schema).toEqual([
    { name: "a", type: "string" },
    { name: "b", type: "float" },
    { name: "c", type: "integer" },
    { name: "d", type: "datetime" },
    { name: "e", type: "binary" },
    { name: "f", type: "boolean" },
  ]);
  expect(await dataset.toArray()).toEqual([
    { a: null, b: 1, c: 1, d: null, e: null, f: null },
    { a: null, b: 2.5, c: null, d: new Date(0), e: Uint8Array.of(1), f: true },
    { a: "x", b: null, c: null, d: null, e: null, f: null },
  ]);
});

test("column arrays make a dataset, typed arrays too", async () => {
  const dataset = Dataset.from({ id: [1, 2], weight: Float64Array.of(0.5, 1) });
  expect(await dataset.toArray()).toEqual([
    { id: 1, weight: 0.5 },
    { id: 2, weight: 1 },
  ]);
  expect(() => Dataset.from({ a: [1, 2], b: [1] })).toThrow('column "b" has 1 values and column "a" 2');
  // @ts-expect-error: what a caller without types may do
  expect(() => Dataset.from({ a: 5 })).toThrow('column "a" is 5; it must be an array of values');
  const columns: NativeColumn[] = [{ name: "b", type: "integer" }];
  expect(() => Dataset.from({ a: [1] }, { columns })).toThrow('the dataset as declared has no column "a"; it has b');
});

test("what is no dataset is refused", () => {
  // @ts-expect-error: what a caller without types may do
  expect(() => Dataset.from(5)).toThrow("a dataset is made of rows or of column arrays, not of 5");
  expect(Dataset.is(Dataset.from([]))).toBe(true);
  expect(Dataset.is({ rows() {} })).toBe(false);
});

test("rows from a generator pass through once, whether the columns are inferred or given", async () => {
  async function* rows() {
    for (let id = 0; id < 3000; id++) yield { id };
  }
  const inferred = Dataset.from(rows());
  expect(await inferred.schema).toEqual([{ name: "id", type: "integer" }]);
  expect((await inferred.toArray()).length).toBe(3000);
  expect(await text(inferred)).toContain("come from an iterator, which can be read once");
  const again = Dataset.from({ [Symbol.asyncIterator]: rows }, { columns: [{ name: "id", type: "integer" }] });
  expect((await again.toArray()).length).toBe(3000);
  expect((await again.toArray()).length).toBe(3000);
});

test("a reader that stops early ends the rows' iterator", async () => {
  let ended = false;
  function* rows() {
    try {
      for (let id = 0; ; id++) yield { id };
    } finally {
      ended = true;
    }
  }
  for await (const { id } of Dataset.from(rows()).rows()) if (id === 5) break;
  expect(ended).toBe(true);
});

test("integers are numbers where that is exact, unless the column says what they are", async () => {
  const values = [1n, 2n ** 53n - 1n, -(2n ** 53n - 1n), 2n ** 53n, -(2n ** 63n)];
  const column = async (as?: "number" | "bigint") =>
    (await Dataset.from({ n: values }, { columns: [{ name: "n", type: "integer", as }] }).columns(["n"])).n;
  expect(await column()).toEqual([1, 2 ** 53 - 1, -(2 ** 53 - 1), 2n ** 53n, -(2n ** 63n)]);
  expect(await column("bigint")).toEqual(values);
  await expect(column("number")).rejects.toThrow(
    'row 3 (from 0), column "n": 9007199254740992 is no safe integer; declare the column as t.bigint to get it exact',
  );
});

const misfits: [NativeColumn["type"], unknown, string][] = [
  ["integer", 4.5, "4.5 does not fit the type integer, which takes a safe integer as number, or a bigint"],
  ["integer", 2 ** 53, "9007199254740992 does not fit the type integer"],
  ["integer", 2n ** 63n, "9223372036854775808n does not fit the type integer"],
  ["float", "1", '"1" does not fit the type float, which takes a number'],
  ["string", 1, "1 does not fit the type string, which takes a string"],
  ["boolean", 1, "1 does not fit the type boolean, which takes true or false"],
  ["datetime", "2024-01-01", '"2024-01-01" does not fit the type datetime, which takes a valid Date'],
  ["datetime", new Date(Number.NaN), "an invalid Date does not fit the type datetime"],
  [
    "date",
    new Date(1),
    "the Date 1970-01-01T00:00:00.001Z does not fit the type date, which takes a Date at midnight UTC",
  ],
  ["duration", Number.NaN, "NaN does not fit the type duration, which takes a finite number of milliseconds"],
  ["binary", "x", '"x" does not fit the type binary, which takes a Uint8Array'],
];

for (const [type, value, message] of misfits) {
  test(`a value that does not fit is named: ${message}`, async () => {
    const dataset = Dataset.from([{ c: null }, { c: value }], { columns: [{ name: "c", type }] });
    expect(await text(dataset)).toContain(`row 1 (from 0), column "c": ${message}`);
  });
}

test("values that no column takes, or that do not go together, are named", async () => {
  expect(await text(Dataset.from([{ a: [1] }]))).toContain(
    'row 0 (from 0), column "a": an array is no value of a column',
  );
  expect(await text(Dataset.from<object>([{ a: 1 }, { a: "x" }]))).toContain(
    'row 1 (from 0), column "a": "x" is string, the rows before are integer',
  );
  expect(await text(Dataset.from<object>([{ a: 1n }, { a: 0.5 }]))).toContain("bigints or fractions");
  // @ts-expect-error: what a caller without types may do
  expect(await text(Dataset.from([1], { columns: [{ name: "a", type: "float" }] }))).toContain(
    "row 0 (from 0) is 1; it must be an object with the columns a",
  );
});

test("a value under a name that is no column is an error, not lost", async () => {
  const dataset = Dataset.from([{ a: 1, b: 2 }], { columns: [{ name: "a", type: "integer" }] });
  expect(await text(dataset)).toContain(
    'row 0 (from 0), column "b": the dataset has no such column; its columns are a',
  );
});

test("a schema with one name twice, or a type that is none, is refused", () => {
  const columns: NativeColumn[] = [
    { name: "a", type: "integer" },
    { name: "a", type: "string" },
  ];
  expect(() => Dataset.from([], { columns })).toThrow('two columns of the dataset are called "a"');
  expect(() => Dataset.from([], { columns: [{ name: "a", type: "text" as "string" }] })).toThrow(
    'column "a" has the type "text"; types are integer, float, string',
  );
});

test("rows that are asked for all at once come in their order, each once", async () => {
  const rows = Dataset.from(Array.from({ length: 5 }, (_, id) => ({ id }))).rows();
  const results = await Promise.all(Array.from({ length: 7 }, () => rows.next()));
  expect(results.map(({ value }) => value?.id)).toEqual([0, 1, 2, 3, 4, undefined, undefined]);
});

test("a dataset of known rows is a dataset of any rows", async () => {
  const known: Dataset<{ id: number; name: string | null }> = Dataset.from([{ id: 1, name: null }]);
  const any: Dataset = known;
  // @ts-expect-error: there is no such column
  await expect(known.columns(["nam"])).rejects.toThrow('the dataset has no column "nam"; it has id, name');
  expect(await any.toArray()).toEqual([{ id: 1, name: null }]);
});
