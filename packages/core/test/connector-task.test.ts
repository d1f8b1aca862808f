import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { FlyteContext, FlyteError, t, workflow } from "@flyte-ts/core";
import {
  AsyncConnectorTask,
  type Connector,
  ConnectorExecutor,
  definePlugin,
  type ExecutionIdentity,
  LiteralMap,
  runWorkflowHere,
  ShimTask,
  type SyncConnector,
  SyncConnectorTask,
  silentLog,
  TaskTemplate,
} from "@flyte-ts/core/plugin";
import { localTaskContext } from "@flyte-ts/core/testing";
import { describe, expect, test } from "vitest";
import { passing, Surroundings } from "./connector-surroundings.ts";
import { CountingConnector, CountingVendor } from "./counting-vendor.ts";

const pluginOf = (connector: Connector) => ({
  package: { name: "counted", version: "1.0.0" },
  manifest: async () => ({
    default: definePlugin({
      specVersion: 1,
      name: "counted",
      version: "1.0.0",
      provides: { connectors: { counted: async () => connector } },
    }),
  }),
});

type Rows = { readonly rows: typeof t.int };
const outputs: Rows = { rows: t.int };

class CountedTask extends AsyncConnectorTask<Record<never, never>, Rows, { rows: number }> {}
class AnsweredTask extends SyncConnectorTask<Record<never, never>, Rows, { rows: number }> {}

interface Options {
  readonly retries?: number;
  readonly timeout?: number;
}

const counted = (connector: Connector, options?: Options): CountedTask =>
  new CountedTask("counted", { name: "count", inputs: {}, outputs, unwrapped: false }, pluginOf(connector), options);

/** Runs a workflow that calls a connector task so many times, by a clock that stands still. */
function running(connector: Connector, { times = 1, signal, ...options }: Options & RunOptions = {}) {
  const task = counted(connector, options);
  const around = new Surroundings(connector);
  const context = new FlyteContext({ clock: around.clock, storage: around.storage, log: silentLog });
  const flow = workflow({
    name: "flow",
    build: () => Object.fromEntries(Array.from({ length: times }, (_, at) => [`n${at}`, task({}).outputs.rows])),
  });
  const result = runWorkflowHere(flow, {}, { context, ...(signal === undefined ? {} : { signal }) });
  result.catch(() => {});
  return { result, clock: around.clock };
}

interface RunOptions {
  readonly times?: number;
  readonly signal?: AbortSignal;
}

const finish = (vendor: CountingVendor, state: "succeeded" | "failed"): void => {
  for (const job of vendor.live) job.state = state;
};

/** Waits for jobs: what comes before them is done by the real world's time. */
async function started(vendor: CountingVendor, jobs = 1): Promise<void> {
  await expect.poll(() => vendor.live.length, { timeout: 20_000, interval: 5 }).toBe(jobs);
}

const asked = (vendor: CountingVendor, what: string): number => vendor.requests.filter((name) => name === what).length;

describe("a connector task that runs here", () => {
  test("is a job that is waited for, less and less often", async () => {
    const { vendor } = new CountingConnector();
    const { result, clock } = running(new CountingConnector(vendor));
    await started(vendor);
    await clock.pass(60_000);
    expect(asked(vendor, "get")).toBeLessThan(30);
    expect(asked(vendor, "get")).toBeGreaterThan(10);
    finish(vendor, "succeeded");
    expect(await passing(clock, result)).toEqual({ n0: 1 });
    expect(asked(vendor, "delete")).toBe(0);
  });

  test("is a job of its own for every node and every run", async () => {
    const { vendor } = new CountingConnector();
    const runs = [1, 2].map(() => running(new CountingConnector(vendor), { times: 2 }));
    await started(vendor, 4);
    expect(new Set(vendor.jobs.map(({ key }) => key)).size).toBe(4);
    finish(vendor, "succeeded");
    for (const { clock, result } of runs) await passing(clock, result);
  });

  test("is a job of its own for each of two calls of one sub-workflow", async () => {
    const connector = new CountingConnector();
    const task = counted(connector);
    const sub = workflow({ name: "sub", build: () => ({ rows: task({}).outputs.rows }) });
    const flow = workflow({
      name: "twice",
      build: () => ({ one: sub({}).outputs.rows, other: sub({}).outputs.rows }),
    });
    const around = new Surroundings(connector);
    const context = new FlyteContext({ clock: around.clock, storage: around.storage, log: silentLog });
    const result = runWorkflowHere(flow, {}, { context });
    await started(connector.vendor, 2);
    expect(new Set(connector.vendor.jobs.map(({ key }) => key)).size).toBe(2);
    finish(connector.vendor, "succeeded");
    expect(Object.values(await passing(around.clock, result)).sort()).toEqual([1, 2]);
  });

  test("fails with the vendor's message and the job's page", async () => {
    const { vendor } = new CountingConnector();
    vendor.message = "division by zero";
    const { result, clock } = running(new CountingConnector(vendor), { retries: 3 });
    await started(vendor);
    finish(vendor, "failed");
    await expect(passing(clock, result)).rejects.toMatchObject({
      code: "TaskFailed",
      message: expect.stringMatching(/division by zero \(https:\/\/vendor\.example/),
    });
    expect(vendor.jobs).toHaveLength(1);
  });

  test("fails after two minutes of a service that is away, and says what it says", async () => {
    const vendor = new CountingVendor();
    vendor.always = new FlyteError("Unavailable", "no credentials were found");
    const { result, clock } = running(new CountingConnector(vendor));
    await expect.poll(() => vendor.requests.length).toBe(1);
    await clock.pass(110_000);
    await expect.poll(() => vendor.requests.length).toBeGreaterThan(1);
    await expect(passing(clock, result)).rejects.toThrow("no credentials were found");
  });

  test("is tried again with a new job where the connector says that this may help", async () => {
    const { vendor } = new CountingConnector();
    const { result, clock } = running(new CountingConnector(vendor), { retries: 1 });
    await started(vendor);
    vendor.jobs.splice(0);
    await clock.pass(150_000);
    await started(vendor);
    finish(vendor, "succeeded");
    expect(await passing(clock, result)).toEqual({ n0: 1 });
    expect(asked(vendor, "create")).toBe(2);
  });

  test("is deleted when its time is over, or the run is aborted", async () => {
    const late = new (class extends CountingConnector {
      override async delete(context: Parameters<CountingConnector["delete"]>[0]): Promise<void> {
        await context.clock.sleep(5_000);
        return super.delete(context);
      }
    })();
    const timed = running(late, { timeout: 20_000 });
    await started(late.vendor);
    await expect(passing(timed.clock, timed.result)).rejects.toMatchObject({ code: "Timeout" });
    // at once: the process may end here
    expect([late.vendor.jobs.length, late.vendor.live.length]).toEqual([1, 0]);

    const abort = new AbortController();
    const connector = new CountingConnector();
    const aborted = running(connector, { signal: abort.signal });
    await started(connector.vendor);
    connector.vendor.turns = ["unavailable"];
    abort.abort(new FlyteError("Cancelled", "enough"));
    await expect(passing(aborted.clock, aborted.result)).rejects.toThrow("enough");
    expect([connector.vendor.jobs.length, connector.vendor.live.length]).toEqual([1, 0]);
  });

  test("is deleted when the run is aborted while nobody knows whether it was started", async () => {
    const connector = new CountingConnector();
    connector.vendor.turns = ["hang"];
    const abort = new AbortController();
    const { result, clock } = running(connector, { signal: abort.signal });
    await started(connector.vendor);
    abort.abort(new FlyteError("Cancelled", "enough"));
    await expect(passing(clock, result)).rejects.toThrow("enough");
    expect([connector.vendor.jobs.length, connector.vendor.live.length]).toEqual([1, 0]);
  });

  test("has the same retries when it is called alone", async () => {
    const connector = new CountingConnector();
    const attempts: number[] = [];
    const failing = Object.assign(connector, {
      create: async ({ attempt }: { readonly attempt: number }) => {
        attempts.push(attempt);
        throw new FlyteError("Recoverable", "try again");
      },
    });
    await expect(counted(failing, { retries: 2 })({})).rejects.toMatchObject({ code: "Recoverable" });
    expect(attempts).toEqual([0, 1, 2]);
  });

  test("of a connector that answers at once is one call", async () => {
    const connector: SyncConnector = {
      name: "Answer",
      do: async () => ({ phase: "SUCCEEDED", outputs: { rows: 42 } }),
    };
    const task = new AnsweredTask(
      "counted",
      { name: "answer", inputs: {}, outputs, unwrapped: false },
      pluginOf(connector),
    );
    expect(await task({})).toEqual({ rows: 42 });
  });

  test("has a custom in its template always, and one that Flyte v2 can read", () => {
    const settings = { project: "p", domain: "d", version: "v", module: "" };
    const withCustom = (custom: Record<string, never>) =>
      new (class extends CountedTask {
        override custom() {
          return custom;
        }
      })("counted", { name: "count", inputs: {}, outputs, unwrapped: false }, pluginOf(new CountingConnector()));
    expect(counted(new CountingConnector()).template(settings).custom).toEqual({});
    const fine = { task_type: "counted", secrets: { token: "key" }, configs: {}, other: { secrets: [1] } };
    expect(withCustom(fine as never).template(settings).custom).toEqual(fine);
    const wrong: readonly (readonly [object, string])[] = [
      [{ secrets: { token: { key: "a" } } }, 'task count: custom.secrets.token is {"key":"a"}; it must be a text'],
      [{ secrets: ["a"] }, 'custom.secrets is ["a"]; it must be texts by name'],
      [
        { configs: { retries: 3 } },
        "custom.configs.retries is 3; it must be a text: Flyte v2 reads a connection there",
      ],
      [{ taskType: 3 }, "custom.taskType is 3; it must be a text"],
    ];
    for (const [custom, message] of wrong) {
      expect(() => withCustom(custom as never).template(settings)).toThrow(message);
    }
  });

  test("is told what would be right where its plugin has another kind of connector, or none", async () => {
    const answering: SyncConnector = { name: "Answer", do: async () => ({ phase: "SUCCEEDED" }) };
    await expect(counted(answering)({})).rejects.toThrow(
      'the connector Answer of the task type "counted" answers at once; its tasks must be SyncConnectorTasks',
    );
    const plugin = pluginOf(new CountingConnector());
    const entity = { name: "answer", inputs: {}, outputs, unwrapped: false };
    await expect(new AnsweredTask("counted", entity, plugin)({})).rejects.toThrow(
      'the connector Counting of the task type "counted" runs jobs; its tasks must be AsyncConnectorTasks',
    );
    await expect(new AnsweredTask("conted", entity, plugin)({})).rejects.toMatchObject({
      code: "UnknownTaskType",
      message: expect.stringMatching(
        /the plugin counted has no connector for the task type "conted"; in provides.connectors it has "counted"/,
      ),
    });
  });
});

describe("a plain script that is told to end", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("deletes its jobs, and ends by %s", async (signal) => {
    const script = fileURLToPath(new URL("fixtures/plain-script.ts", import.meta.url));
    const child = spawn(
      process.execPath,
      ["--conditions=@flyte-ts/source", "--experimental-transform-types", "--no-warnings", script],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    const closed = once(child, "close");
    const bothRun = new Promise<void>((resolve) => {
      child.stdout.on("data", () => {
        if (text.split("running").length > 2) resolve();
      });
    });
    await Promise.race([bothRun, closed]);
    child.kill(signal);
    expect(await closed).toEqual([null, signal]);
    expect(text.split("\n").filter((line) => line === "deleted")).toHaveLength(2);
  });
});

describe("a connector task in a pod", () => {
  const template = TaskTemplate.fromJson({
    id: { name: "count", version: "v1" },
    type: "counted-pod",
    interface: { outputs: { variables: { rows: { type: { simple: "INTEGER" } } } } },
  });
  const identity: ExecutionIdentity = {
    project: "p",
    domain: "d",
    name: "e1",
    task: "count",
    version: "v1",
    attempt: 0,
    outputPrefix: "mem://bucket/e1/n0/0",
  };

  test("gives the same outputs as the connector service would, and goes on with the job of a pod that was killed", async () => {
    const connector = new CountingConnector();
    const around = new Surroundings(connector);
    const { clock, storage } = around;
    const context = {
      ...(await localTaskContext({ task: "count", context: new FlyteContext({ clock, storage, log: silentLog }) })),
      execution: identity,
    };
    const task = (): ShimTask => new ShimTask(template, new ConnectorExecutor(async () => connector));
    // the first one is never heard of again
    task().dispatchExecute(context, LiteralMap.create());
    await started(connector.vendor);
    const second = task().dispatchExecute(context, LiteralMap.create());
    await clock.pass(1_000);
    finish(connector.vendor, "succeeded");
    const expected = { literals: { rows: { scalar: { primitive: { integer: "1" } } } } };
    expect(LiteralMap.toJson(await passing(clock, second))).toEqual(expected);
    expect(connector.vendor.jobs).toHaveLength(1);
  });
});
