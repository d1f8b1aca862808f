import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type JsonType, makeDatabase, runTemplate, testFolder } from "./fixture.ts";

const folder = testFolder();
const uri = makeDatabase(join(folder, "t.db"), "create table t (a); insert into t values ('x'), ('y')");
const simple = (name: string): JsonType => ({ simple: name });
const optional = (name: string): JsonType => ({ unionType: { variants: [simple(name), simple("NONE")] } });

/** What SQLite receives for one input: bare, as a whole quoted literal, and as a part of one; each with its type. */
async function received(type: JsonType, x: unknown): Promise<unknown[]> {
  const of = (place: string): string => `typeof(${place}) || ':' || coalesce(${place}, '')`;
  const p = "{{ .inputs.x }}";
  const query = `select ${of(p)} as bare, ${of(`'${p}'`)} as whole, ${of(`'<${p}>'`)} as part`;
  const { rows } = await runTemplate(folder, { query, uri, inputs: { x: type } }, { x });
  return Object.values(rows[0] as object);
}

describe("a value is bound as what it is; inside quotes as the text that flytekit pastes", () => {
  it.each<[string, JsonType, unknown, string[]]>([
    ["an integer", simple("INTEGER"), 5n, ["integer:5", "text:5", "text:<5>"]],
    [
      "an integer of 64 bits",
      simple("INTEGER"),
      -(2n ** 63n),
      ["integer:-9223372036854775808", "text:-9223372036854775808", "text:<-9223372036854775808>"],
    ],
    ["a float", simple("FLOAT"), 5, ["real:5.0", "text:5.0", "text:<5.0>"]],
    ["a large float", simple("FLOAT"), 1e22, ["real:1.0e+22", "text:1e+22", "text:<1e+22>"]],
    ["a small float", simple("FLOAT"), 1.5e-7, ["real:1.5e-07", "text:1.5e-07", "text:<1.5e-07>"]],
    [
      "a float just above the exponent's form",
      simple("FLOAT"),
      0.0001,
      ["real:0.0001", "text:0.0001", "text:<0.0001>"],
    ],
    ["a text", simple("STRING"), "it's", ["text:it's", "text:it's", "text:<it's>"]],
    ["an enum", { enumType: { values: ["a"] } }, "a", ["text:a", "text:a", "text:<a>"]],
    ["true", simple("BOOLEAN"), true, ["integer:1", "text:True", "text:<True>"]],
    ["false", simple("BOOLEAN"), false, ["integer:0", "text:False", "text:<False>"]],
    [
      "a moment",
      simple("DATETIME"),
      new Date("2024-02-29T12:30:05Z"),
      ["text:2024-02-29 12:30:05", "text:2024-02-29 12:30:05+00:00", "text:<2024-02-29 12:30:05+00:00>"],
    ],
    [
      "a moment with a fraction",
      simple("DATETIME"),
      new Date("2024-02-29T12:30:05.25Z"),
      [
        "text:2024-02-29 12:30:05.250",
        "text:2024-02-29 12:30:05.250000+00:00",
        "text:<2024-02-29 12:30:05.250000+00:00>",
      ],
    ],
    [
      "a duration",
      simple("DURATION"),
      93_784_500,
      ["real:93784.5", "text:1 day, 2:03:04.500000", "text:<1 day, 2:03:04.500000>"],
    ],
    [
      "a negative duration",
      simple("DURATION"),
      -1000,
      ["real:-1.0", "text:-1 day, 23:59:59", "text:<-1 day, 23:59:59>"],
    ],
    ["bytes", simple("BINARY"), Buffer.from("ab"), ["blob:ab", "text:ab", "text:<ab>"]],
    [
      "JSON",
      simple("STRUCT"),
      { a: [1, 2n ** 60n, "b"] },
      [
        'text:{"a":[1,1152921504606846976,"b"]}',
        'text:{"a":[1,1152921504606846976,"b"]}',
        'text:<{"a":[1,1152921504606846976,"b"]}>',
      ],
    ],
    ["JSON that is a number", simple("STRUCT"), 1, ["text:1", "text:1", "text:<1>"]],
    ["an optional with a value", optional("INTEGER"), 5n, ["integer:5", "text:5", "text:<5>"]],
    ["an optional without one", optional("INTEGER"), null, ["null:", "null:", "text:<None>"]],
  ])("%s", async (_, type, value, expected) => {
    expect(await received(type, value)).toEqual(expected);
  });

  it("for a list, as JSON text that json_each reads", async () => {
    const query = "select a from t where a in (select value from json_each({{ .inputs.x }}))";
    const { rows } = await runTemplate(folder, { query, uri, inputs: { x: simple("STRING") } }, { x: '["y", "z"]' });
    expect(rows).toEqual([{ a: "y" }]);
  });
});

describe("no value becomes SQL", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom(
      "'",
      "' or 1=1 --",
      "x'; drop table t; --",
      "{{ .inputs.x }}",
      ":x",
      "\\'",
      "''",
      "/*",
      '"',
      "é'--",
    ),
    fc
      .array(fc.constantFrom("'", '"', "--", "/*", "*/", ";", " or ", "1", "`", "]", "%", "\n"), { maxLength: 8 })
      .map((parts) => parts.join("")),
  );

  it("whatever the text is", async () => {
    const place = "{{ .inputs.x }}";
    const query = `select ${place} as bare, '${place}' as whole, 'a''${place}-${place}' as part, count(*) as n from t where '${place}' = ${place}`;
    await fc.assert(
      fc.asyncProperty(hostile, async (x) => {
        const { rows } = await runTemplate(folder, { query, uri, inputs: { x: simple("STRING") } }, { x });
        expect(rows).toEqual([{ bare: x, whole: x, part: `a'${x}-${x}`, n: 2 }]);
      }),
      { numRuns: 60 },
    );
  });
});
