import { Dataset } from "@flyte-ts/core";
import { type Clock, DatasetStore, type NativeColumn, StorageRegistry } from "@flyte-ts/core/plugin";
import { failureOf, ManualClock } from "@flyte-ts/core/testing";
import { describe, expect, it } from "vitest";
import manifest from "../src/plugin.ts";
import { microsOf } from "../src/table/moments.ts";
import { TableFormat, type TableFormatOptions } from "../src/table/table-format.ts";
import { apiError, type BigQueryDouble } from "./bigquery-double.ts";
import { startDouble } from "./fixture.ts";

const field = (name: string, type: string, more: object = {}) => ({ name, type, mode: "NULLABLE", ...more });
const cells = (...values: unknown[]) => ({ f: values.map((v) => ({ v })) });
const uri = "bq://p1:d.t";

function read(double: BigQueryDouble, columns?: readonly NativeColumn[], options: TableFormatOptions = {}): Dataset {
  const format = new TableFormat({ endpoint: double.endpoint, ...options });
  const datasets = new DatasetStore(async (scheme) => (scheme === "bq" ? async () => format : undefined));
  return Dataset.open(uri, { columns }, { storage: new StorageRegistry(), datasets });
}

describe("the rows of a table", () => {
  it("have values of every type, and NULLs", async () => {
    const { double } = await startDouble();
    const record = field("record", "RECORD", {
      fields: [field("n", "INTEGER"), field("at", "TIMESTAMP"), field("x", "FLOAT")],
    });
    const fields = [
      field("integer", "INTEGER"),
      field("float", "FLOAT"),
      field("boolean", "BOOLEAN"),
      field("string", "STRING"),
      field("bytes", "BYTES"),
      field("timestamp", "TIMESTAMP"),
      field("datetime", "DATETIME"),
      field("date", "DATE"),
      field("time", "TIME"),
      field("numeric", "NUMERIC"),
      field("json", "JSON"),
      record,
      field("list", "INTEGER", { mode: "REPEATED" }),
    ];
    const values = [
      "-9223372036854775808",
      "-Infinity",
      "true",
      "ü\n",
      "AP8=",
      "1709209805123456",
      "2024-02-29T12:30:05.5",
      "0001-01-01",
      "12:30:05.5",
      "12345678901234567890.123456789",
      '{"a":1}',
      { f: [{ v: "9007199254740993" }, { v: "-1" }, { v: "NaN" }] },
      [{ v: "1" }, { v: "9007199254740993" }],
    ];
    double.tables.set("p1:d.t", {
      schema: { fields },
      rows: [cells(...values), cells(...fields.map(() => null).slice(0, -1), [])],
    });
    const dataset = read(double);
    const [row, nulls] = await dataset.toArray();
    expect(row).toEqual({
      integer: -9223372036854775808n,
      float: Number.NEGATIVE_INFINITY,
      boolean: true,
      string: "ü\n",
      bytes: Buffer.from([0, 255]),
      timestamp: new Date("2024-02-29T12:30:05.123Z"),
      datetime: new Date("2024-02-29T12:30:05.500Z"),
      date: new Date("0001-01-01T00:00:00Z"),
      time: "12:30:05.5",
      numeric: "12345678901234567890.123456789",
      json: '{"a":1}',
      record: '{"n":9007199254740993,"at":"1969-12-31T23:59:59.999999Z","x":"NaN"}',
      list: "[1,9007199254740993]",
    });
    expect(nulls).toEqual({ ...Object.fromEntries(fields.map(({ name }) => [name, null])), list: "[]" });
    const first = await dataset
      .batches({ columns: ["timestamp"] })
      [Symbol.asyncIterator]()
      .next();
    expect(first.value?.columns[0]?.values[0]).toBe(1709209805123456n);
  });

  it("are what the author declares, where that is exact", async () => {
    const { double } = await startDouble();
    const fields = [field("n", "NUMERIC"), field("long", "INTERVAL"), field("i", "INTEGER"), field("other", "STRING")];
    double.tables.set("p1:d.t", {
      schema: { fields },
      rows: [cells("1.5", "0-0 1 -1:0:0.000001", "3", "x"), cells(null, null, "9007199254740993", "y")],
    });
    const declared = [
      { name: "i", type: "integer", as: "bigint" },
      { name: "long", type: "duration" },
      { name: "n", type: "float" },
    ] as const;
    expect(await read(double, declared).toArray()).toEqual([
      { i: 3n, long: 82_799_999.999, n: 1.5 },
      { i: 9007199254740993n, long: null, n: null },
    ]);
    const data = double.received.filter(({ path }) => path.endsWith("/data"));
    expect(data.map(({ query }) => query.selectedFields)).toEqual(["n,long,i"]);
    const error = await failureOf(read(double, [{ name: "none", type: "string" }]).toArray());
    expect(error.message).toContain('has no column "none"; it has n, long, i, other');
  });

  it("come page by page, whatever the pages hold", async () => {
    const { double } = await startDouble();
    const rows = Array.from({ length: 25 }, (_, n) => cells(String(n), `s${n}`));
    double.tables.set("p1:d.t", { schema: { fields: [field("n", "INTEGER"), field("s", "STRING")] }, rows });
    const found: unknown[] = [];
    for await (const row of read(double, undefined, { rowsPerPage: 10 }).rows()) found.push(row);
    expect(found).toEqual(rows.map((_, n) => ({ n, s: `s${n}` })));
    const data = double.received.filter(({ path }) => path.endsWith("/data"));
    expect(data.map(({ query }) => query.pageToken)).toEqual([undefined, "10", "20"]);
    expect(data[0]?.query["formatOptions.useInt64Timestamp"]).toBe("true");

    double.tables.set("p1:d.t", { schema: { fields: [field("n", "INTEGER")] } });
    expect(await read(double).toArray()).toEqual([]);
  });

  it("a page that fails in passing is asked for again, with what waits on the clock", async () => {
    const { double } = await startDouble();
    double.tables.set("p1:d.t", { schema: { fields: [field("n", "INTEGER")] }, rows: [cells("1")] });
    let faults = 3;
    double.intercept = ({ path }) =>
      path.endsWith("/data") && faults-- > 0 ? apiError(503, "backendError", "again") : undefined;
    const clock = new ManualClock();
    let done = false;
    const reading = read(double, undefined, { clock }).toArray();
    reading.finally(() => (done = true)).catch(() => {});
    while (!done) await clock.pass(100);
    expect(await reading).toEqual([{ n: 1 }]);
  });

  it("a page that may be asked for again in a month is in a quarter of an hour", async () => {
    const { double } = await startDouble();
    double.tables.set("p1:d.t", { schema: { fields: [field("n", "INTEGER")] }, rows: [cells("1")] });
    const throttled = { ...apiError(429, "rateLimitExceeded", "later"), headers: { "retry-after": "2592000" } };
    let faults = 1;
    double.intercept = ({ path }) => (path.endsWith("/data") && faults-- > 0 ? throttled : undefined);
    const slept: number[] = [];
    const clock: Clock = {
      now: () => 0,
      sleep: (ms, { signal } = {}) => {
        // a request's own deadline, which does not come
        if (ms === 30_000) {
          return new Promise((_, reject) => signal?.addEventListener("abort", reject, { once: true }));
        }
        slept.push(ms);
        return Promise.resolve();
      },
    };
    expect(await read(double, undefined, { clock }).toArray()).toEqual([{ n: 1 }]);
    expect(slept).toEqual([900_000]);
  });

  it.each<[string, () => ReturnType<typeof apiError>, string]>([
    ["a table that is not there", () => apiError(404, "notFound", "Not found: Table p1:d.t"), "NotFound"],
    [
      "a table that is not one's own",
      () => apiError(403, "accessDenied", "Access Denied: Table p1:d.t"),
      "PermissionDenied",
    ],
  ])("%s is an error that names it", async (_, answer, code) => {
    const { double } = await startDouble();
    double.intercept = () => answer();
    const error = await failureOf(read(double).toArray());
    expect(error).toMatchObject({ code, message: expect.stringContaining("cannot read the table p1.d.t") });
    expect(double.received).toHaveLength(1);
  });

  it("a value that is none of its column's, a view, and a URI of no table are errors that say so", async () => {
    const { double } = await startDouble();
    double.tables.set("p1:d.t", { schema: { fields: [field("n", "INTEGER")] }, rows: [cells("1"), cells("1.5")] });
    expect((await failureOf(read(double).toArray())).message).toBe(
      'row 1 (from 0), column "n": "1.5" (INTEGER) is no integer',
    );
    double.tables.set("p1:d.t", { schema: { fields: [] }, type: "VIEW" });
    expect((await failureOf(read(double).toArray())).code).toBe("Unsupported");
    const context = { storage: new StorageRegistry() };
    const format = new TableFormat({ endpoint: double.endpoint });
    for (const wrong of ["bq://t", "bq://../x:d.t", "bq://p:d.t/x", "bq://p q:d.t"]) {
      expect((await failureOf(format.open(wrong, context))).message).toContain("bq://project:dataset.table");
    }
    expect((await failureOf(format.write(uri))).code).toBe("Unsupported");
  });

  it("the manifest says who reads them, without loading the SDK", async () => {
    const format = await manifest.provides.tables?.bq?.();
    expect(format).toBeInstanceOf(TableFormat);
  });

  it.each([
    ["1709209805123456", 1709209805123456n],
    ["1.709209805123456E9", 1709209805123456n],
    ["-0.000001", -1n],
    ["1e3", 1000000000n],
    ["2024-02-29 12:30:05.123456 UTC", 1709209805123456n],
    ["2024-02-29T12:30:05", 1709209805000000n],
    ["yesterday", undefined],
  ])("%s is a moment", (text, micros) => {
    expect(microsOf(text)).toBe(micros);
  });
});
