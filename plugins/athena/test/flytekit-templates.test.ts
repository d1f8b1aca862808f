import { t } from "@flyte-ts/core";
import { failureOf } from "@flyte-ts/core/testing";
import { describe, expect, it } from "vitest";
import { type CallParts, connectorOf, queryContext, testDouble } from "./fixture.ts";

const double = await testDouble();
const connector = connectorOf(double);

/** What Athena is sent for a template of flytekit's. */
async function started(custom: object, parts: CallParts = {}) {
  const context = await queryContext(custom, { type: "presto", outputs: {}, ...parts });
  const before = double.requests.create;
  await connector.create(context);
  expect(double.requests.create).toBe(before + 1);
  return { context, request: double.started.at(-1) };
}

const inputs = { wg: t.string, year: t.int, big: t.bigint };
const values = { wg: "analysts.eu-1", year: 2024, big: 7n };

describe("flytekit's AthenaTask", () => {
  it("has inputs in its workgroup, catalog and database, as Flyte's own plugin takes them", async () => {
    const custom = {
      statement: "select 1",
      routingGroup: "{{ .inputs.wg }}",
      catalog: "cat_{{ .Inputs.year }}",
      schema: "db_{{.inputs.year}}_{{ $inputs.big }}",
    };
    expect((await started(custom, { inputs, values })).request).toMatchObject({
      WorkGroup: "analysts.eu-1",
      QueryExecutionContext: { Catalog: "cat_2024", Database: "db_2024_7" },
    });
  });

  it("has a key that is another one for each attempt, and the same for its repetitions", async () => {
    const custom = {
      statement:
        "create table {{ .PerRetryUniqueKey }}_tmp with (external_location = '{{ .rawOutputDataPrefix }}{{ .perRetryUniqueKey }}') as select 1 as a -- {{ .nothing }}",
      schema: "db",
    };
    const one = await started(custom);
    const key = `flyte_${one.context.idempotencyKey.slice(0, 32)}`;
    const place = `s3://outputs/run/n0/0/athena/${one.context.idempotencyKey}/${key}`;
    expect(one.request?.QueryString).toBe(
      `create table ${key}_tmp with (external_location = '${place}') as select 1 as a -- {{ .nothing }}`,
    );
  });

  it("has the place of its rows by either of Flyte's signs", async () => {
    const { context, request } = await started({
      statement: "unload (select 1) to '{{ $RawOutputDataPrefix }}' with (format = 'PARQUET')",
    });
    expect(request?.QueryString).toContain(`to 's3://outputs/run/n0/0/athena/${context.idempotencyKey}/'`);
  });
});

it("flytekit's HiveTask has inputs in its cluster's label", async () => {
  const custom = { query: { query: "select 1" }, clusterLabel: "db_{{ .inputs.year }}", tags: [] };
  const { request } = await started(custom, { type: "hive", inputs, values });
  expect(request?.QueryExecutionContext).toEqual({ Database: "db_2024" });
});

describe("is refused for good, and nothing is started", () => {
  it.each<[string, object, unknown, RegExp]>([
    [
      "a name with a slash",
      { routingGroup: "{{ .inputs.wg }}" },
      "a/b",
      /inputs.wg is "a\/b"; in routingGroup it must be/,
    ],
    ["a name with a space", { schema: "{{ .inputs.wg }}" }, "a b", /in schema it must be/],
    ["no name", { catalog: "{{ .inputs.wg }}" }, "", /in catalog it must be/],
    ["a name that looks like a template", { catalog: "{{ .inputs.wg }}" }, "{{ .inputs.wg }}", /in catalog it must be/],
    ["an input that is not there", { schema: "{{ .inputs.none }}" }, "a", /schema: {{ .inputs.none }} names no input/],
    [
      "another name in the workgroup",
      { routingGroup: "{{ .outputPrefix }}" },
      "a",
      /routingGroup: {{ .outputPrefix }} names nothing/,
    ],
    [
      "another name in the query",
      { statement: "select {{ .TaskTemplatePath }}" },
      "a",
      /{{ .TaskTemplatePath }} names nothing/,
    ],
    ["another name in a text", { statement: "select '{{ $Input }}'" }, "a", /{{ \$Input }} names nothing/],
  ])("%s", async (_, custom, wg, message) => {
    const before = double.requests.create;
    const parts = { type: "presto", inputs: { wg: t.string }, values: { wg }, outputs: {} };
    const error = await failureOf(connector.create(await queryContext({ statement: "select 1", ...custom }, parts)));
    expect([error.kind, error.recoverable]).toEqual(["user", false]);
    expect(error.message).toMatch(message);
    expect(double.requests.create).toBe(before);
  });

  it("HiveSelectTask, whose template has several statements", async () => {
    const query = `CREATE TEMPORARY TABLE {{ .PerRetryUniqueKey }}_tmp AS select 1;
      DROP TABLE {{ .PerRetryUniqueKey }};`;
    const error = await failureOf(started({ query: { query }, clusterLabel: "db" }, { type: "hive" }));
    expect(error.message).toMatch(/a second statement begins; a task runs exactly one/);
  });
});
