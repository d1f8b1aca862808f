/**
 * Sensors on a real Flyte, in both forms: in a pod, and in our connector service, which holds no pod for them. Those of a
 * plugin's own are polled by the sensor engine.
 */
import { randomUUID } from "node:crypto";
import { join, relative } from "node:path";
import { type Types, t } from "@flyte-ts/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ExportStatus } from "../src/export-plugin/export-sensor.ts";
import { ConnectorService } from "../src/flyte/connector-service.ts";
import { Inside } from "../src/flyte/inside.ts";
import { projectFolder } from "../src/flyte/project.ts";
import { Session } from "../src/flyte/session.ts";
import * as flows from "../src/sensor-workflows.ts";
import { checkout } from "../src/task-files.ts";

const session = new Session();
let inside: Inside;
let service: ConnectorService;
let store: string;
/** The store as the service sees it: a proxy that notes what is asked for. */
let watched: { readonly endpoint: string };
let version: string;

beforeAll(async () => {
  inside = new Inside(session.cluster);
  store = await inside.ask("variable", { name: "FLYTE_AWS_ENDPOINT" });
  watched = await inside.ask("proxy", { to: store, fixes: [] });
  service = new ConnectorService(session.cluster, inside, {
    // found as a project's own plugin, and as what it depends on
    directory: join(checkout, "interop/src/export-plugin"),
    env: { FLYTE_AWS_ENDPOINT: watched.endpoint },
    folder: session.folder,
  });
  await service.startBeforePropeller();
  version = await session.registerFile({
    file: "interop/src/sensor-workflows.ts",
    module: join(projectFolder, "sensor-workflows.ts"),
  });
});

afterAll(async () => {
  await service.kill();
  await inside.close();
});

const { podWaits, serviceWaits, podGivesUp, serviceGivesUp } = flows;

interface Launched {
  readonly name: string;
  readonly inputs: Types;
  readonly version?: string;
}

/** Launches a workflow with the URI of a key as its one input. */
const launched = ({ name, inputs, ...own }: Launched, key: string): Promise<string> =>
  session.launch(
    { workflow: name, version, ...own },
    { [Object.keys(inputs)[0] ?? ""]: { scalar: { primitive: { stringValue: `s3://flyte/${key}` } } } },
  );

/** Puts a text into the cluster's store, or another in its place, which whoever is unknown may do only to what is public. */
async function put(key: string, body: string): Promise<void> {
  const request = { url: `${store}/flyte/${key}`, method: "PUT", headers: { "x-amz-acl": "public-read-write" }, body };
  expect(await inside.ask("fetch", request)).toMatchObject({ status: 200 });
}

/** The tasks of an execution whose sensor is at work. */
const running = (execution: string) =>
  session.client.until(
    "the sensor at work",
    () => session.client.nodes(execution),
    ([first]) => first?.attempts[0]?.phase === "RUNNING",
  );

test.each([
  { form: "a pod", module: "tutorial-pod.ts", pods: 2 },
  { form: "the connector service", module: "tutorial-service.ts", pods: 1 },
])("the tutorial's workflow waits in $form", async ({ module, pods }) => {
  const path = join(projectFolder, module);
  const own = await session.registerFile({ file: relative(checkout, path), module: path });
  const key = `tutorial/${randomUUID()}`;
  const execution = await launched({ name: "my_workflow", inputs: { path: t.string }, version: own }, key);
  await running(execution);
  await put(key, "Hello World!");
  expect(await session.client.ended(execution)).toMatchObject({ phase: "SUCCEEDED", error: null });
  const containers = Object.keys(await session.client.exitCodes(execution));
  console.log(`my_workflow of ${module}: execution ${execution}, ${containers.length} containers`);
  expect(await session.outputs(execution, { o0: t.string })).toEqual({ o0: `s3://flyte/${key}` });
  expect(containers).toHaveLength(pods);
});

/** How often the service has asked for a key. */
const polls = async (key: string): Promise<number> =>
  (await inside.ask("requests", watched)).filter(({ url }) => url.includes(key)).length;

describe.each([
  { form: "a pod", waits: podWaits, givesUp: podGivesUp, pods: 3 },
  { form: "the connector service", waits: serviceWaits, givesUp: serviceGivesUp, pods: 2 },
])("a sensor in $form", ({ waits, givesUp, pods }) => {
  test("waits until the file lands, and the workflow goes on with it", async () => {
    const key = `awaited/${randomUUID()}`;
    const execution = await launched(waits, key);
    await running(execution);
    await put(key, "Hello World!");
    expect(await session.client.ended(execution)).toMatchObject({ phase: "SUCCEEDED", error: null });
    const outputs = await session.outputs(execution, waits.outputs);
    const containers = Object.keys(await session.client.exitCodes(execution));
    console.log(`${waits.name}: execution ${execution} ${JSON.stringify(outputs)}, ${containers.length} containers`);
    expect(outputs).toEqual({ o0: "Hello World!" });
    expect(containers).toHaveLength(pods);
  });

  test("fails when its time is up, and says for what it waited", async () => {
    const key = `never/${randomUUID()}`;
    const execution = await launched(givesUp, key);
    const { phase, error } = await session.client.ended(execution);
    console.log(`${givesUp.name}: execution ${execution}, ${phase} ${JSON.stringify(error)}`);
    expect(phase).toBe("FAILED");
    // what the connector service says of a failure has no code of its own in Flyte v1
    expect(error).toMatchObject({ kind: "USER", code: pods === 3 ? "USER:Timeout" : "TaskFailedWithError" });
    expect(error?.message).toContain(`waited 2000 ms (timeout) for the file s3://flyte/${key}`);
  });

  test("ends when the execution is aborted, and nobody waits any more", async () => {
    const key = `aborted/${randomUUID()}`;
    const execution = await launched(waits, key);
    await running(execution);
    if (pods === 2)
      await session.client.until(
        "the service's polls",
        () => polls(key),
        (count) => count > 2,
      );
    await session.client.abort(execution, "nobody waits for it any more");
    expect(await session.client.ended(execution)).toMatchObject({ phase: "ABORTED" });
    const ended = (codes: Readonly<Record<string, number>>) => Object.keys(codes).length === pods - 2;
    const codes = await session.client.until("its pod's end", () => session.client.exitCodes(execution), ended);
    expect(Object.values(codes)).toEqual(pods === 3 ? [143] : []);
    // Ten looks, each as long as a poll's interval, that find no further one.
    const counts: number[] = [];
    const look = async () => {
      counts.push(await polls(key));
      return counts.slice(-10);
    };
    const still = (last: readonly number[]) => last.length === 10 && new Set(last).size === 1;
    const [count] = await session.client.until("the end of its polls", look, still, 30);
    console.log(
      `${waits.name}: execution ${execution}, aborted, exit codes ${JSON.stringify(codes)}, ${count} requests of the service`,
    );
    if (pods === 3) expect(count).toBe(0);
  });
});

describe("a sensor of a plugin's own, by the sensor engine", () => {
  const told = (key: string, status: ExportStatus) => put(key, JSON.stringify(status));

  test("waits until its poll finds values, which are its outputs; a function in a pod does the same", async () => {
    const key = `exports/${randomUUID()}`;
    await told(key, { state: "running" });
    const execution = await launched(flows.bothExports, key);
    await running(execution);
    await told(key, { state: "done", rows: 7, files: ["a.csv", "b.csv"] });
    expect(await session.client.ended(execution)).toMatchObject({ phase: "SUCCEEDED", error: null });
    const outputs = await session.outputs(execution, flows.bothExports.outputs);
    const containers = Object.keys(await session.client.exitCodes(execution));
    console.log(
      `${flows.bothExports.name}: execution ${execution} ${JSON.stringify(outputs)}, ${containers.length} containers`,
    );
    expect(outputs).toEqual({ rows: 7, summary: "done: 7 rows in a.csv and b.csv" });
    // the function's, and the one that summarises
    expect(containers).toHaveLength(2);
  });

  test.each([
    [
      "what the other system says",
      { state: "failed", reason: "the disk is full" },
      "the export has failed: the disk is full",
    ],
    ["its configuration", { state: "done", rows: 1 }, "the export has 1 rows, of 2 at least"],
  ] as const)("fails at once when it will never be, by %s", async (_, status, message) => {
    const key = `exports/${randomUUID()}`;
    const execution = await launched(flows.servedExport, key);
    await running(execution);
    await told(key, status);
    const { phase, error } = await session.client.ended(execution);
    console.log(`${flows.servedExport.name}: execution ${execution}, ${phase} ${JSON.stringify(error)}`);
    expect(phase).toBe("FAILED");
    expect(error).toMatchObject({ kind: "USER", message: expect.stringContaining(message) });
  });

  test("goes on in a service that was killed and started again, as one for files does", async () => {
    const keys = [`exports/${randomUUID()}`, `awaited/${randomUUID()}`] as const;
    const executions = [await launched(flows.servedExport, keys[0]), await launched(serviceWaits, keys[1])] as const;
    for (const execution of executions) await running(execution);
    await service.kill();
    await told(keys[0], { state: "done", rows: 3, files: [] });
    await put(keys[1], "Hello again!");
    await service.start();
    const ends = await Promise.all(executions.map((execution) => session.client.ended(execution)));
    console.log(`after a kill: ${executions.map((execution, at) => `${execution} ${ends[at]?.phase}`).join(", ")}`);
    expect(ends).toMatchObject(executions.map(() => ({ phase: "SUCCEEDED", error: null })));
    expect(await session.outputs(executions[0], flows.servedExport.outputs)).toEqual({ o0: 3 });
    expect(await session.outputs(executions[1], serviceWaits.outputs)).toEqual({ o0: "Hello again!" });
    for (const execution of executions) {
      const [waited] = await session.client.nodes(execution);
      expect(waited?.attempts.map(({ phase }) => phase)).toEqual(["SUCCEEDED"]);
    }
  });
});
