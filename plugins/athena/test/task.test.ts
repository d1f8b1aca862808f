import { type NativeOf, t } from "@flyte-ts/core";
import type { Dataset } from "@flyte-ts/core/plugin";
import { describe, expect, expectTypeOf, it } from "vitest";
import { athenaTask } from "../src/index.ts";

const settings = { project: "p", domain: "d", version: "v", module: "" };

describe("a task", () => {
  it("says what flytekit's says, and leaves the query as it is", () => {
    const query = "select *\n  from tracks -- all\n  where day = {{ .inputs.day }} and ms > {{ .inputs.ms }}";
    const task = athenaTask({
      name: "long-tracks",
      config: {
        database: "music",
        catalog: "c",
        workgroup: "w",
        region: "eu-central-1",
        outputLocation: "s3://results/",
      },
      inputs: { day: t.date, ms: t.int },
      query,
      columns: { TrackId: t.int },
      format: "parquet",
    });
    const template = task.template(settings);
    expect(template.type).toBe("athena");
    expect(template.target.case).toBeUndefined();
    expect(template.custom).toEqual({
      statement: query,
      schema: "music",
      catalog: "c",
      routingGroup: "w",
      flyte_ts: { format: "parquet", region: "eu-central-1", output_location: "s3://results/", days: ["day"] },
    });
    expectTypeOf<NativeOf<typeof task.outputs.results>>().toEqualTypeOf<Dataset<{ readonly TrackId: number | null }>>();
  });

  it("of a schema is Parquet, and of nothing has no outputs", () => {
    expect(athenaTask({ name: "a", query: "select 1 as a", output: "schema" }).template(settings).custom).toMatchObject(
      {
        flyte_ts: { format: "parquet" },
      },
    );
    expect(Object.keys(athenaTask({ name: "b", query: "drop table t", output: "none" }).outputs)).toEqual([]);
  });
});

describe("a wrong definition names the task and the place", () => {
  const x = { x: t.string };
  it.each([
    [
      "a table",
      "select * from {{ .inputs.x }}",
      'query, line 1, column 15: {{ .inputs.x }} stands behind "from", where a name or keyword stands. An input is a value; it cannot become SQL text',
    ],
    ["a part of a name", "select * from a.{{ .inputs.x }}", "stands where a part of a name stands"],
    ["a quoted name", 'select "{{ .inputs.x }}"', 'stands in the quoted name "{{ .inputs.x }}"'],
    ["a part of a word", "select a_{{ .inputs.x }}", 'touches "a_"'],
    ["a function", "select {{ .inputs.x }}(1)", "stands where the name of a function stands"],
    ["an order", "select a from t order by {{ .inputs.x }}", "stands behind BY"],
    ["a list behind IN", "select a from t where a in {{ .inputs.x }}", "stands behind IN without parentheses"],
    ["an interval's literal", "select interval '{{ .inputs.x }}' day", "multiply one"],
    ["a statement", "{{ .inputs.x }}", "stands where the statement's keyword stands"],
    ["a question mark", "select ?, {{ .inputs.x }}", 'line 1, column 8: "?" would take the value of an input'],
    ["two statements", "select {{ .inputs.x }}; drop table t", "line 1, column 25: a second statement begins"],
    ["no statement", " -- {{ .inputs.x }}", "query: there is no statement in it"],
    ["an open quote", "select 'a {{ .inputs.x }}", "query: the ' at line 1, column 8 is never closed"],
    ["an open comment", "select {{ .inputs.x }} /* a", "query: the comment at line 1, column 24 is never closed"],
    ["another name", "select {{ .input.x }}", "line 1, column 8: {{ .input.x }} names nothing"],
    ["a name of containers'", "select '{{ .outputPrefix }}'", "line 1, column 9: {{ .outputPrefix }} names nothing"],
    [
      "a place behind a key",
      "create table {{ .PerRetryUniqueKey }} as select ?",
      'line 1, column 49: "?" would take the value of an input',
    ],
    ["an unknown input", "select {{ .inputs.y }}", "{{ .inputs.y }} names no input; its inputs are x"],
    ["an input that is not used", "select 1", "inputs.x: the query does not use it"],
    ["an input in a comment only", "select 1 -- {{ .inputs.x }}", "inputs.x: the query uses it only in a comment"],
  ])("%s", (_, query, message) => {
    const define = () => athenaTask({ name: "wrong", inputs: x, query });
    expect(define).toThrow(/^task wrong: /);
    expect(define).toThrow(message);
  });

  it("an option", () => {
    const query = "select 1";
    const wrong: [() => unknown, string][] = [
      [() => athenaTask({ name: "w", query, output: "schema", format: "csv" }), 'output is "schema", which is Parquet'],
      [
        () => athenaTask({ name: "w", query, output: "none", format: "csv" }),
        'output is "none"; leave one of them out',
      ],
      [
        () => athenaTask({ name: "w", query, format: "orc" as never }),
        'format is "orc"; it must be "csv" or "parquet"',
      ],
      [() => athenaTask({ name: "w", query, config: { outputLocation: "/tmp" } }), "a folder on S3, s3://…"],
      [
        () => athenaTask({ name: "w", query: undefined as never }),
        "query is undefined; it must be the text of a statement",
      ],
      [() => athenaTask({ name: "w", query: "show tables" }), 'begins with SHOW yields no rows; set output to "none"'],
      [
        () => athenaTask({ name: "w", query, config: { workgroup: "{{ .inputs.wg }}" } }),
        'config.workgroup is "{{ .inputs.wg }}"; it must be a name without placeholders',
      ],
      [
        () => athenaTask({ name: "w", query, retires: 3 } as never),
        "task w: retires is no option; did you mean retries?",
      ],
      [
        () => athenaTask({ name: "w", query, config: { workGroup: "x" } as never }),
        "config.workGroup is no option; did you mean config.workgroup?",
      ],
      [
        () => athenaTask({ name: "w", query, config: { database: 5 as never } }),
        "config.database is 5; it must be a name",
      ],
      [() => athenaTask({ name: "w", query, config: { catalog: "" } }), 'config.catalog is ""; it must be a name'],
      [() => athenaTask({ name: "w", query, config: "music" as never }), 'config is "music"; it must be an object'],
      [() => athenaTask({ name: "w", query, config: null as never }), "config is null; it must be an object"],
      [() => athenaTask({ name: "w", query, config: { region: "a.b/c" } }), "a region, such as eu-central-1"],
      [() => athenaTask({ name: "w", query, config: { reuseMinutes: 20_000 } }), "up to 10,080"],
      [
        () => athenaTask({ name: "w", inputs: { x: t.file() }, query: "select {{ .inputs.x }}" }),
        "Athena has no value for: blob",
      ],
      [
        () => athenaTask({ name: "w", inputs: { x: t.union(t.int, t.string) }, query: "select {{ .inputs.x }}" }),
        "union of several types",
      ],
    ];
    for (const [define, message] of wrong) expect(define).toThrow(message);
  });
});

it("a query may name a key that is another one for each attempt, and what Flyte does not know in a comment", () => {
  const query = "create table {{ .PerRetryUniqueKey }}_tmp as select 1 as a -- {{ .other }}";
  expect(() => athenaTask({ name: "a", query, output: "none" })).not.toThrow();
});

it("a query may hold what looks like a placeholder's end, quotes and question marks in texts", () => {
  const query = `select '?''"', "a?", 'x' /* ' ? */ from t where a is distinct from {{ .inputs.x }} -- it's`;
  expect(() => athenaTask({ name: "a", inputs: { x: t.string }, query })).not.toThrow();
});
