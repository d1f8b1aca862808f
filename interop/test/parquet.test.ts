import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dataset, type NativeColumn } from "@flyte-ts/core";
import { type DatasetContext, DatasetStore, StorageRegistry } from "@flyte-ts/core/plugin";
import { formats } from "@flyte-ts/dataset";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callPython } from "../src/python.ts";

interface Seen {
  readonly type: string;
  readonly values: readonly (string | null)[];
}

interface Description {
  readonly arrow: Readonly<Record<string, Seen>>;
  readonly pandas: Readonly<Record<string, string>>;
  readonly duckdb: Readonly<Record<string, Seen>>;
  readonly rows: { readonly arrow: number; readonly pandas: number; readonly footer: number };
}

let folder = "";
let context: DatasetContext;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-ts-parquet-"));
  const datasets = new DatasetStore();
  for (const [name, load] of Object.entries(formats)) datasets.register(name, load);
  context = { storage: new StorageRegistry(), datasets };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Writes rows with our writer and gives the file's path. */
async function written(name: string, rows: Iterable<object>, columns: readonly NativeColumn[]): Promise<string> {
  await Dataset.from(rows, { columns }).store(context, join(folder, name));
  return join(folder, name, "00000");
}

const columns: readonly NativeColumn[] = [
  { name: "i", type: "integer" },
  { name: "f", type: "float" },
  { name: "s", type: "string" },
  { name: "b", type: "boolean" },
  { name: "t", type: "datetime" },
  { name: "d", type: "date" },
  { name: "u", type: "duration" },
  { name: "x", type: "binary" },
];
const rows = [
  {
    i: 2n ** 63n - 1n,
    f: 0.1,
    s: "grüße 🎵",
    b: true,
    t: new Date("1969-12-31T23:59:59.999Z"),
    d: new Date("1969-12-31"),
    u: -1.5,
    x: Uint8Array.of(0, 255),
  },
  { i: null, f: null, s: null, b: null, t: null, d: null, u: null, x: null },
  {
    i: -(2n ** 63n),
    f: Number.POSITIVE_INFINITY,
    s: "",
    b: false,
    t: new Date("2024-02-29T12:00:00Z"),
    d: new Date("2024-02-29"),
    u: 90_000,
    x: new Uint8Array(),
  },
];

test("pyarrow reads our types and values exactly, durations too", async () => {
  const { arrow, rows: counts } = await callPython<Description>(
    "describe_parquet",
    await written("types", rows, columns),
  );
  expect(counts).toEqual({ arrow: 3, pandas: 3, footer: 3 });
  expect(arrow).toEqual({
    i: { type: "int64", values: ["9223372036854775807", null, "-9223372036854775808"] },
    f: { type: "double", values: ["0.1", null, "inf"] },
    s: { type: "string", values: ["grüße 🎵", null, ""] },
    b: { type: "bool", values: ["True", null, "False"] },
    t: {
      type: "timestamp[us, tz=UTC]",
      values: ["1969-12-31 23:59:59.999000+00:00", null, "2024-02-29 12:00:00+00:00"],
    },
    d: { type: "date32[day]", values: ["1969-12-31", null, "2024-02-29"] },
    u: { type: "duration[us]", values: ["-1500", null, "90000000"] },
    x: { type: "binary", values: ["00ff", null, ""] },
  });
});

test("DuckDB reads our types and values exactly; a duration is its microseconds there", async () => {
  const { duckdb } = await callPython<Description>("describe_parquet", await written("duckdb", rows, columns));
  expect(duckdb).toEqual({
    i: { type: "BIGINT", values: ["9223372036854775807", null, "-9223372036854775808"] },
    f: { type: "DOUBLE", values: ["0.1", null, "inf"] },
    s: { type: "VARCHAR", values: ["grüße 🎵", null, ""] },
    b: { type: "BOOLEAN", values: ["True", null, "False"] },
    t: {
      type: "TIMESTAMP WITH TIME ZONE",
      values: ["1969-12-31 23:59:59.999+00", null, "2024-02-29 12:00:00+00"],
    },
    d: { type: "DATE", values: ["1969-12-31", null, "2024-02-29"] },
    u: { type: "BIGINT", values: ["-1500", null, "90000000"] },
    x: { type: "BLOB", values: ["00ff", null, ""] },
  });
});

test("pandas gives the columns the dtypes of their types", async () => {
  const path = await written(
    "dtypes",
    rows.filter(({ i }) => i !== null),
    columns,
  );
  const { pandas } = await callPython<Description>("describe_parquet", path);
  const { s, ...rest } = pandas;
  // pandas has a dtype for text from version 3 on.
  expect(["object", "str"]).toContain(s);
  expect(rest).toEqual({
    i: "int64",
    f: "float64",
    b: "bool",
    t: "datetime64[us, UTC]",
    d: "object",
    u: "timedelta64[us]",
    x: "object",
  });
});

test("many row groups, pages with and without NULLs, no rows: the same for every reader", async () => {
  const total = 300_000;
  function* many() {
    for (let i = 0; i < total; i++) yield { i, s: i % 3 === 0 && i > 70_000 ? null : `text ${i % 1000}` };
  }
  const both: readonly NativeColumn[] = [
    { name: "i", type: "integer" },
    { name: "s", type: "string" },
  ];
  const seen = await callPython<Description>("describe_parquet", await written("many", many(), both));
  expect(seen.rows).toEqual({ arrow: total, pandas: total, footer: total });
  for (const { i, s } of [seen.arrow, seen.duckdb]) {
    expect(i?.values).toEqual(Array.from(many(), (row) => String(row.i)));
    expect(s?.values).toEqual(Array.from(many(), (row) => row.s));
  }
  const none = await callPython<Description>("describe_parquet", await written("none", [], both));
  expect(none.rows).toEqual({ arrow: 0, pandas: 0, footer: 0 });
});
