import { t } from "@flyte-ts/core";
import { cutSql, keywordOf, pythonFloatText, queryOutputs, type SqlPlace, significant } from "@flyte-ts/core/plugin";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

type Kind = "space" | "comment" | "string" | "word" | "symbol";

/** The rules of a dialect with texts in '…', and names and numbers for words. */
function next(place: SqlPlace): readonly [Kind, number] {
  const { character, start, text } = place;
  if (/\s/.test(character)) return ["space", place.match(/\s+/y)];
  if (place.begins("--")) return ["comment", place.match(/[^\n]*/y)];
  if (character === "'") return ["string", place.quotedEnd(start + 1, "'", "doubled") ?? text.length];
  const word = place.match(/\w+/y);
  return word > start ? ["word", word] : ["symbol", start + 1];
}

describe("a query that is cut into tokens", () => {
  test("loses nothing, whatever stands in it", () => {
    const piece = fc.constantFrom("select", " ", "'", "''", "{{ .inputs.a }}", "{{", "--", "\n", "x", ";", "é");
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        const tokens = cutSql(text, next);
        expect(tokens.map((token) => token.text).join("")).toBe(text);
        for (const { start, end } of tokens) expect(end).toBeGreaterThan(start);
      }),
    );
  });

  test("has a placeholder as a token of its own, and as a part of a literal that its quotes do not close", () => {
    const tokens = cutSql("select {{ .inputs.a }}, 'it''s {{'inputs'b}}' -- {{ .inputs.c }}", next);
    expect(significant(tokens).map(({ kind, text }) => [kind, text])).toEqual([
      ["word", "select"],
      ["placeholder", "{{ .inputs.a }}"],
      ["symbol", ","],
      ["string", "'it''s {{'inputs'b}}'"],
    ]);
    expect(tokens.flatMap(({ kind, placeholders }) => placeholders.map(({ input }) => [kind, input]))).toEqual([
      ["placeholder", "a"],
      ["string", "b"],
      ["comment", "c"],
    ]);
    expect(tokens.map(keywordOf).filter((word) => word !== undefined)).toEqual(["SELECT"]);
  });

  test.each([
    ["doubled", "'a''b'c", 6],
    ["none", "'a''b'c", 3],
    ["backslash", "'a\\'b'c", 6],
    ["doubled", "'a", undefined],
  ] as const)("a quote is kept from closing: %s in %s", (escaped, text, end) => {
    const ends: (number | undefined)[] = [];
    cutSql(text, (place) => {
      if (place.start === 0) ends.push(place.quotedEnd(1, "'", escaped));
      return ["symbol", place.start + 1];
    });
    expect(ends).toEqual([end]);
  });
});

test("a query's output is a dataset, a schema or nothing", () => {
  expect(queryOutputs({ a: t.int }, "dataset", "csv")).toEqual({
    results: t.dataset({ columns: { a: t.int }, format: "csv" }),
  });
  expect(queryOutputs()).toEqual({ results: t.dataset() });
  expect(queryOutputs({ a: t.int }, "schema")).toEqual({ results: t.flyteSchema({ a: t.int }) });
  expect(queryOutputs(undefined, "none")).toEqual({});
  expect(() => queryOutputs(undefined, "rows" as never)).toThrow(/output is "rows"; it must be "dataset"/);
});

test.each([
  [1, "1.0"],
  [0.1, "0.1"],
  [-0, "-0.0"],
  [1e15, "1000000000000000.0"],
  [1e16, "1e+16"],
  [0.0001, "0.0001"],
  [0.000012, "1.2e-05"],
  [Number.NaN, "nan"],
  [Number.NEGATIVE_INFINITY, "-inf"],
])("Python's text of the float %s is %s", (value, text) => {
  expect(pythonFloatText(value)).toBe(text);
});
