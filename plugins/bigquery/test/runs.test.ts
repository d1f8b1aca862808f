import { bigqueryTask } from "@flyte-ts/bigquery";
import { FlyteError, t, task, workflow } from "@flyte-ts/core";
import { LiteralMap, localTaskContext } from "@flyte-ts/core/plugin";
import { failureOf } from "@flyte-ts/core/testing";
import { expect, it, onTestFinished, vi } from "vitest";
import { endpointVariable } from "../src/client.ts";
import type { BigQueryDouble } from "./bigquery-double.ts";
import { startDouble } from "./fixture.ts";

const config = { project: "p1", location: "US" };
const query = {
  name: "rows",
  config,
  inputs: { least: t.int },
  query: "select n from t where n >= @least",
  columns: { n: t.int },
};
const connected = bigqueryTask(query);
const inPod = bigqueryTask({ ...query, name: "rows-in-pod", runAs: "pod" });

/** A double that this process takes for BigQuery, whose jobs succeed at once, with three rows each. */
async function here(): Promise<BigQueryDouble> {
  const { double } = await startDouble();
  vi.stubEnv(endpointVariable, double.endpoint);
  onTestFinished(() => void vi.unstubAllEnvs());
  double.started = ({ jobReference }) => {
    const rows = ["1", "2", "3"].map((v) => ({ f: [{ v }] }));
    const schema = { fields: [{ name: "n", type: "INTEGER" }] };
    double.tables.set(`p1:_anonymous.anon_${jobReference.jobId.slice(-8)}`, { schema, rows });
    return "succeeded";
  };
  return double;
}

it("a task runs here by itself and in a workflow, and the next one reads its rows", async () => {
  const double = await here();
  const { results } = await connected({ least: 1 });
  expect(await results.toArray()).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  const sum = task({
    name: "sum",
    inputs: { rows: connected.outputs.results },
    output: t.int,
    run: async ({ rows }) => {
      let total = 0;
      for await (const { n } of rows.rows()) total += n ?? 0;
      return total;
    },
  });
  const both = workflow({
    name: "both",
    inputs: { least: t.int },
    build: ({ least }) => ({
      a: sum({ rows: connected({ least }).results }),
      b: sum({ rows: connected({ least }).results }),
    }),
  });
  expect(await both({ least: 1 })).toEqual({ a: 6, b: 6 });
  // Each call is a job of its own.
  expect(new Set(double.jobs().map(({ key }) => key)).size).toBe(3);
});

it("a pod's results are those of the connector", async () => {
  await here();
  const literals = { least: t.int.toLiteral(1) };
  const outputs = await Promise.all(
    [connected, inPod].map(async (each) => {
      const context = await localTaskContext({ task: "t", directory: "/tmp/flyte-ts-bigquery", run: "r", node: "n" });
      return LiteralMap.toJson(await each.dispatchExecute(context, LiteralMap.create({ literals })));
    }),
  );
  const withoutJob = (value: unknown) => JSON.stringify(value).replace(/anon_[0-9a-f]+/, "");
  expect(withoutJob(outputs[1])).toBe(withoutJob(outputs[0]));
  expect(await (await inPod({ least: 1 })).results.toArray()).toHaveLength(3);
});

it.each([
  ["a connector's", connected],
  ["a pod's", inPod],
] as const)("%s job is cancelled when the run is", async (_, each) => {
  const double = await here();
  double.started = () => "running";
  const controller = new AbortController();
  double.intercept = ({ method, path }) => {
    if (method === "GET" && path.includes("/jobs/")) controller.abort(new FlyteError("Cancelled", "stop"));
    return undefined;
  };
  const context = await localTaskContext({ task: "t", signal: controller.signal });
  const run = each.dispatchExecute(context, LiteralMap.create({ literals: { least: t.int.toLiteral(1) } }));
  expect((await failureOf(run)).message).toContain("stop");
  expect(double.jobs().map(({ state }) => state)).toEqual(["cancelled"]);
});

it("a job that fails tells why, and where its page is", async () => {
  const double = await here();
  double.started = () => "failed";
  const error = await failureOf(Promise.resolve(connected({ least: 1 })));
  expect(error).toMatchObject({ code: "TaskFailed", recoverable: false });
  expect(error.message).toContain("it failed (invalidQuery, query)");
  expect(error.message).toContain("https://console.cloud.google.com/bigquery?project=p1&j=bq:US:flyte-");
});
