import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkout } from "../task-files.ts";

/** The folder of the project that is baked into the image of our own tasks, under the same path in the image. */
export const projectFolder: string = join(checkout, "interop/.cache/e2e-project");

/** What the project is made of, by its path there. */
const modules: Readonly<Record<string, string>> = {
  "demo/workflow.ts": "examples/demo/workflow.ts",
  "demo/database.ts": "examples/demo/database.ts",
  "sample-tasks.ts": "interop/src/sample-tasks.ts",
  "flow-workflows.ts": "interop/src/flow-workflows.ts",
  "planned-tasks.ts": "interop/src/planned-tasks.ts",
  "fan-out-tasks.ts": "interop/src/fan-out-tasks.ts",
  "container-tasks.ts": "interop/src/container-tasks.ts",
  "connector-workflows.ts": "interop/src/connector-workflows.ts",
  "sensor-workflows.ts": "interop/src/sensor-workflows.ts",
  "export-plugin/export-sensor.ts": "interop/src/export-plugin/export-sensor.ts",
  "export-plugin/plugin.ts": "interop/src/export-plugin/plugin.ts",
  "mixed-workflows.ts": "interop/src/mixed-workflows.ts",
};

/** Puts the project together anew. */
export async function bakeProject(): Promise<void> {
  await rm(projectFolder, { recursive: true, force: true });
  for (const [path, source] of Object.entries(modules)) {
    await mkdir(join(projectFolder, path, ".."), { recursive: true });
    await cp(join(checkout, source), join(projectFolder, path));
  }
  const { pod, service } = await sensorTutorial();
  await writeFile(join(projectFolder, "tutorial-pod.ts"), pod);
  await writeFile(join(projectFolder, "tutorial-service.ts"), service);
}

/** The module of the sensor's tutorial as its README has it, and the same with the task of a connector service. */
async function sensorTutorial(): Promise<{ readonly pod: string; readonly service: string }> {
  const readme = await readFile(join(checkout, "plugins/object-store-sensor/README.md"), "utf8");
  const pod = /^```ts file=flow\.ts\n(.*?)^```$/ms.exec(readme)?.[1];
  if (pod === undefined) throw new Error("the README of object-store-sensor has no flow.ts any more");
  const service = pod
    .replaceAll("WaitForObjectStoreFile", "WaitForObjectStoreFileByConnector")
    .replace("({\n  name:", '({\n  runsIn: "connector",\n  name:');
  return { pod, service };
}
