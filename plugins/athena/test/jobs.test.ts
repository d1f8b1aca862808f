import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { t } from "@flyte-ts/core";
import { type Dataset, type Phase, StorageRegistry } from "@flyte-ts/core/plugin";
import { failureOf, jobContext, ManualClock } from "@flyte-ts/core/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { AthenaConnector } from "../src/connector.ts";
import { type CallParts, connectorOf, queryContext, testDouble } from "./fixture.ts";

const double = await testDouble();
const connector = connectorOf(double);
const select = { statement: "select 1 as a", flyte_ts: { format: "csv" } };
const parquet = { statement: "select 1 as a", flyte_ts: { format: "parquet" } };

/** Starts a query, moves it to a state, and asks for it. */
async function asked(
  custom: object,
  state: "queued" | "running" | "succeeded" | "failed" | "cancelled",
  parts: CallParts = {},
) {
  const context = await queryContext(custom, parts);
  const meta = await connector.create(context);
  double.set(context.idempotencyKey, state, state === "failed" || state === "cancelled" ? "because" : undefined);
  return { meta, resource: await connector.get(jobContext(context, meta)), context };
}

const results = (resource: { readonly outputs?: unknown }): Dataset =>
  (resource.outputs as { readonly results: Dataset }).results;

describe("a query is started", () => {
  it("with all that the task says", async () => {
    const context = await queryContext({
      statement: "select 1;\n",
      schema: "music",
      catalog: "AwsDataCatalog",
      routingGroup: "analysts",
      flyte_ts: { format: "csv", output_location: "s3://results/here", reuse_minutes: 60 },
    });
    await connector.create(context);
    expect(double.started.at(-1)).toEqual({
      ClientRequestToken: context.idempotencyKey,
      QueryString: "select 1",
      QueryExecutionContext: { Database: "music", Catalog: "AwsDataCatalog" },
      WorkGroup: "analysts",
      ResultConfiguration: { OutputLocation: "s3://results/here/" },
      ResultReuseConfiguration: { ResultReuseByAgeConfiguration: { Enabled: true, MaxAgeInMinutes: 60 } },
    });
  });

  it("below the attempt's outputs, or where the workgroup says when these are not on S3", async () => {
    await connector.create(await queryContext(select));
    expect(double.started.at(-1)?.ResultConfiguration).toEqual({ OutputLocation: "s3://outputs/run/n0/0/athena/" });
    await connector.create(await queryContext(select, { context: { outputPrefix: "gs://outputs/run/n0/0" } }));
    expect(double.started.at(-1)).not.toHaveProperty("ResultConfiguration");
  });

  it("once for an attempt, however often it is asked for", async () => {
    const context = await queryContext(select);
    const metas = await Promise.all([1, 2, 3].map(() => connector.create(context)));
    expect(new Set(metas.map(({ id }) => id)).size).toBe(1);
    expect(double.jobs().filter(({ key }) => key === context.idempotencyKey)).toHaveLength(1);
  });

  it("as an UNLOAD around it, for Parquet", async () => {
    const context = await queryContext({ ...parquet, statement: "with x as (select 1 as a) select * from x -- all;" });
    const meta = await connector.create(context);
    const folder = `s3://outputs/run/n0/0/athena/${context.idempotencyKey}/`;
    expect(double.started.at(-1)?.QueryString).toBe(
      `UNLOAD (\nwith x as (select 1 as a) select * from x -- all;\n) TO '${folder}' WITH (format = 'PARQUET', compression = 'SNAPPY')`,
    );
    expect(meta).toMatchObject({ rows: "parquet", folder });
  });
});

describe("flytekit's templates", () => {
  it("of AthenaTask run: quoted inputs are bound, and the rows are where the statement puts them", async () => {
    const statement =
      "unload (select * from t where ds = '{{ .Inputs.ds }}') to '{{ .rawOutputDataPrefix }}' with (format = 'PARQUET')";
    const custom = { statement, schema: "mnist", catalog: "my_catalog", routingGroup: "my_wg" };
    const parts = {
      type: "presto",
      inputs: { ds: t.string },
      outputs: { results: t.flyteSchema() },
      values: { ds: "x'y" },
    };
    const { resource, context } = await asked(custom, "succeeded", parts);
    const folder = `s3://outputs/run/n0/0/athena/${context.idempotencyKey}/`;
    expect(double.started.at(-1)).toMatchObject({
      QueryString: `unload (select * from t where ds = ?) to '${folder}' with (format = 'PARQUET')`,
      ExecutionParameters: ["'x''y'"],
      QueryExecutionContext: { Database: "mnist", Catalog: "my_catalog" },
      WorkGroup: "my_wg",
    });
    expect([results(resource).uri, results(resource).format]).toEqual([folder, "parquet"]);
  });

  it("of AthenaTask without a place of its own are unloaded for a schema", async () => {
    const parts = { type: "presto", outputs: { results: t.flyteSchema() } };
    const meta = await connector.create(await queryContext({ statement: "select 1 as a" }, parts));
    expect(meta.rows).toBe("parquet");
  });

  it("of HiveTask run, with the cluster's label as the database", async () => {
    const custom = { query: { query: "select 1" }, clusterLabel: "music", tags: [] };
    await connector.create(await queryContext(custom, { type: "hive", outputs: {} }));
    expect(double.started.at(-1)).toMatchObject({
      QueryString: "select 1",
      QueryExecutionContext: { Database: "music" },
    });
  });
});

describe("a query's state becomes a phase", () => {
  it.each<["queued" | "running" | "succeeded" | "failed" | "cancelled", Phase, string | undefined]>([
    ["queued", "QUEUED", undefined],
    ["running", "RUNNING", undefined],
    ["succeeded", "SUCCEEDED", undefined],
    ["failed", "FAILED", "the query failed: because"],
    ["cancelled", "FAILED", "the query was cancelled: because"],
  ])("%s", async (state, phase, message) => {
    const { resource } = await asked(select, state);
    expect([resource.phase, resource.message]).toEqual([phase, message]);
  });

  it.each([
    [{ ErrorCategory: 1, ErrorType: 233, Retryable: true, ErrorMessage: "try later" }, "RETRYABLE_FAILED"],
    [{ ErrorCategory: 1, ErrorType: 0, Retryable: false, ErrorMessage: "try later" }, "FAILED"],
    [{ ErrorCategory: 1 }, "RETRYABLE_FAILED"],
    [{ ErrorCategory: 2, ErrorType: 1006, Retryable: false, ErrorMessage: "because" }, "FAILED"],
  ])("failed with %o", async (error, phase) => {
    double.details = { error };
    onTestFinished(() => {
      double.details = {};
    });
    const { resource } = await asked(select, "failed");
    expect(resource.phase).toBe(phase);
    expect(resource.message).toMatch(
      "ErrorMessage" in error && error.ErrorMessage === "try later" ? /because; try later$/ : /: because$/,
    );
    expect(resource.customInfo).toMatchObject({ error_category: error.ErrorCategory });
  });

  it("with what it cost", async () => {
    const statistics = {
      DataScannedInBytes: 123,
      EngineExecutionTimeInMillis: 45,
      QueryQueueTimeInMillis: 6,
      TotalExecutionTimeInMillis: 60,
    };
    double.details = { statistics: { ...statistics, ResultReuseInformation: { ReusedPreviousResult: true } } };
    onTestFinished(() => {
      double.details = {};
    });
    const { resource, meta } = await asked({ ...select, routingGroup: "w" }, "running");
    expect(resource.customInfo).toEqual({
      query_execution_id: meta.id,
      region: "eu-central-1",
      state: "RUNNING",
      workgroup: "w",
      statement_type: "DML",
      output_location: `s3://outputs/run/n0/0/athena/${meta.id}.csv`,
      data_scanned_bytes: 123,
      engine_ms: 45,
      queue_ms: 6,
      total_ms: 60,
      reused_result: true,
    });
  });
});

describe("the rows of a query that succeeded", () => {
  it("are the file that Athena has written", async () => {
    const { resource, meta } = await asked(select, "succeeded");
    const { uri, format } = results(resource);
    expect([uri, format]).toEqual([`s3://outputs/run/n0/0/athena/${meta.id}.csv`, "csv"]);
  });

  it("are nothing for a task without outputs", async () => {
    expect((await asked(select, "succeeded", { outputs: {} })).resource).not.toHaveProperty("outputs");
  });

  it("are a folder with a file for declared columns, though an UNLOAD of no rows writes none", async () => {
    const folder = await mkdtemp(join(tmpdir(), "flyte-ts-athena-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    // S3 stands in a folder here: what is written is what a reader finds.
    const storage = new StorageRegistry();
    storage.register("s3", async () => {
      const files = await new StorageRegistry().storageFor(folder);
      const at = (uri: string): string => uri.replace(/^s3:\//, folder);
      return {
        ...files,
        stat: (uri, options) => files.stat(at(uri), options),
        read: (uri, options) => files.read(at(uri), options),
        write: (uri, body, options) => files.write(at(uri), body, options),
        delete: (uri, options) => files.delete(at(uri), options),
        async *list(prefix, options) {
          for await (const found of files.list(at(prefix), options)) {
            yield { ...found, uri: found.uri.replace(/^.*?\/outputs\//, "s3://outputs/") };
          }
        },
      };
    });
    const outputs = { results: t.dataset({ columns: { a: t.int, at: t.datetime } }) };
    const { resource, context, meta } = await asked(parquet, "succeeded", { outputs, context: { storage } });
    expect(await results(resource).toArray()).toEqual([]);
    expect(await results(resource).schema).toEqual([
      { name: "a", type: "integer" },
      { name: "at", type: "datetime" },
    ]);
    const again = await connector.get(jobContext(context, meta));
    expect(results(again).uri).toBe(results(resource).uri);
  });
});

describe("errors of Athena", () => {
  it.each([
    ["throttle", "Throttled", true],
    ["unavailable", "Unavailable", true],
    ["reject", "InvalidInput", false],
    ["refuse", "PermissionDenied", false],
    ["lose", "Unavailable", true],
  ] as const)("%s is %s", async (kind, code, recoverable) => {
    double.fault({ on: "create", kind, times: 1, retryAfterMs: 3000, message: "line 1:8: mismatched input" });
    const error = await failureOf(connector.create(await queryContext(select)));
    expect([error.code, error.recoverable]).toEqual([code, recoverable]);
    expect(error.message).toMatch(/^Athena: cannot start the query: /);
    if (kind === "throttle") expect(error.retryAfterMs).toBe(3000);
    if (kind === "reject") expect(error.message).toMatch(/mismatched input/);
  });

  it.each([
    [
      Object.assign(new Error("Cannot find package '@aws-sdk/client-athena'"), { code: "ERR_MODULE_NOT_FOUND" }),
      "MissingPackage",
      false,
    ],
    [Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }), "Unavailable", true],
    [Object.assign(new SyntaxError("Unexpected end of JSON"), { $response: { statusCode: 200 } }), "Unavailable", true],
    [Object.assign(new Error("no credentials"), { name: "CredentialsProviderError" }), "Unavailable", true],
    [new Error("Region is missing"), "InvalidInput", false],
    [new TypeError("x is not a function"), "Internal", true],
  ])("%s is %s", async (thrown, code, recoverable) => {
    const clients = () => Promise.reject(thrown);
    const error = await failureOf(new AthenaConnector({ clients }).create(await queryContext(select)));
    expect([error.code, error.recoverable, error.cause]).toEqual([code, recoverable, thrown]);
  });

  it("a request under a token that another one has is no query of ours", async () => {
    const context = await queryContext(select);
    await connector.create(context);
    const other = await queryContext(
      { ...select, statement: "select 2" },
      { context: { idempotencyKey: context.idempotencyKey } },
    );
    expect((await failureOf(connector.create(other))).code).toBe("AlreadyExists");
  });

  it("a query that is gone is not found, and stopped already", async () => {
    const context = await queryContext(select);
    const meta = await connector.create(context);
    double.vanish(context.idempotencyKey);
    expect((await failureOf(connector.get(jobContext(context, meta)))).code).toBe("NotFound");
    await connector.delete(jobContext(context, meta));
  });

  it("a call that hangs ends with its own deadline, and with the caller's signal", async () => {
    const clock = new ManualClock();
    const context = await queryContext(select, { context: { clock } });
    double.fault({ on: "create", kind: "hang", times: 2 });
    const before = double.requests.create;
    const hanging = failureOf(connector.create(context));
    while (double.requests.create === before) await new Promise((resolve) => setImmediate(resolve));
    await clock.pass(20_000);
    expect(await hanging).toMatchObject({
      code: "Unavailable",
      message: expect.stringMatching(/no answer within 20 s/),
    });

    const stop = new AbortController();
    const stopped = connector.create({ ...context, signal: stop.signal });
    while (double.requests.create === before + 1) await new Promise((resolve) => setImmediate(resolve));
    stop.abort(new Error("the caller left"));
    await expect(stopped).rejects.toThrow("the caller left");
  });
});

it("a query is stopped once, and one that has ended stays as it is", async () => {
  const context = await queryContext(select);
  const meta = await connector.create(context);
  const state = () => double.jobs().find(({ key }) => key === context.idempotencyKey)?.state;
  await connector.delete(jobContext(context, meta));
  await connector.delete(jobContext(context, meta));
  expect(state()).toBe("cancelled");
  const done = await asked(select, "succeeded");
  await connector.delete(jobContext(done.context, done.meta));
  expect(double.jobs().find(({ key }) => key === done.context.idempotencyKey)?.state).toBe("succeeded");
});

it.each([
  [
    "eu-central-1",
    "https://eu-central-1.console.aws.amazon.com/athena/home?region=eu-central-1#/query-editor/history/q",
  ],
  ["cn-north-1", "https://cn-north-1.console.amazonaws.cn/athena/home?region=cn-north-1#/query-editor/history/q"],
  [
    "us-gov-west-1",
    "https://us-gov-west-1.console.amazonaws-us-gov.com/athena/home?region=us-gov-west-1#/query-editor/history/q",
  ],
])("the link of a query in %s", (region, uri) => {
  expect(new AthenaConnector().logLinks({ id: "q", region, rows: "none" })).toEqual([{ name: "Athena console", uri }]);
});

describe("a template that cannot run is refused before anything is started", () => {
  it.each<[string, object, CallParts, RegExp]>([
    ["without a statement", {}, {}, /custom.statement of the task's template is missing/],
    [
      "with another format",
      { statement: "select 1", flyte_ts: { format: "orc" } },
      {},
      /flyte_ts.format .* "csv" or "parquet"/,
    ],
    [
      "with a region that is none",
      { statement: "select 1", flyte_ts: { region: "x.evil.example/" } },
      {},
      /such as eu-central-1/,
    ],
    [
      "with another output",
      select,
      { outputs: { o0: t.dataset() } },
      /outputs.o0: a query has the one output "results"/,
    ],
    [
      "with an output that is no table",
      select,
      { outputs: { results: t.int } },
      /must be a structured dataset or a schema/,
    ],
    [
      "for Parquet of an INSERT",
      { ...parquet, statement: "insert into t select 1" },
      {},
      /begins with INSERT yields no rows; set output to "none"/,
    ],
    ["for Parquet without S3", parquet, { context: { outputPrefix: "/tmp/x" } }, /outputs are not on S3/],
    [
      "with a place of its own without S3",
      { statement: "unload (select 1) to '{{ .rawOutputDataPrefix }}'" },
      { outputs: {}, context: { outputPrefix: "/tmp/x" } },
      /outputs are not on S3/,
    ],
    [
      "with an unknown input",
      { ...select, statement: "select {{ .inputs.x }}" },
      {},
      /\{\{ .inputs.x \}\} names no input/,
    ],
    ["that is too long", { ...select, statement: `select '${"x".repeat(262_144)}'` }, {}, /Athena takes 262144/],
  ])("%s", async (_, custom, parts, message) => {
    const before = double.requests.create;
    const error = await failureOf(connector.create(await queryContext(custom, parts)));
    expect([error.kind, error.recoverable]).toEqual(["user", false]);
    expect(error.message).toMatch(message);
    expect(double.requests.create).toBe(before);
  });
});
