import { cp, mkdir, rm } from "node:fs/promises";
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
}
