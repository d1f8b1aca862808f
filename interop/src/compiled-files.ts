import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import type { CompiledEntities } from "@flyte-ts/core";
import { LaunchPlanSchema, TaskSpecSchema, WorkflowSpecSchema } from "@flyte-ts/idl/admin";

/** The files of what was compiled, in the order in which they are registered. */
export interface CompiledFiles {
  readonly tasks: readonly string[];
  readonly workflows: readonly string[];
  readonly launchPlans: readonly string[];
}

/** Writes what was compiled into a folder: `<i>_task.pb`, `<i>_workflow.pb`, `<i>_plan.pb`. */
export async function compiledFiles(compiled: CompiledEntities, folder: string): Promise<CompiledFiles> {
  await mkdir(folder, { recursive: true });
  const write = async (name: string, bytes: Uint8Array): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, bytes);
    return file;
  };
  return {
    tasks: await Promise.all(compiled.tasks.map((spec, at) => write(`${at}_task.pb`, toBinary(TaskSpecSchema, spec)))),
    workflows: await Promise.all(
      compiled.workflows.map((spec, at) => write(`${at}_workflow.pb`, toBinary(WorkflowSpecSchema, spec))),
    ),
    launchPlans: await Promise.all(
      compiled.launchPlans.map((plan, at) => write(`${at}_plan.pb`, toBinary(LaunchPlanSchema, plan))),
    ),
  };
}
