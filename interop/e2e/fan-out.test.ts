import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { dynamics, maps, strictMap } from "../src/fan-out-tasks.ts";
import { FlyteClient } from "../src/flyte/client.ts";
import { remoteOutputs } from "../src/flyte/outputs.ts";
import { registerPackaged } from "../src/flyte/packaged.ts";
import { projectFolder } from "../src/flyte/project.ts";
import { launch, type Registered, register } from "../src/flyte/registered.ts";

const cluster = inject("cluster");
const file = "interop/src/fan-out-tasks.ts";
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

const integer = (value: number) => ({ scalar: { primitive: { integer: String(value) } } });
const list = (...values: readonly number[]) => ({ collection: { literals: values.map(integer) } });
const baked = { file, module: join(projectFolder, "fan-out-tasks.ts") };

test("map tasks run as array nodes: over lists, with bound inputs, with elements that may fail, over nothing", async () => {
  const inputs = { numbers: [10, -1, 7], factor: 3 };
  const registered = await register(client, cluster, work, { ...baked, workflow: maps.name });
  const execution = await launch(client, work, registered, { numbers: list(10, -1, 7), factor: integer(3) });
  const { phase, error } = await client.ended(execution);
  expect({ phase, error }).toEqual({ phase: "SUCCEEDED", error: null });
  const remote = await remoteOutputs(client, execution, maps.outputs, work);
  const local = await maps(inputs);
  show(execution, phase, remote, local);
  expect(remote).toEqual(local);
  expect(local).toMatchObject({ words: ["a", "bb", "ccc"], gaps: [3, null, 2.1], none: [] });
});

test("one element that fails fails a map of which all must succeed", async () => {
  const registered = await register(client, cluster, work, { ...baked, workflow: strictMap.name });
  const execution = await launch(client, work, registered, { numbers: list(1, -5) });
  const { phase, error } = await client.ended(execution);
  expect(phase).toBe("FAILED");
  expect(error?.message).toContain("-5 is below 0");
  await expect(Promise.resolve(strictMap({ numbers: [1, -5] }))).rejects.toThrow("-5 is below 0");
  console.log(`execution ${execution}, ${phase} (${error?.message.trim().split("\n").at(-1)})`);
});

test("dynamic tasks make tasks, sub-workflows, maps and dynamic tasks, or nothing; baked in", async () => {
  await dynamicsGiveWhatLocalGives(await register(client, cluster, work, { ...baked, workflow: dynamics.name }));
});

test("a dynamic task whose code was fetched makes tasks that fetch it, too", async () => {
  const packaged = { root: "interop/src", file: "fan-out-tasks.ts", workflow: dynamics.name };
  await dynamicsGiveWhatLocalGives(await registerPackaged(client, cluster, work, packaged));
});

async function dynamicsGiveWhatLocalGives(registered: Registered): Promise<void> {
  const execution = await launch(client, work, registered, { times: list(2, 3) });
  const { phase, error } = await client.ended(execution);
  expect({ phase, error }).toEqual({ phase: "SUCCEEDED", error: null });
  const remote = await remoteOutputs(client, execution, dynamics.outputs, work);
  const local = await dynamics({ times: [2, 3] });
  show(execution, phase, remote, local);
  expect(remote).toEqual(local);
  expect(local).toMatchObject({ words: ["ww", "sss", "last"], mapped: ["mm", "mmm"], empty: "nothing", nested: "ww" });
}

function show(execution: string, phase: string, remote: unknown, local: unknown): void {
  console.log(
    `execution ${execution}, ${phase}\n  on Flyte: ${JSON.stringify(remote)}\n  here:     ${JSON.stringify(local)}`,
  );
}
