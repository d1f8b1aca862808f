import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { FlyteClient } from "../src/flyte/client.ts";
import { fetched, remoteOutputs } from "../src/flyte/outputs.ts";
import { projectFolder } from "../src/flyte/project.ts";
import { launch, register } from "../src/flyte/registered.ts";
import { values } from "../src/sample-tasks.ts";

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

test("values of every kind go through a real Flyte, and are those of the local run", async () => {
  const registered = await register(client, cluster, work, {
    file: "interop/src/sample-tasks.ts",
    workflow: values.name,
    module: join(projectFolder, "sample-tasks.ts"),
  });
  const execution = await launch(client, work, registered, {});
  const { phase, error } = await client.ended(execution);
  expect({ phase, error }).toEqual({ phase: "SUCCEEDED", error: null });
  const { rows, file, ...remote } = await remoteOutputs(client, execution, values.outputs, work);
  const local = await values({});
  const { rows: localRows, file: localFile, ...here } = local;
  console.log(
    `execution ${execution}, ${phase}\n  on Flyte: ${JSON.stringify(remote)}\n  here:     ${JSON.stringify(here)}`,
  );
  expect(remote).toEqual(here);
  const path = join(work, "fetched.txt");
  await client.download(file.uri, path);
  expect(await readFile(path, "utf8")).toBe(await localFile.text());
  expect(await (await fetched(client, rows, work)).toArray()).toEqual(await localRows.toArray());
});
