import { type BigQueryConfig, bigqueryTask } from "@flyte-ts/bigquery";
import { type Dataset, FlyteContext, type NodeOutput, t, task, workflow } from "@flyte-ts/core";
import { LiteralType } from "@flyte-ts/core/plugin";
import { describe, expect, expectTypeOf, it } from "vitest";

const settings = { project: "p", domain: "production", version: "v1", module: "" };
const config: BigQueryConfig = { project: "shop-1" };
const columns = { id: t.int, total: t.float };

describe("the template", () => {
  const orders = bigqueryTask({
    name: "orders",
    config: {
      ...config,
      location: "EU",
      defaultDataset: "sales",
      destination: "reports.daily",
      writeDisposition: "WRITE_TRUNCATE",
      maximumBytesBilled: 10n ** 12n,
      priority: "BATCH",
      useQueryCache: false,
      labels: { team: "x" },
      jobTimeoutMs: 60_000,
      credentials: { group: "bq", key: "writer" },
      parameterTypes: { price: "NUMERIC" },
    },
    inputs: { day: t.date, at: t.datetime, price: t.string },
    query: "select id, total from orders where day = {{ .inputs.day }} and at < @at and price > {{ .inputs.price }}",
    columns,
  });

  it("has flytekit's form, and in custom the keys of flytekit's plugin and of BigQuery's REST API", () => {
    const template = orders.template(settings);
    expect(template.type).toBe("bigquery_query_job_task");
    expect(template.target).toMatchObject({
      case: "sql",
      value: { statement: "select id, total from orders where day = @day and at < @at and price > @price", dialect: 1 },
    });
    expect(template.custom).toEqual({
      ProjectID: "shop-1",
      Location: "EU",
      Domain: "production",
      defaultDataset: { projectId: "shop-1", datasetId: "sales" },
      destinationTable: { projectId: "shop-1", datasetId: "reports", tableId: "daily" },
      writeDisposition: "WRITE_TRUNCATE",
      maximumBytesBilled: "1000000000000",
      priority: "BATCH",
      useQueryCache: false,
      labels: { team: "x" },
      jobTimeoutMs: "60000",
      credentials: { group: "bq", key: "writer" },
      parameterMode: "NAMED",
      queryParameters: [
        { name: "day", parameterType: { type: "DATE" } },
        { name: "at", parameterType: { type: "TIMESTAMP" } },
        { name: "price", parameterType: { type: "NUMERIC" } },
      ],
    });
    const { results } = template.interface?.outputs?.variables ?? {};
    expect(LiteralType.toJson(results?.type ?? LiteralType.create())).toEqual({
      structuredDatasetType: {
        columns: [
          { name: "id", literalType: { simple: "INTEGER" } },
          { name: "total", literalType: { simple: "FLOAT" } },
        ],
      },
    });
  });

  it("of a plain task is flytekit's", () => {
    const plain = bigqueryTask({ name: "plain", config, query: "select 1" }).template(settings);
    expect(plain.custom).toEqual({ ProjectID: "shop-1", Location: null, Domain: "production" });
  });

  it("with runAs pod is a container's, with the statement in custom and the credentials among its secrets", () => {
    const pod = bigqueryTask({
      name: "pod",
      config: { ...config, credentials: { key: "writer" } },
      inputs: { n: t.int },
      query: "select {{ .inputs.n }} n",
      runAs: "pod",
      resources: { requests: { cpu: "100m" } },
    }).template(settings);
    expect(pod.type).toBe("bigquery_query_job_task-pod");
    expect(pod.custom).toMatchObject({ ProjectID: "shop-1", Domain: "production", statement: "select @n n" });
    expect(pod.target).toMatchObject({
      case: "container",
      value: { image: expect.stringMatching(/\/bigquery:\d/), args: expect.arrayContaining(["@flyte-ts/bigquery"]) },
    });
    expect(pod.securityContext?.secrets.map(({ key }) => key)).toEqual(["writer"]);
  });
});

describe("the rows", () => {
  it("have the types of the columns, in a task that is wired to them", () => {
    const orders = bigqueryTask({ name: "typed", config, inputs: { n: t.int }, query: "select @n", columns });
    const use = task({
      name: "use",
      inputs: { rows: orders.outputs.results },
      output: t.int,
      run: async ({ rows }) => {
        expectTypeOf(rows).toEqualTypeOf<Dataset<{ id: number | null; total: number | null }>>();
        return 1;
      },
    });
    const wired = workflow({
      name: "wired",
      inputs: { n: t.int },
      build: ({ n }) => use({ rows: orders({ n }).results }),
    });
    expect(wired.name).toBe("wired");
    // @ts-expect-error a text is no integer
    const wrong = () => orders({ n: "1" });
    void wrong;
    const rows = () => orders({ n: 1 }).results;
    expectTypeOf(rows).returns.toExtend<NodeOutput<Dataset<{ id: number | null; total: number | null }>>>();
    const none = bigqueryTask({ name: "none", config, query: "delete from t where true", output: "none" });
    expect(none.outputs).toEqual({});
  });
});

it("what is wrong with several tasks of a module is told at once", async () => {
  const { problems } = await FlyteContext.default().telling(async () => {
    bigqueryTask({ name: "one", config, query: "" });
    bigqueryTask({ name: "two", config: { project: "" }, query: "select 1", runAs: "pod" });
  });
  expect(problems.map((problem) => (problem as Error).message.slice(0, 9))).toEqual(["task one:", "task two:"]);
});

describe("a wrong definition names the task and what is wrong", () => {
  const define = (changes: object): unknown => bigqueryTask({ name: "bad", config, query: "select 1", ...changes });
  it.each<[string, object, string]>([
    ["no project", { config: {} }, "config.project is undefined"],
    ["an odd project", { config: { project: "my project" } }, 'config.project is "my project"'],
    ["an odd location", { config: { ...config, location: "EU/west" } }, "config.location"],
    [
      "an odd table",
      { config: { ...config, destination: "daily" } },
      'config.destination is "daily"; it must be project.dataset.table',
    ],
    ["an odd dataset", { config: { ...config, defaultDataset: "" } }, "config.defaultDataset"],
    ["a dataset of too many parts", { config: { ...config, defaultDataset: "a.b.c" } }, "config.defaultDataset"],
    ["a table of too many parts", { config: { ...config, destination: "a.b.c.d" } }, "config.destination"],
    [
      "an odd disposition",
      { config: { ...config, writeDisposition: "APPEND" } },
      "WRITE_EMPTY, WRITE_TRUNCATE, WRITE_APPEND",
    ],
    ["an odd priority", { config: { ...config, priority: "LOW" } }, "INTERACTIVE, BATCH"],
    ["an odd limit", { config: { ...config, maximumBytesBilled: 0 } }, "config.maximumBytesBilled is 0"],
    ["an odd time", { config: { ...config, jobTimeoutMs: 1.5 } }, "config.jobTimeoutMs is 1.5"],
    ["an odd label", { config: { ...config, labels: { Team: "x" } } }, 'the key "Team"'],
    ["an odd label's value", { config: { ...config, labels: { team: "X y" } } }, 'the value "X y"'],
    ["a secret without a key", { config: { ...config, credentials: { group: "g" } } }, "config.credentials.key"],
    [
      "a secret that is a path",
      { config: { ...config, credentials: { group: "..", key: "b" } } },
      'config.credentials: ".." is no name, but a path',
    ],
    ["a dry run with rows", { config: { ...config, dryRun: true } }, "config.dryRun yields no rows"],
    ["columns without rows", { output: "none", columns: { a: t.int } }, "columns are declared"],
    ["an odd output", { output: "schema" }, 'output is "schema"'],
    ["an odd place to run", { runAs: "job" }, 'runAs is "job"'],
    ["an input that is no value", { inputs: { f: t.file() }, query: "select @f" }, "inputs.f"],
    ["an input that is not used", { inputs: { a: t.int } }, "inputs.a: the query does not use it"],
    [
      "a type for no input",
      { config: { ...config, parameterTypes: { a: "DATE" } } },
      "config.parameterTypes.a names no input",
    ],
    ["a query that is none", { query: 1 }, "query is 1"],
    ["an unknown option", { retires: 1 }, "retires is no option; did you mean retries?"],
    ["a pod's option", { resources: { requests: { cpu: "1" } } }, 'resources goes with runAs: "pod" alone'],
    [
      "an unknown part of the config",
      { config: { ...config, locaton: "EU" } },
      "config.locaton is no option; did you mean config.location?",
    ],
    [
      "an odd switch",
      { config: { ...config, useQueryCache: "no" } },
      'config.useQueryCache is "no"; it must be true or',
    ],
    ["an odd dry run", { config: { ...config, dryRun: "yes" } }, 'config.dryRun is "yes"; it must be true or false'],
    ["labels that are none", { config: { ...config, labels: "team" } }, "config.labels"],
  ])("%s", (_, changes, message) => {
    expect(() => define(changes)).toThrow("task bad: ");
    expect(() => define(changes)).toThrow(message);
  });
});
