import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fetched } from "../src/flyte/outputs.ts";
import { projectFolder } from "../src/flyte/project.ts";
import { Session } from "../src/flyte/session.ts";
import { values } from "../src/sample-tasks.ts";

const session = new Session();

test("values of every kind go through a real Flyte, and are those of the local run", async () => {
  const registered = await session.register({
    file: "interop/src/sample-tasks.ts",
    workflow: values.name,
    module: join(projectFolder, "sample-tasks.ts"),
  });
  const execution = await session.launch(registered, {});
  const { phase, error } = await session.client.ended(execution);
  expect({ phase, error }).toEqual({ phase: "SUCCEEDED", error: null });
  const { rows, file, ...remote } = await session.outputs(execution, values.outputs);
  const local = await values({});
  const { rows: localRows, file: localFile, ...here } = local;
  console.log(
    `execution ${execution}, ${phase}\n  on Flyte: ${JSON.stringify(remote)}\n  here:     ${JSON.stringify(here)}`,
  );
  expect(remote).toEqual(here);
  const path = join(session.folder, "fetched.txt");
  await session.client.download(file.uri, path);
  expect(await readFile(path, "utf8")).toBe(await localFile.text());
  expect(await (await fetched(session.client, rows, session.folder)).toArray()).toEqual(await localRows.toArray());
});
