import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { containers, overridden, rawContainer } from "../src/container-tasks.ts";
import { FlyteClient } from "../src/flyte/client.ts";
import { remoteOutputs } from "../src/flyte/outputs.ts";
import { projectFolder } from "../src/flyte/project.ts";
import { launch, register } from "../src/flyte/registered.ts";

const cluster = inject("cluster");
let work: string;
let client: FlyteClient;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "flyte-ts-e2e-"));
  client = new FlyteClient(cluster);
});
afterAll(async () => {
  await client.close();
  await rm(work, { recursive: true, force: true });
});

/** Registers and launches a workflow, and waits for its end. */
async function ended(workflow: string, literals: Readonly<Record<string, object>>) {
  const registered = await register(client, cluster, work, {
    file: "interop/src/container-tasks.ts",
    workflow,
    module: join(projectFolder, "container-tasks.ts"),
    env: { FLYTE_TS_E2E_IMAGE: cluster.image },
  });
  const execution = await launch(client, work, registered, literals);
  const { phase, error } = await client.ended(execution);
  expect({ phase, error }).toEqual({ phase: "SUCCEEDED", error: null });
  return execution;
}

const integer = (value: number) => ({ scalar: { primitive: { integer: `${value}` } } });

test("a shell script runs in our image, and its values are those of the local run", async () => {
  const name = `O'Hara "$(touch pwned)"`;
  const execution = await ended(containers.name, { name: { scalar: { primitive: { stringValue: name } } } });
  const { report, ...remote } = await remoteOutputs(client, execution, containers.outputs, work);
  const { report: localReport, ...here } = await containers({ name });
  console.log(`execution ${execution}\n  on Flyte: ${JSON.stringify(remote)}\n  here:     ${JSON.stringify(here)}`);
  expect(remote).toEqual(here);
  const path = join(work, "report.md");
  await client.download(report.uri, path);
  expect(await readFile(path, "utf8")).toBe(await localReport.text());
});

test("any image runs with its inputs as arguments, before what waits for it", async () => {
  const execution = await ended(rawContainer.name, { size: integer(42) });
  expect(await remoteOutputs(client, execution, rawContainer.outputs, work)).toEqual({ o0: 0 });
});

test("a node's own retries, name and resources count, in a pod of the author's", async () => {
  const execution = await ended(overridden.name, { times: integer(2) });
  expect(await remoteOutputs(client, execution, overridden.outputs, work)).toEqual({ o0: 2 });
  expect(await overridden({ times: 2 })).toBe(2);
});
