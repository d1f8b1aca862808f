import type { TaskContext } from "../context/task-context.ts";
import { toLiterals, toNatives } from "../task/conversion.ts";
import type { ExecutableTask } from "../task/executable-task.ts";
import type { TypedInterface } from "../task/typed-interface.ts";
import { type LocalContextOptions, localTaskContext } from "./local-context.ts";

/** Runs something in the context of a task that runs here. */
export async function withTaskContext<R>(
  options: LocalContextOptions,
  run: (context: TaskContext) => Promise<R>,
): Promise<R> {
  await using context = await localTaskContext(options);
  return await run(context);
}

/** Runs one task here, through its literals: native values in, native values out. */
export function runTaskHere(
  task: ExecutableTask & TypedInterface,
  inputs: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  return withTaskContext({ task: task.name }, async (context) => {
    const literals = await toLiterals(inputs, task.inputs, context, "input");
    const outputs = await task.dispatchExecute(context, literals);
    return toNatives(outputs.literals, task.outputs, context, "output");
  });
}
