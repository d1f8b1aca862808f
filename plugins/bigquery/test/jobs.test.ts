import { bigqueryTask } from "@flyte-ts/bigquery";
import { type Dataset, PreciseDate, t } from "@flyte-ts/core";
import { failureOf } from "@flyte-ts/core/testing";
import { describe, expect, it } from "vitest";
import { BigQueryConnector } from "../src/connector.ts";
import { apiError } from "./bigquery-double.ts";
import { aKey, metaContext, startDouble, taskContext } from "./fixture.ts";

const config = { project: "p1", location: "US" };
const plain = bigqueryTask({ name: "plain", config, query: "select 1 as x" });
const context = (changes = {}) => taskContext(plain, {}, changes);
const reference = (projectId: string, location?: string) => ({
  projectId,
  jobId: `flyte-${aKey}`,
  ...(location && { location }),
});

describe("a job", () => {
  it("is sent with all that its config says: limits, places, priority, labels", async () => {
    const { double, connector } = await startDouble();
    const task = bigqueryTask({
      name: "daily",
      config: {
        ...config,
        location: "europe-west4",
        defaultDataset: "other.sales",
        destination: "reports.daily",
        writeDisposition: "WRITE_TRUNCATE",
        createDisposition: "CREATE_NEVER",
        maximumBytesBilled: 10_000_000,
        priority: "BATCH",
        useQueryCache: false,
        labels: { team: "growth", "flyte-node": "mine" },
        jobTimeoutMs: 600_000,
      },
      query: "select 1 as x",
    });
    const metadata = { labels: { "execution-id": "e1", "Task.Name": "Daily/Ü", "1st": "x" }, domain: "" };
    const meta = await connector.create(await taskContext(task, {}, { metadata }));
    expect(meta).toMatchObject({ project: "p1", jobId: `flyte-${aKey}`, location: "europe-west4" });
    expect(double.inserted).toMatchObject([{ path: "projects/p1/jobs" }]);
    expect(double.inserted[0]?.body).toEqual({
      jobReference: reference("p1", "europe-west4"),
      configuration: {
        query: {
          useLegacySql: false,
          query: "select 1 as x",
          defaultDataset: { projectId: "other", datasetId: "sales" },
          destinationTable: { projectId: "p1", datasetId: "reports", tableId: "daily" },
          writeDisposition: "WRITE_TRUNCATE",
          createDisposition: "CREATE_NEVER",
          maximumBytesBilled: "10000000",
          priority: "BATCH",
          useQueryCache: false,
        },
        labels: {
          "flyte-project": "p",
          "flyte-execution": "e1",
          "execution-id": "e1",
          task_name: "daily_ü",
          x1st: "x",
          team: "growth",
          "flyte-node": "mine",
        },
        jobTimeoutMs: "600000",
      },
    });
    expect(double.inserted[0]?.headers["user-agent"]).toMatch(/^flyte-ts-bigquery\/\d/);
  });

  it("has the inputs as named parameters, each value as it was given", async () => {
    const { double, connector } = await startDouble();
    const task = bigqueryTask({
      name: "all",
      config: { ...config, parameterTypes: { price: "NUMERIC", doc: "JSON" } },
      inputs: {
        n: t.bigint,
        x: t.float,
        text: t.string,
        at: t.datetime,
        day: t.optional(t.date),
        price: t.string,
        doc: t.string,
        list: t.list(t.object({ when: t.date, long: t.duration, raw: t.bytes, deep: t.list(t.int) })),
      },
      query: "select @n, @x, {{ .inputs.text }}, @at, @day, @price, @doc, @list",
    });
    const at = new PreciseDate(1_709_209_805_123_456_000n);
    const when = new Date(Date.UTC(2024, 1, 29));
    const item = { when, long: 1500, raw: Uint8Array.of(255), deep: [] };
    const text = "{{projectId}} @n '; --";
    await connector.create(
      await taskContext(task, {
        n: 2n ** 62n,
        x: Number.NaN,
        text,
        at,
        day: null,
        price: "1.10",
        doc: "[1]",
        list: [item],
      }),
    );
    const { query = {} } = double.inserted[0]?.body?.configuration ?? {};
    expect(query.query).toBe("select @n, @x, @text, @at, @day, @price, @doc, @list");
    expect(query.parameterMode).toBe("NAMED");
    const struct = (values: object) => ({ structValues: values });
    expect(query.queryParameters).toEqual([
      { name: "n", parameterType: { type: "INT64" }, parameterValue: { value: "4611686018427387904" } },
      { name: "x", parameterType: { type: "FLOAT64" }, parameterValue: { value: "NaN" } },
      { name: "text", parameterType: { type: "STRING" }, parameterValue: { value: text } },
      {
        name: "at",
        parameterType: { type: "TIMESTAMP" },
        parameterValue: { value: "2024-02-29 12:30:05.123456+00:00" },
      },
      { name: "day", parameterType: { type: "DATE" }, parameterValue: { value: null } },
      { name: "price", parameterType: { type: "NUMERIC" }, parameterValue: { value: "1.10" } },
      { name: "doc", parameterType: { type: "JSON" }, parameterValue: { value: "[1]" } },
      {
        name: "list",
        parameterType: {
          type: "ARRAY",
          arrayType: {
            type: "STRUCT",
            structTypes: [
              { name: "when", type: { type: "DATE" } },
              { name: "long", type: { type: "INTERVAL" } },
              { name: "raw", type: { type: "BYTES" } },
              { name: "deep", type: { type: "ARRAY", arrayType: { type: "INT64" } } },
            ],
          },
        },
        parameterValue: {
          arrayValues: [
            struct({
              when: { value: "2024-02-29" },
              long: { value: "0-0 0 0:0:1.5" },
              raw: { value: "/w==" },
              deep: { arrayValues: [] },
            }),
          ],
        },
      },
    ]);
  });

  it("that was started before is adopted, not started again", async () => {
    const { double, connector } = await startDouble();
    const first = await connector.create(await context());
    const again = await new BigQueryConnector({ endpoint: double.endpoint }).create(await context());
    expect(again).toEqual(first);
    expect(double.jobs()).toHaveLength(1);
  });

  it("that was started where nobody said is adopted there", async () => {
    const { double, connector } = await startDouble();
    double.location = "asia-east1";
    const task = bigqueryTask({ name: "t", config: { project: "p1" }, query: "select 1" });
    const first = await connector.create(await taskContext(task, {}));
    expect(first.location).toBe("asia-east1");
    expect(await connector.create(await taskContext(task, {}))).toEqual(first);
    // `find` has no answer that names the place: a dry run does.
    expect(await connector.find(await taskContext(task, {}))).toEqual(first);
    expect(double.jobs()).toHaveLength(1);
    expect(double.inserted.filter(({ body }) => body?.configuration.dryRun)).toHaveLength(1);
  });

  it("is found by its key, or is not there", async () => {
    const { double, connector } = await startDouble();
    expect(await connector.find(await context())).toBeUndefined();
    const meta = await connector.create(await context());
    expect(await connector.find(await context())).toEqual(meta);
    double.intercept = () => apiError(503, "backendError", "later");
    expect((await failureOf(connector.find(await context()))).code).toBe("Unavailable");
  });

  it("whose query does not run is not found either", async () => {
    const { double, connector } = await startDouble();
    const task = bigqueryTask({ name: "t", config: { project: "p1" }, query: "selec 1" });
    double.intercept = ({ method }) => (method === "POST" ? apiError(400, "invalidQuery", "Syntax error") : undefined);
    expect(await connector.find(await taskContext(task, {}))).toBeUndefined();
  });

  it("whose id BigQuery says is taken and then does not find is asked for again; another thing's name is the user's", async () => {
    const { double, connector } = await startDouble();
    double.intercept = ({ method }) =>
      method === "POST" ? apiError(409, "duplicate", `Already Exists: Job p1:US.flyte-${aKey}`) : undefined;
    expect(await failureOf(connector.create(await context()))).toMatchObject({
      code: "Unavailable",
      recoverable: true,
    });
    double.intercept = ({ method }) =>
      method === "POST" ? apiError(409, "duplicate", "Already Exists: Table p1:d.t") : undefined;
    expect((await failureOf(connector.create(await context()))).code).toBe("AlreadyExists");
  });
});

describe("how a job is", () => {
  const created = async () => {
    const { double, connector } = await startDouble();
    const meta = await connector.create(await context());
    const get = async () => connector.get(metaContext(meta));
    return { double, connector, meta, get };
  };

  it("comes with its progress, bytes and slot time", async () => {
    const { double, get } = await created();
    double.set(aKey, "queued");
    expect(await get()).toMatchObject({ phase: "INITIALIZING", message: "PENDING" });
    const stages = [
      { parallelInputs: "10", completedParallelInputs: "10" },
      { parallelInputs: "30", completedParallelInputs: "5" },
    ];
    const statistics = {
      totalSlotMs: "5000",
      query: { statementType: "SELECT", totalBytesProcessed: "1024", totalBytesBilled: "10485760", queryPlan: stages },
    };
    double.set(aKey, "running", "", { statistics });
    expect(await get()).toEqual({
      phase: "RUNNING",
      message: "RUNNING, 37% done, 1024 bytes processed",
      customInfo: {
        project: "p1",
        jobId: `flyte-${aKey}`,
        location: "US",
        state: "RUNNING",
        progress: 0.375,
        bytesProcessed: 1024,
        bytesBilled: 10485760,
        slotMs: 5000,
        statementType: "SELECT",
      },
    });
  });

  it("with success has the table of its rows as dataset", async () => {
    const { double, get } = await created();
    double.set(aKey, "succeeded", "", {
      statistics: { startTime: "1000", endTime: "3500", query: { cacheHit: true } },
    });
    const { phase, outputs, customInfo } = await get();
    expect(phase).toBe("SUCCEEDED");
    expect(customInfo).toMatchObject({ elapsedMs: 2500, cacheHit: true, progress: 1 });
    const { results } = outputs as { readonly results: Dataset };
    expect([results.uri, results.format]).toEqual([`bq://p1:_anonymous.anon_${aKey.slice(-8)}`, ""]);
  });

  it("of a script has the table of its last query", async () => {
    const { double, get } = await created();
    const child = (statementType: string, tableId: string) => ({
      jobReference: { projectId: "p1", jobId: tableId },
      status: { state: "DONE" },
      configuration: { query: { destinationTable: { projectId: "p1", datasetId: "_x", tableId } } },
      statistics: { query: { statementType } },
    });
    double.children = [child("UPDATE", "u"), child("SELECT", "last"), child("SELECT", "first")];
    const script = { configuration: {}, statistics: { numChildJobs: "3", query: { statementType: "SCRIPT" } } };
    double.set(aKey, "succeeded", "", script);
    const { outputs, customInfo } = await get();
    expect(outputs).toMatchObject({ results: { uri: "bq://p1:_x.last" } });
    expect(customInfo).toMatchObject({ childJobs: 3 });
    expect(double.received.at(-1)?.query).toMatchObject({ parentJobId: `flyte-${aKey}` });
  });

  it("of a statement without rows fails a task that declares some, and no other", async () => {
    const { double, connector, get } = await created();
    const dml = { configuration: {}, statistics: { query: { statementType: "DELETE", numDmlAffectedRows: "7" } } };
    double.set(aKey, "succeeded", "", dml);
    expect(await get()).toMatchObject({ phase: "FAILED", message: expect.stringContaining('declare output: "none"') });
    const none = bigqueryTask({ name: "t", config, query: "delete from t where true", output: "none" });
    const meta = await connector.create(await taskContext(none, {}));
    const resource = await connector.get(metaContext(meta));
    expect(resource).toMatchObject({ phase: "SUCCEEDED", customInfo: { affectedRows: 7 } });
    expect(resource.outputs).toBeUndefined();
  });

  it.each([
    ["invalidQuery", "FAILED"],
    ["accessDenied", "FAILED"],
    ["notFound", "FAILED"],
    ["quotaExceeded", "FAILED"],
    ["bytesBilledLimitExceeded", "FAILED"],
    ["resourcesExceeded", "FAILED"],
    ["stopped", "FAILED"],
    ["timeout", "FAILED"],
    ["anythingNew", "FAILED"],
    ["backendError", "RETRYABLE_FAILED"],
    ["internalError", "RETRYABLE_FAILED"],
    ["jobInternalError", "RETRYABLE_FAILED"],
    ["rateLimitExceeded", "RETRYABLE_FAILED"],
    ["tableUnavailable", "RETRYABLE_FAILED"],
  ])("that failed with %s is %s", async (reason, phase) => {
    const { double, get } = await created();
    double.set(aKey, "failed", "because", { reason });
    expect(await get()).toMatchObject({ phase, message: `because (${reason}, query)` });
  });

  it("that BigQuery no longer knows is not found", async () => {
    const { double, connector, meta, get } = await created();
    double.vanish(aKey);
    expect((await failureOf(get())).code).toBe("NotFound");
    await connector.delete(metaContext(meta));
  });

  it("has a page in Google's console, known from its meta", async () => {
    const { connector, meta } = await created();
    expect(connector.logLinks(meta)).toEqual([
      {
        name: "BigQuery Console",
        uri: `https://console.cloud.google.com/bigquery?project=p1&j=bq:US:flyte-${aKey}&page=queryresults`,
      },
    ]);
  });
});

describe("a job that is to stop", () => {
  it("is cancelled where it runs, as often as asked", async () => {
    const { double, connector } = await startDouble();
    const meta = await connector.create(await context());
    for (let time = 0; time < 2; time++) await connector.delete(metaContext(meta));
    expect(double.jobs()).toEqual([{ key: aKey, state: "cancelled" }]);
    expect(double.received.at(-1)).toMatchObject({
      path: `projects/p1/jobs/flyte-${aKey}/cancel`,
      query: { location: "US" },
    });
    const { phase, message } = await connector.get(metaContext(meta));
    expect([phase, message]).toEqual([
      "FAILED",
      "Job execution was cancelled: User requested cancellation (stopped, query)",
    ]);
  });

  it("stays as it is when it has ended", async () => {
    const { double, connector } = await startDouble();
    const meta = await connector.create(await context());
    double.set(aKey, "succeeded");
    await connector.delete(metaContext(meta));
    expect(double.jobs()).toEqual([{ key: aKey, state: "succeeded" }]);
  });
});

describe("a dry run", () => {
  it("tells what the query would read, and is no job", async () => {
    const { double, connector } = await startDouble();
    double.estimate = { totalBytesProcessed: "123456" };
    const task = bigqueryTask({ name: "t", config: { ...config, dryRun: true }, query: "select 1", output: "none" });
    const meta = await connector.create(await taskContext(task, {}));
    expect(double.inserted[0]?.body?.configuration.dryRun).toBe(true);
    expect(double.jobs()).toEqual([]);
    expect(await connector.get(metaContext(meta))).toEqual({
      phase: "SUCCEEDED",
      message: "a dry run: the query would process 123456 bytes",
      customInfo: { dryRun: true, bytesProcessed: 123456, statementType: "SELECT" },
    });
    expect(await connector.find(await taskContext(task, {}))).toBeUndefined();
    await connector.delete(metaContext(meta));
    expect(connector.logLinks(meta)).toEqual([]);
    expect(double.received).toHaveLength(1);
  });
});
