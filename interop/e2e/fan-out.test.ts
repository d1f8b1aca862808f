import { join } from "node:path";
import { expect, test } from "vitest";
import { dynamics, maps, strictMap } from "../src/fan-out-tasks.ts";
import { projectFolder } from "../src/flyte/project.ts";
import type { Registered } from "../src/flyte/registered.ts";
import { Session } from "../src/flyte/session.ts";

const session = new Session();
const file = "interop/src/fan-out-tasks.ts";

const integer = (value: number) => ({ scalar: { primitive: { integer: String(value) } } });
const list = (...values: readonly number[]) => ({ collection: { literals: values.map(integer) } });
const baked = { file, module: join(projectFolder, "fan-out-tasks.ts") };

test("map tasks run as array nodes: over lists, with bound inputs, with elements that may fail, over nothing", async () => {
  const inputs = { numbers: [10, -1, 7], factor: 3 };
  const registered = await session.register({ ...baked, workflow: maps.name });
  const execution = await session.launch(registered, { numbers: list(10, -1, 7), factor: integer(3) });
  const { phase, error } = await session.client.ended(execution);
  expect({ phase, error }).toEqual({ phase: "SUCCEEDED", error: null });
  const remote = await session.outputs(execution, maps.outputs);
  const local = await maps(inputs);
  show(execution, phase, remote, local);
  expect(remote).toEqual(local);
  expect(local).toMatchObject({ words: ["a", "bb", "ccc"], gaps: [3, null, 2.1], none: [] });
});

test("one element that fails fails a map of which all must succeed", async () => {
  const registered = await session.register({ ...baked, workflow: strictMap.name });
  const execution = await session.launch(registered, { numbers: list(1, -5) });
  const { phase, error } = await session.client.ended(execution);
  expect(phase).toBe("FAILED");
  expect(error?.message).toContain("-5 is below 0");
  await expect(Promise.resolve(strictMap({ numbers: [1, -5] }))).rejects.toThrow("-5 is below 0");
  console.log(`execution ${execution}, ${phase} (${error?.message.trim().split("\n").at(-1)})`);
});

test("dynamic tasks make tasks, sub-workflows, maps and dynamic tasks, or nothing; baked in", async () => {
  await dynamicsGiveWhatLocalGives(await session.register({ ...baked, workflow: dynamics.name }));
});

test("a dynamic task whose code was fetched makes tasks that fetch it, too", async () => {
  const packaged = { root: "interop/src", file: "fan-out-tasks.ts", workflow: dynamics.name };
  await dynamicsGiveWhatLocalGives(await session.registerPackaged(packaged));
});

async function dynamicsGiveWhatLocalGives(registered: Registered): Promise<void> {
  const execution = await session.launch(registered, { times: list(2, 3) });
  const { phase, error } = await session.client.ended(execution);
  expect({ phase, error }).toEqual({ phase: "SUCCEEDED", error: null });
  const remote = await session.outputs(execution, dynamics.outputs);
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
