import { type AnyType, t } from "@flyte-ts/core";
import { failureOf } from "@flyte-ts/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { connectorOf, queryContext, testDouble } from "./fixture.ts";

const double = await testDouble();
const connector = connectorOf(double);

/** What Athena is sent for one input in a place of a query. */
async function sent(type: AnyType, x: unknown, query = "select {{ .inputs.x }}", days: readonly string[] = []) {
  const custom = { statement: query, flyte_ts: { format: "csv", days } };
  await connector.create(await queryContext(custom, { inputs: { x: type }, values: { x } }));
  const { QueryString: sql, ExecutionParameters: parameters = [] } = double.started.at(-1) ?? { QueryString: "" };
  return { sql, parameters };
}

/** The text that a literal of SQL says. */
const said = (literal: string): string => {
  expect(literal).toMatch(/^'(?:[^']|'')*'$/s);
  return literal.slice(1, -1).replaceAll("''", "'");
};

describe("a value is sent as a literal of its type", () => {
  it.each<[string, AnyType, unknown, string]>([
    ["an integer", t.bigint, 5n, "5"],
    ["a negative integer", t.int, -5, "-5"],
    ["the largest integer", t.bigint, 2n ** 63n - 1n, "9223372036854775807"],
    ["the smallest integer", t.bigint, -(2n ** 63n), "BIGINT '-9223372036854775808'"],
    ["a float", t.float, 1.5, "1.5E0"],
    ["a float without a fraction", t.float, 5, "5E0"],
    ["a small float", t.float, -1.5e-7, "-1.5E-7"],
    ["a large float", t.float, 1e300, "1E300"],
    ["not a number", t.float, Number.NaN, "DOUBLE 'NaN'"],
    ["infinity", t.float, Number.NEGATIVE_INFINITY, "DOUBLE '-Infinity'"],
    ["true", t.boolean, true, "TRUE"],
    ["false", t.boolean, false, "FALSE"],
    ["a text", t.string, "it's ☃", "'it''s ☃'"],
    ["an empty text", t.string, "", "''"],
    ["an enum", t.enum(["a"]), "a", "'a'"],
    ["a moment", t.datetime, new Date("2024-02-29T12:30:05Z"), "TIMESTAMP '2024-02-29 12:30:05'"],
    [
      "a moment with a fraction",
      t.datetime,
      new Date("2024-02-29T12:30:05.250Z"),
      "TIMESTAMP '2024-02-29 12:30:05.250'",
    ],
    ["a duration", t.duration, 93_784_500, "INTERVAL '1 02:03:04.500' DAY TO SECOND"],
    ["a negative duration", t.duration, -1000, "INTERVAL -'0 00:00:01.000' DAY TO SECOND"],
    ["bytes", t.bytes, new Uint8Array([255, 0]), "X'ff00'"],
    ["no bytes", t.bytes, new Uint8Array(0), "X''"],
    ["JSON", t.json, { a: ["it's", null, 1] }, `JSON '{"a":["it''s",null,1]}'`],
    ["null", t.optional(t.int), null, "NULL"],
    ["an optional with a value", t.optional(t.string), "x", "'x'"],
  ])("%s", async (_, type, value, parameter) => {
    expect(await sent(type, value)).toEqual({ sql: "select ?", parameters: [parameter] });
  });

  it("a day, which looks like a moment on the wire", async () => {
    const day = new Date("2024-02-29");
    expect((await sent(t.date, day, "select {{ .inputs.x }}", ["x"])).parameters).toEqual(["DATE '2024-02-29'"]);
    expect((await sent(t.list(t.date), [day], "select {{ .inputs.x }}", ["x"])).sql).toBe(
      "select CAST(ARRAY[?] AS ARRAY(DATE))",
    );
  });

  it.each<[string, AnyType, unknown, string, readonly string[]]>([
    ["a list", t.list(t.int), [1, 2], "CAST(ARRAY[?, ?] AS ARRAY(BIGINT))", ["1", "2"]],
    ["an empty list", t.list(t.string), [], "CAST(ARRAY[] AS ARRAY(VARCHAR))", []],
    [
      "a list in a list",
      t.list(t.list(t.float)),
      [[1], []],
      "CAST(ARRAY[CAST(ARRAY[?] AS ARRAY(DOUBLE)), CAST(ARRAY[] AS ARRAY(DOUBLE))] AS ARRAY(ARRAY(DOUBLE)))",
      ["1E0"],
    ],
    [
      "a list with nulls",
      t.list(t.optional(t.string)),
      ["a", null],
      "CAST(ARRAY[?, ?] AS ARRAY(VARCHAR))",
      ["'a'", "NULL"],
    ],
    [
      "a map",
      t.map(t.int),
      { a: 1, "b'": 2 },
      "CAST(MAP(ARRAY[?, ?], ARRAY[?, ?]) AS MAP(VARCHAR, BIGINT))",
      ["'a'", "'b'''", "1", "2"],
    ],
  ])("%s as a parameter for each item", async (_, type, value, sql, parameters) => {
    expect(await sent(type, value)).toEqual({ sql: `select ${sql}`, parameters });
  });

  it("the same for maps and JSON in another order: a repetition must be the same request", async () => {
    const maps = [
      { b: 1, a: 2 },
      { a: 2, b: 1 },
    ];
    for (const type of [t.map(t.int), t.json]) {
      const [one, other] = [await sent(type, maps[0]), await sent(type, maps[1])];
      expect(one).toEqual(other);
    }
    expect((await sent(t.json, maps[0])).parameters).toEqual([`JSON '{"a":2,"b":1}'`]);
  });

  it("in the order of their places, one for each", async () => {
    const statement =
      "select * from t where a = {{ .inputs.b }} and b in ({{ .inputs.a }}, {{.Inputs.b}}) -- {{ .inputs.a }}";
    const inputs = { a: t.int, b: t.string };
    const custom = { statement, flyte_ts: { format: "csv" } };
    await connector.create(await queryContext(custom, { inputs, values: { a: 1, b: "x" } }));
    expect(double.started.at(-1)).toMatchObject({
      QueryString: "select * from t where a = ? and b in (?, ?) -- {{ .inputs.a }}",
      ExecutionParameters: ["'x'", "1", "'x'"],
    });
  });
});

describe("inside quotes a value is its text", () => {
  const part = "select '<{{ .inputs.x }}>'";
  it.each<[string, AnyType, unknown, string]>([
    ["an integer", t.int, 5, "5"],
    ["true", t.boolean, true, "true"],
    ["a moment", t.datetime, new Date("2024-02-29T12:30:05Z"), "2024-02-29 12:30:05"],
    ["a duration", t.duration, 1500, "1.5"],
    ["JSON", t.json, { a: 1 }, '{"a":1}'],
  ])("%s", async (_, type, value, text) => {
    expect(await sent(type, value, "select '{{ .inputs.x }}'")).toEqual({ sql: "select ?", parameters: [`'${text}'`] });
    expect(await sent(type, value, part)).toEqual({ sql: "select ('<' || ? || '>')", parameters: [`'${text}'`] });
  });

  it("behind a type's name it is cast", async () => {
    const query = "select * from t where d = date '{{ .inputs.x }}' and s = 'y'";
    expect((await sent(t.string, "2024-01-01", query)).sql).toBe(
      "select * from t where d = CAST(? AS date) and s = 'y'",
    );
  });

  it("null stays NULL", async () => {
    expect((await sent(t.optional(t.string), null, part)).parameters).toEqual(["NULL"]);
  });

  it.each<[string, AnyType, unknown]>([
    ["bytes", t.bytes, new Uint8Array(1)],
    ["a list", t.list(t.int), [1]],
  ])("%s have no text", async (_, type, value) => {
    expect((await failureOf(sent(type, value, part))).message).toMatch(/inputs.x has no text/);
  });
});

describe("no value becomes SQL", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("' or 1=1 --", "x'; drop table t; --", "{{ .inputs.x }}", "?", "\\'", "''", "/*"),
    fc.string({ unit: "binary", minLength: 500, maxLength: 3000 }),
  );

  it("whatever the text is, and however long", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const whole = text.toWellFormed();
        const { sql, parameters } = await sent(t.string, whole, "select {{ .inputs.x }}, 'a{{ .inputs.x }}'");
        expect(sql).toMatch(/^select (\?|\(\?( \|\| \?)+\)), \('a' \|\| (\?|\(\?( \|\| \?)+\))\)$/);
        expect(parameters.every(({ length }) => length >= 1 && length <= 1024)).toBe(true);
        const half = parameters.length / 2;
        expect(parameters.slice(0, half).map(said).join("")).toBe(whole);
        expect(parameters.slice(half).map(said).join("")).toBe(whole);
      }),
      { numRuns: 60 },
    );
  });

  it.each<[string, AnyType, unknown, RegExp]>([
    ["bytes", t.bytes, new Uint8Array(2000), /^select from_hex\(\(\?( \|\| \?)+\)\)$/],
    ["JSON", t.json, { a: "x".repeat(3000) }, /^select json_parse\(\(\?( \|\| \?)+\)\)$/],
  ])("long %s are put together from texts", async (_, type, value, sql) => {
    expect((await sent(type, value)).sql).toMatch(sql);
  });
});
