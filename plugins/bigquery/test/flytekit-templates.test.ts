import { LiteralMap, TaskTemplate } from "@flyte-ts/core/plugin";
import { failureOf } from "@flyte-ts/core/testing";
import { expect, it } from "vitest";
import { startDouble, templateContext } from "./fixture.ts";

/**
 * Templates as flytekit 1.16's `BigQueryTask` serialises them (`flytekitplugins/bigquery/task.py`): `get_sql`, and
 * `get_custom` with what `QueryJobConfig(…).to_api_repr()["query"]` adds.
 */
const flytekits = (changes: {
  readonly statement?: string;
  readonly custom?: object;
  readonly inputs?: Readonly<Record<string, object>>;
  readonly outputs?: Readonly<Record<string, object>>;
}): TaskTemplate => {
  const variables = (types: Readonly<Record<string, object>>) => ({
    variables: Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type }])),
  });
  return TaskTemplate.fromJson({
    type: "bigquery_query_job_task",
    interface: { inputs: variables(changes.inputs ?? {}), outputs: variables(changes.outputs ?? {}) },
    sql: { statement: changes.statement ?? "select 1", dialect: "ANSI" },
    custom: { Location: null, ProjectID: "shop", Domain: "d", ...changes.custom },
  } as never);
};

const integer = { simple: "INTEGER" };
const literals = (values: object): LiteralMap["literals"] =>
  LiteralMap.fromJson({ literals: values } as never).literals;

it("flytekit's query options reach BigQuery as they are", async () => {
  const { double, connector } = await startDouble();
  const custom = {
    allowLargeResults: true,
    maximumBytesBilled: "1000",
    useLegacySql: true,
    destinationTable: { projectId: "shop", datasetId: "d", tableId: "t" },
    timePartitioning: { type: "DAY", field: "day" },
  };
  await connector.create(templateContext(flytekits({ custom })));
  expect(double.inserted[0]?.body?.configuration.query).toEqual({ query: "select 1", ...custom });
});

it("a template whose secret is a path is refused before anything is asked for", async () => {
  const { double, connector } = await startDouble();
  for (const credentials of [{ key: "../../etc/passwd" }, { group: "a/b", key: "c" }, { group: 7, key: "c" }]) {
    const context = templateContext(flytekits({ custom: { credentials } }));
    expect(await failureOf(connector.create(context))).toMatchObject({
      code: "InvalidDefinition",
      message: expect.stringContaining("config.credentials: "),
    });
  }
  expect(double.inserted).toEqual([]);
});

it("its inputs are bound with the types that flytekit's connector gives them", async () => {
  const { double, connector } = await startDouble();
  const template = flytekits({
    statement: "select @version, {{ .inputs.at }} -- @unused",
    inputs: { version: integer, at: { simple: "DATETIME" }, unused: { simple: "BOOLEAN" } },
  });
  const values = literals({
    version: { scalar: { primitive: { integer: "10" } } },
    at: { scalar: { primitive: { datetime: "2024-02-29T12:30:05.000001Z" } } },
    unused: { scalar: { primitive: { boolean: true } } },
  });
  await connector.create(templateContext(template, values));
  const { query = {} } = double.inserted[0]?.body?.configuration ?? {};
  expect(query.query).toBe("select @version, @at -- @unused");
  const named = Object.fromEntries(
    (query.queryParameters as { readonly name: string }[]).map((each) => [each.name, each]),
  );
  expect([named.at, named.unused, named.version]).toEqual([
    { name: "at", parameterType: { type: "DATETIME" }, parameterValue: { value: "2024-02-29 12:30:05.000001" } },
    { name: "unused", parameterType: { type: "BOOL" }, parameterValue: { value: "true" } },
    { name: "version", parameterType: { type: "INT64" }, parameterValue: { value: "10" } },
  ]);
});

it("parameters that a QueryJobConfig has values for stay, and an input of the same name comes first", async () => {
  const { double, connector } = await startDouble();
  const given = (name: string) => ({ name, parameterType: { type: "INT64" }, parameterValue: { value: "1" } });
  const template = flytekits({
    statement: "select @a, @b",
    inputs: { b: integer },
    custom: { parameterMode: "NAMED", queryParameters: [given("a"), given("b")] },
  });
  await connector.create(templateContext(template, literals({ b: { scalar: { primitive: { integer: "2" } } } })));
  expect(double.inserted[0]?.body?.configuration.query.queryParameters).toEqual([
    { ...given("b"), parameterValue: { value: "2" } },
    given("a"),
  ]);
});

it("positional parameters go through where there are no inputs, and not with them", async () => {
  const { double, connector } = await startDouble();
  const custom = {
    parameterMode: "POSITIONAL",
    queryParameters: [{ parameterType: { type: "INT64" }, parameterValue: { value: "1" } }],
  };
  await connector.create(templateContext(flytekits({ statement: "select ?", custom })));
  expect(double.inserted[0]?.body?.configuration.query).toMatchObject(custom);
  const mixed = flytekits({ statement: "select ?", custom, inputs: { n: integer } });
  const error = await failureOf(connector.create(templateContext(mixed, {}, { idempotencyKey: "cd".repeat(32) })));
  expect(error).toMatchObject({ code: "InvalidDefinition", message: expect.stringContaining("POSITIONAL") });
});

it.each([
  ["no query", { statement: " " }, "the task's template has no query"],
  ["no project", { custom: { ProjectID: "" } }, "custom.ProjectID"],
  ["a project that is a path", { custom: { ProjectID: "../../storage/v1/b" } }, "custom.ProjectID"],
  [
    "parameters that are no list",
    { custom: { queryParameters: {} } },
    "custom.queryParameters is {}; it must be a list",
  ],
  [
    "a parameter without a type",
    { custom: { queryParameters: [{ name: "a" }] } },
    'custom.queryParameters[0] is {"name":"a"}; it must be an object with a parameterType',
  ],
  ["labels that are no texts", { custom: { labels: { team: 5 } } }, 'custom.labels is {"team":5}; it must be texts'],
  ["other outputs", { outputs: { rows: { structuredDatasetType: {} } } }, "outputs.rows"],
  ["an output that is no dataset", { outputs: { results: integer } }, "outputs.results must be a structured dataset"],
])("a template with %s is a definition that is wrong", async (_, changes, message) => {
  const { double, connector } = await startDouble();
  const error = await failureOf(connector.create(templateContext(flytekits(changes))));
  expect(error).toMatchObject({ code: "InvalidDefinition", message: expect.stringContaining(message) });
  expect(double.jobs()).toEqual([]);
});
