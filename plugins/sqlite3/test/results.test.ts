import { join } from "node:path";
import type { Dataset } from "@flyte-ts/core";
import { failureOf, localTaskContext } from "@flyte-ts/core/testing";
import { describe, expect, it } from "vitest";
import { Sqlite3Executor } from "../src/executor.ts";
import { makeDatabase, runTemplate, templateOf, testFolder } from "./fixture.ts";

const folder = testFolder();
const uri = makeDatabase(
  join(folder, "values.db"),
  `create table v (i integer, r real, s text, b blob, flag boolean, day date, at datetime, price decimal(10, 2), any);
   insert into v values (9007199254740993, 1.5, 'zoë', x'00ff', 1, '2024-02-29', '2024-02-29 12:30:05.25', 10.0, 1);
   insert into v values (-9223372036854775808, 2, '', x'', 0, '1969-12-31', '1970-01-01 00:00', 0.5, 2);
   insert into v values (null, null, null, null, null, null, null, null, null);
   create table n (x integer primary key);
   insert into n values (3), (1), (2);
   create table mixed (m); insert into mixed values (1), ('two');
   create table wide (w); insert into wide values (1), (null), (2.5);`,
);
const run = (query: string, columns?: Record<string, string>, inputs = {}) =>
  runTemplate(
    folder,
    {
      query,
      uri,
      ...(columns && {
        results: {
          structuredDatasetType: {
            columns: Object.entries(columns).map(([name, simple]) => ({ name, literalType: { simple } })),
          },
        },
      }),
    },
    inputs,
  );

describe("columns without a declaration", () => {
  it("have the types of the tables, or of their values; integers are exact", async () => {
    const { rows, schema } = await run("select * from v");
    expect(schema).toEqual({
      i: "integer",
      r: "float",
      s: "string",
      b: "binary",
      flag: "integer",
      day: "string",
      at: "string",
      price: "float",
      any: "integer",
    });
    expect(rows[0]).toMatchObject({
      i: 9007199254740993n,
      r: 1.5,
      s: "zoë",
      flag: 1,
      day: "2024-02-29",
      price: 10,
      any: 1,
    });
    expect(rows[1]).toMatchObject({ i: -9223372036854775808n, r: 2, s: "", price: 0.5 });
    expect(Object.values(rows[2] as object).every((value) => value === null)).toBe(true);
    expect((rows as { b: Uint8Array }[])[0]?.b).toEqual(Uint8Array.of(0, 255));
  });

  it("widen integers to floats within the first rows, and take NULLs for text", async () => {
    expect(await run("select * from wide")).toEqual({
      rows: [{ w: 1 }, { w: null }, { w: 2.5 }],
      schema: { w: "float" },
    });
    expect((await run("select null as a, 1 as b where 0")).schema).toEqual({ a: "string", b: "string" });
  });

  it("keep the order of the rows that the query asks for", async () => {
    const { rows } = await run("select x from n order by x desc; -- the last first");
    expect(rows).toEqual([{ x: 3 }, { x: 2 }, { x: 1 }]);
  });

  it.each([
    [
      "values (1, 'a'), (2, 'b')",
      [
        { column1: 1, column2: "a" },
        { column1: 2, column2: "b" },
      ],
    ],
    ["pragma table_info(n)", [{ cid: 0, name: "x", type: "INTEGER", notnull: 0, dflt_value: null, pk: 1 }]],
    ["with flyte_rows(a) as (select 1 union all select 2) select a from flyte_rows", [{ a: 1 }, { a: 2 }]],
    ["select 1 as a union select 2 order by 1 desc", [{ a: 2 }, { a: 1 }]],
    ["select count(*) as c from n -- no line end", [{ c: 3 }]],
    ["explain query plan select 1", expect.any(Array)],
    ["select 'x;y' as a, \"x\" from n limit 1;", [{ a: "x;y", x: 1 }]],
  ])("%s", async (query, rows) => {
    expect((await run(query)).rows).toEqual(rows);
  });

  it("can be more than a function takes as arguments", async () => {
    const names = Array.from({ length: 1500 }, (_, index) => `c${index}`);
    const { rows } = await run(`select ${names.map((name, index) => `${index} as ${name}`).join(", ")}`);
    expect(rows).toEqual([Object.fromEntries(names.map((name, index) => [name, index]))]);
  });
});

describe("declared columns", () => {
  it("choose, order and type what the query yields", async () => {
    const { rows, schema } = await run("select * from v order by i desc", {
      at: "DATETIME",
      flag: "BOOLEAN",
      i: "INTEGER",
      price: "STRING",
    });
    expect(Object.entries(schema)).toEqual([
      ["at", "datetime"],
      ["flag", "boolean"],
      ["i", "integer"],
      ["price", "string"],
    ]);
    expect(rows[0]).toEqual({
      at: new Date("2024-02-29T12:30:05.250Z"),
      flag: true,
      i: 9007199254740993n,
      price: "10",
    });
    expect(rows[1]).toMatchObject({ at: new Date(0), flag: false, price: "0.5" });
    expect(rows[2]).toEqual({ at: null, flag: null, i: null, price: null });
  });

  it.each([
    ["'2024-02-29'", "2024-02-29T00:00:00.000Z"],
    ["'2024-02-29T12:30+02:00'", "2024-02-29T10:30:00.000Z"],
    ["'2024-02-29 12:30:59.123456Z'", "2024-02-29T12:30:59.123Z"],
    ["'0001-01-01'", "0001-01-01T00:00:00.000Z"],
    ["'9999-12-31 23:59:59'", "9999-12-31T23:59:59.000Z"],
    ["1709209805", "2024-02-29T12:30:05.000Z"],
    ["-0.5", "1969-12-31T23:59:59.500Z"],
    ["unixepoch('2024-02-29')", "2024-02-29T00:00:00.000Z"],
  ])("moments: %s", async (value, moment) => {
    const { rows } = await run(`select ${value} as at`, { at: "DATETIME" });
    expect(rows).toEqual([{ at: new Date(moment) }]);
  });

  it("durations are numbers of seconds", async () => {
    expect((await run("select 1.5 as d union all select -2", { d: "DURATION" })).rows).toEqual([
      { d: 1500 },
      { d: -2000 },
    ]);
  });

  it("of a legacy schema", async () => {
    const results = { schema: { columns: [{ name: "x", type: "FLOAT" }] } };
    const { rows, schema } = await runTemplate(folder, { query: "select x from n", uri, results });
    expect([rows, schema]).toEqual([[{ x: 1 }, { x: 2 }, { x: 3 }], { x: "float" }]);
  });

  it("are those of an empty result as well", async () => {
    expect(await run("select x from n where 0", { x: "INTEGER" })).toEqual({ rows: [], schema: { x: "integer" } });
  });

  it("are those of a statement that returns nothing", async () => {
    expect(await run("begin", { x: "INTEGER" })).toEqual({ rows: [], schema: { x: "integer" } });
    expect(await runTemplate(folder, { query: "select x from n", uri, results: null })).toEqual({
      rows: [],
      schema: {},
    });
  });
});

describe("a long result", () => {
  const numbers = "with recursive c(n) as (select 1 union all select n + 1 from c where n < 150000)";

  it("comes whole and in order, over several row groups", async () => {
    const { rows } = await run(`${numbers} select n, 'row ' || n as s, case n % 3 when 0 then n end as t from c`);
    expect(rows).toHaveLength(150_000);
    const wrong = (rows as { n: number; s: string; t: number | null }[]).findIndex(
      ({ n, s, t }, index) => n !== index + 1 || s !== `row ${n}` || t !== (n % 3 === 0 ? n : null),
    );
    expect(wrong).toBe(-1);
  });

  it("can be read twice, and left before its end", async () => {
    const context = await localTaskContext({ task: "t", directory: join(folder, "twice") });
    const template = templateOf({ query: `${numbers} select n from c`, uri });
    const { results } = (await new Sqlite3Executor().executeFromModel(template, {}, context)) as { results: Dataset };
    for await (const row of results.rows()) if (row.n === 3) break;
    expect((await results.columns(["n"])).n).toHaveLength(150_000);
    expect((await results.toArray()).at(-1)).toEqual({ n: 150_000 });
  });

  it("ends with the signal", async () => {
    const stop = new AbortController();
    const context = await localTaskContext({ task: "t", directory: join(folder, "stop"), signal: stop.signal });
    const template = templateOf({ query: `${numbers} select n from c`, uri });
    const { results } = (await new Sqlite3Executor().executeFromModel(template, {}, context)) as { results: Dataset };
    const reading = (async () => {
      for await (const row of results.rows()) if (row.n === 3) stop.abort(new Error("stop"));
    })();
    await expect(reading).rejects.toThrow("stop");
  });

  it("names the row of a value that no longer fits", async () => {
    const error = await failureOf(run(`${numbers} select case n when 140000 then 'end' else n end as m from c`));
    expect(error.message).toBe(
      'row 140000, column "m": the TEXT "end" does not fit: the column was found to hold integer values. ' +
        'Declare the column\'s type (columns: { "m": … }) or convert in the query: cast(… as …)',
    );
    expect([error.code, error.kind, error.recoverable]).toEqual(["InvalidInput", "user", false]);
  });
});
