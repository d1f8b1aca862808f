import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { containers, overridden, rawContainer } from "../src/container-tasks.ts";
import { projectFolder } from "../src/flyte/project.ts";
import { Session } from "../src/flyte/session.ts";

const session = new Session();

/** Registers and launches a workflow, and waits for its end. */
async function ended(workflow: string, literals: Readonly<Record<string, object>>) {
  const registered = await session.register({
    file: "interop/src/container-tasks.ts",
    workflow,
    module: join(projectFolder, "container-tasks.ts"),
    env: { FLYTE_TS_E2E_IMAGE: session.cluster.image },
  });
  const execution = await session.launch(registered, literals);
  const { phase, error } = await session.client.ended(execution);
  expect({ phase, error }).toEqual({ phase: "SUCCEEDED", error: null });
  return execution;
}

const integer = (value: number) => ({ scalar: { primitive: { integer: `${value}` } } });

test("a shell script runs in our image, and its values are those of the local run", async () => {
  const name = `O'Hara "$(touch pwned)"`;
  const execution = await ended(containers.name, { name: { scalar: { primitive: { stringValue: name } } } });
  const { report, ...remote } = await session.outputs(execution, containers.outputs);
  const { report: localReport, ...here } = await containers({ name });
  console.log(`execution ${execution}\n  on Flyte: ${JSON.stringify(remote)}\n  here:     ${JSON.stringify(here)}`);
  expect(remote).toEqual(here);
  const path = join(session.folder, "report.md");
  await session.client.download(report.uri, path);
  expect(await readFile(path, "utf8")).toBe(await localReport.text());
});

test("any image runs with its inputs as arguments, before what waits for it", async () => {
  const execution = await ended(rawContainer.name, { size: integer(42) });
  expect(await session.outputs(execution, rawContainer.outputs)).toEqual({ o0: 0 });
});

test("a node's own retries, name and resources count, in a pod of the author's", async () => {
  const execution = await ended(overridden.name, { times: integer(2) });
  expect(await session.outputs(execution, overridden.outputs)).toEqual({ o0: 2 });
  expect(await overridden({ times: 2 })).toBe(2);
});
