import { describe, expect, it } from "vitest";
import { checkInputs, parseQuery } from "../src/query/query.ts";

const sqlOf = (template: string): string => parseQuery(template).sql;

describe("placeholders", () => {
  it.each([
    ["select {{ .inputs.a }}", "select @a"],
    ["select {{.inputs.a}} + @b", "select @a + @b"],
    [
      "select * from `my-project.d.t` where x in unnest({{ .inputs.list }})",
      "select * from `my-project.d.t` where x in unnest(@list)",
    ],
    ["select extract(day from {{ .inputs.at }})", "select extract(day from @at)"],
    ["select extract(day from f(1) + {{ .inputs.at }})", "select extract(day from f(1) + @at)"],
    ["select a is distinct from {{ .inputs.a }}", "select a is distinct from @a"],
    ["select {{ .inputs.s }}.field", "select @s.field"],
    ["select ({{ .inputs.a }}), -{{ .inputs.a }}, [{{ .inputs.a }}]", "select (@a), -@a, [@a]"],
    [
      "-- {{ .inputs.a }}\nselect 1 # {{ .inputs.a }}\n/* {{ .inputs.a }} */",
      "-- {{ .inputs.a }}\nselect 1 # {{ .inputs.a }}\n/* {{ .inputs.a }} */",
    ],
    ["declare n int64 default {{ .inputs.n }}; select n;", "declare n int64 default @n; select n;"],
    ["select  1 -- kept  as   it is\n", "select  1 -- kept  as   it is\n"],
  ])("%s", (template, sql) => {
    expect(sqlOf(template)).toBe(sql);
  });

  it.each([
    ["select '{{ .inputs.a }}'", "line 1, column 9", "quotes"],
    ["select\n  r'''it's {{ .inputs.a }}'''", "line 2, column 12", "quotes"],
    ['select "x{{ .inputs.a }}"', "line 1, column 10", "quotes"],
    ["select `{{ .inputs.a }}`", "line 1, column 9", "name"],
    ["select a{{ .inputs.a }}", "line 1, column 9", "touches"],
    ["select {{ .inputs.a }}b", "line 1, column 8", "touches"],
    ["select x.{{ .inputs.a }}", "line 1, column 10", "dot"],
    ["select 1 from {{ .inputs.a }}", "line 1, column 15", "FROM"],
    ["select 1 from (select 2 from {{ .inputs.a }})", "line 1, column 30", "FROM"],
    ["select 1 from t join {{ .inputs.a }}", "line 1, column 22", "join"],
    ["insert into {{ .inputs.a }} values (1)", "line 1, column 13", "into"],
    ["select 1 in {{ .inputs.a }}", "line 1, column 13", "UNNEST"],
  ])("%s is refused", (template, place, why) => {
    expect(() => parseQuery(template)).toThrow(place);
    expect(() => parseQuery(template)).toThrow(why);
  });
});

describe("quotes and comments", () => {
  it.each([
    "select 'a\\'@b'",
    "select r'\\'@b'",
    'select """a"@b"""',
    "select '''a'@b'''",
    "select rb\"@b\", BR'@b', b'@b'",
    "select '# @b', '-- @b', '/* @b'",
    "select 1 # '@b\n",
    'select 1 -- "@b\n',
    "select 1 /* `@b */",
    "select `a@b`",
    "select @@time_zone, @@script.job_id",
  ])("%s has no parameter", (sql) => {
    expect(parseQuery(sql)).toMatchObject({ sql, parameters: [], positions: [] });
  });

  it.each([
    ["select 'a\\'", "the ' is never closed"],
    ["select \n `a", "line 2, column 2: the ` is never closed"],
    ["select r'''a''", "the r''' is never closed"],
    ["select 1 /* a", "the /* is never closed"],
    [" -- nothing\n", "there is no statement in it"],
  ])("%s is refused", (sql, message) => {
    expect(() => parseQuery(sql)).toThrow(message);
  });
});

describe("a query and its inputs", () => {
  const check = (query: string, ...inputs: string[]) => checkInputs(parseQuery(query), inputs);

  it("agree where each parameter is an input and each input a parameter, whatever their capitals", () => {
    check("select @a, {{ .inputs.b }}, @A, @`c`", "a", "b", "c");
  });

  it.each([
    ["select @limt", ["limit"], 'line 1, column 8: "limt" names no input; did you mean "limit"?'],
    ["select @a", [], "the task has no inputs"],
    ["select 1", ["a"], "inputs.a: the query does not use it"],
    ["select 1 -- {{ .inputs.a }}", ["a"], "inputs.a: the query uses it only in a comment"],
    ["select ?", [], "line 1, column 8: ? is a positional parameter"],
    ["select @a", ["a", "A"], 'cannot tell it from "a"'],
    ["select 1", ["ä"], "letters of ASCII"],
  ])("%s with %j is refused", (query, inputs, message) => {
    expect(() => check(query, ...inputs)).toThrow(message);
  });
});
