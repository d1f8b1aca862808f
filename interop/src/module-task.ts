import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SerializationSettings } from "@flyte-ts/core";
import { LiteralMap, TaskTemplate } from "@flyte-ts/core/plugin";
import type { Ended } from "./python.ts";
import { runWithEntrypoint, type TaskFiles } from "./task-files.ts";

/** Where the suites register what they compile. */
export const settings: SerializationSettings = {
  project: "flytesnacks",
  domain: "development",
  version: "1",
  module: join(import.meta.dirname, "sample-tasks.ts"),
  image: "interop:1",
};

/** A task of the author's own, or of a plugin's. */
interface AnyTask {
  template(settings: SerializationSettings): TaskTemplate;
}

/**
 * Runs a task of ours in a process of its own, with the arguments that its template has.
 * @param folder the test's folder.
 * @param inputs the inputs' literals in protobuf's JSON, by name.
 */
export async function runTask(
  task: AnyTask,
  folder: string,
  inputs: Readonly<Record<string, object>> = {},
): Promise<Ended & TaskFiles> {
  const name = randomUUID();
  const files = {
    template: join(folder, `${name}-task.pb`),
    inputs: join(folder, `${name}-inputs.pb`),
    outputPrefix: join(folder, name),
  };
  const template = task.template(settings);
  if (template.target.case !== "container") throw new Error("the task has no container");
  await writeFile(files.template, TaskTemplate.encode(template));
  await writeFile(files.inputs, LiteralMap.encode(LiteralMap.fromJson({ literals: { ...inputs } as never })));
  const ended = await runWithEntrypoint(template.target.value.args, files, join(folder, "commands"));
  return { ...ended, ...files };
}
