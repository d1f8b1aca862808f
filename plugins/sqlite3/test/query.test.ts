import { FlyteError } from "@flyte-ts/core/plugin";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkInputs, parseQuery } from "../src/query/query.ts";

const forms = (template: string) => parseQuery(template).parameters.map(({ input, form }) => `${input}:${form}`);

const failure = (act: () => unknown): FlyteError => {
  try {
    act();
  } catch (error) {
    if (FlyteError.is(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

describe("placeholders become parameters", () => {
  it("a bare one, in the place of a value", () => {
    const query = parseQuery("select * from t where a > {{ .inputs.n }} limit {{.inputs.m}}");
    expect(query.sql).toBe("select * from t where a > :n limit :m");
    expect(forms(query.template)).toEqual(["n:value", "m:value"]);
  });

  it("a whole quoted literal", () => {
    expect(parseQuery("select * from t where a = '{{ .inputs.x }}'").sql).toBe("select * from t where a = :x$text");
  });

  it("parts of a quoted literal, which becomes a concatenation", () => {
    expect(parseQuery("select 1 where a like '%{{ .inputs.x }}''s{{.inputs.y}}'").sql).toBe(
      "select 1 where a like ('%' || :x$part || '''s' || :y$part)",
    );
    expect(parseQuery("select '{{ .inputs.x }}{{ .inputs.x }}'").sql).toBe("select (:x$part || :x$part)");
    expect(parseQuery("select 1 where a like ' {{ .inputs.x }}'").sql).toBe("select 1 where a like (' ' || :x$part)");
  });

  it("one input in several forms", () => {
    expect(forms("select {{ .inputs.x }}, '{{ .inputs.x }}', 'a{{ .inputs.x }}', {{ .inputs.x }}")).toEqual([
      "x:value",
      "x:text",
      "x:part",
    ]);
  });

  it.each([
    "{{.inputs.x}}",
    "{{ .inputs.x }}",
    "{{\t.INPUTS.x\n}}",
    "{{  .Inputs.x}}",
    "{{ xinputs-x }}",
    "{{ inputs x }}",
  ])("as flytekit matches them: %j", (placeholder) => {
    expect(parseQuery(`select ${placeholder}`).sql).toBe("select :x");
  });

  it("names of inputs in any script", () => {
    expect(parseQuery("select {{ .inputs.größe_2 }}").sql).toBe("select :größe_2");
  });

  it.each([
    "select 1 where a is distinct from {{ .inputs.x }}",
    "select 1 where a is not distinct from {{ .inputs.x }} and b",
    "select a from t, json_each({{ .inputs.x }}) where b between {{ .inputs.x }} and {{ .inputs.x }}",
    "select case when {{ .inputs.x }} then {{ .inputs.x }} else {{ .inputs.x }} end",
    "select a from t join u on {{ .inputs.x }} = u.x order by a, abs(b - {{ .inputs.x }})",
    "select a from t order by {{ .inputs.x }} - a",
    "select -{{ .inputs.x }}, a->>{{ .inputs.x }}, (({{ .inputs.x }}))",
    "select sum(a) over (order by b rows {{ .inputs.x }} preceding) from t",
    "select a from (select a from t where a = {{ .inputs.x }}) limit 1 offset {{ .inputs.x }}",
    "with q as (select {{ .inputs.x }} as a) select {{ .inputs.x }} b from q",
    "values ({{ .inputs.x }}, {{ .inputs.x }})",
    "update t set a = {{ .inputs.x }} where b in ({{ .inputs.x }}, 2)",
    "select a from t where a like '%{{ .inputs.x }}' escape '\\'",
    "explain query plan select {{ .inputs.x }}",
  ])("in all places of values: %s", (template) => {
    expect(parseQuery(template).sql).not.toContain("{{");
  });
});

describe("the rest of the text", () => {
  it("stays as it is, and placeholders in comments do", () => {
    const template =
      "select  a -- {{ .inputs.x }} it's\n/* {{ .inputs.y }} ' */ from\tt where b = '--{{' and \"c{\" = `d}`";
    const query = parseQuery(template);
    expect(query.sql).toBe(template);
    expect([...query.commented]).toEqual(["x", "y"]);
  });

  it("loses only the semicolon at the end, and what stands behind it", () => {
    expect(parseQuery("select 1 ; -- done\n ; ").sql).toBe("select 1 ");
  });

  it("leads back to the template from every place", () => {
    const query = parseQuery("select {{ .inputs.long_name }}, a, 'x{{ .inputs.y }}', b");
    expect(query.template.slice(query.templateOffset(query.sql.indexOf(", b")))).toBe(", b");
    expect(query.template.slice(query.templateOffset(query.sql.indexOf(", a,"))).slice(0, 3)).toBe(", a");
    expect(query.templateOffset(query.sql.indexOf(":y$part"))).toBe(query.template.indexOf("'x{{"));
  });

  it("is the template again when the placeholders are put back", () => {
    const part = fc.constantFrom(
      "select a, b ",
      "'it''s' ",
      '"na""me" ',
      "[x y] ",
      "`z` ",
      "-- note {{ .inputs.c }} '\n",
      "/* {{ .inputs.c }} */",
      "= {{ .inputs.x }} ",
      "+ '{{ .inputs.x }}' ",
      "1.5e-3 ",
      "x'0aff' ",
      "\n\t",
      "== é ",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const template = `select ${parts.join("")}`;
        const { sql } = parseQuery(template);
        const restored = sql.replaceAll(":x$text", "'{{ .inputs.x }}'").replaceAll(":x", "{{ .inputs.x }}");
        expect(restored).toBe(template);
      }),
    );
  });
});

describe("refused, with the place", () => {
  it.each([
    ["select * from {{ .inputs.x }}", "line 1, column 15", "identifier or a keyword"],
    ["select *\nfrom a\n  join {{ .inputs.x }}", "line 3, column 8", 'behind "join"'],
    ["select * from a, {{ .inputs.x }}", "column 18", "name of a table"],
    ["select * from a join b on a.x = b.x, {{ .inputs.x }}", "column 38", "name of a table"],
    ["select * from ({{ .inputs.x }})", "column 16", "name of a table"],
    ["select a as {{ .inputs.x }}", "column 13", 'behind "as"'],
    ["select a {{ .inputs.x }}", "column 10", 'behind "a"'],
    ["select a as '{{ .inputs.x }}'", "column 14", 'behind "as"'],
    ["insert into {{ .inputs.x }} values (1)", "column 13", 'behind "into"'],
    ["select a from t order by {{ .inputs.x }}", "column 26", "orders and groups nothing"],
    ["select a from t order by b, {{ .inputs.x }} desc", "column 29", "orders and groups nothing"],
    ["select a from t order by a {{ .inputs.x }}", "column 28", 'behind "a"'],
    ["select a from t group by {{ .inputs.x }}", "column 26", "orders and groups nothing"],
    ["select tab_{{ .inputs.x }} from t", "column 12", 'touches "tab_"'],
    ["select {{ .inputs.x }}_tab from t", "column 8", 'touches "_tab"'],
    ["select {{ .inputs.x }}{{ .inputs.y }}", "column 8", "touches"],
    ["select 1{{ .inputs.x }}", "column 9", "touches"],
    ["select {{ .inputs.x }}.a from t", "column 8", "table or schema"],
    ["select t.{{ .inputs.x }} from t", "column 10", 'behind "."'],
    ["select {{ .inputs.x }}(1)", "column 8", "name of a function"],
    ['select "a{{ .inputs.x }}" from t', "column 10", "quoted identifier"],
    ["select [{{ .inputs.x }}] from t", "column 9", "quoted identifier"],
    ["select `{{ .inputs.x }}` from t", "column 9", "quoted identifier"],
    ["select x'{{ .inputs.x }}'", "column 10", "blob literal"],
    ["{{ .inputs.x }} a from t", "column 1", "statement's keyword"],
    ["select a from t where a in {{ .inputs.x }}", "column 28", "json_each"],
    ["update t set a = 1, {{ .inputs.x }} = 2", "column 21", "name of a column"],
    ["select a from t join u using ({{ .inputs.x }})", "column 31", "name of a column"],
    ["pragma table_info({{ .inputs.x }})", "column 19", "pragma_table_info"],
    ["select a collate {{ .inputs.x }} from t", "column 18", 'behind "collate"'],
    ["attach {{ .inputs.x }} as other", "column 8", 'behind "attach"'],
    ["select 1; select 2", "column 11", "second statement"],
    ["; select 2", "column 1", "semicolon"],
    ["select :a", "column 8", "nothing fills"],
    ["select ?", "column 8", "nothing fills"],
    ["select {{ inputs }}", "column 8", "no SQL"],
    ["select {{ .inputs.x }", "column 8", "no SQL"],
    ["select 'abc", "column 8", "never closed"],
    ['select "abc', "column 8", "never closed"],
    ["  -- nothing\n", "", "no statement"],
  ])("%s", (template, place, text) => {
    const error = failure(() => parseQuery(template));
    expect(error.message).toContain(place);
    expect(error.message).toContain(text);
    expect([error.code, error.kind, error.recoverable]).toEqual(["InvalidDefinition", "user", false]);
  });
});

describe("inputs and placeholders are held against each other", () => {
  it("a placeholder without an input", () => {
    const query = parseQuery("select {{ .inputs.a }},\n {{ .inputs.b }}");
    expect(failure(() => checkInputs(query, ["a"])).message).toBe(
      "query, line 2, column 2: {{ .inputs.b }} names no input; its inputs are a",
    );
  });

  it("an input without a placeholder", () => {
    const query = parseQuery("select {{ .inputs.a }} -- {{ .inputs.c }}");
    expect(failure(() => checkInputs(query, ["a", "b"])).message).toMatch(/inputs.b: the query does not use it/);
    expect(failure(() => checkInputs(query, ["a", "c"])).message).toMatch(/only in a comment/);
    expect(() => checkInputs(query, ["a", "c"], { lenient: true })).not.toThrow();
  });
});
