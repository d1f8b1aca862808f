import type { TaskContext } from "../context/task-context.ts";
import type { ExecutableTask } from "../task/executable-task.ts";
import { toLiterals, toNatives } from "../types/conversion.ts";
import type { TypedInterface } from "../types/typed-interface.ts";
import { type AttemptOptions, type AttemptRun, runAttempts } from "./attempts.ts";
import { type LocalContextOptions, localTaskContext } from "./local-context.ts";

/** Runs something in the context of a task that runs here. */
export async function withTaskContext<R>(
  options: LocalContextOptions,
  run: (context: TaskContext) => Promise<R>,
): Promise<R> {
  await using context = await localTaskContext(options);
  return await run(context);
}

/**
 * Runs one task here, through its literals: native values in, native values out. It is tried as often, and an attempt may
 * take as long, as in a workflow.
 */
export function runTaskHere(
  task: ExecutableTask & TypedInterface,
  inputs: Readonly<Record<string, unknown>>,
  attempts: AttemptOptions = {},
): Promise<Record<string, unknown>> {
  return withTaskContext({ task: task.name }, async (context) => {
    const literals = await toLiterals(inputs, task.inputs, context, "input");
    const once = (attempts.retries ?? 0) === 0 && (attempts.timeout ?? 0) === 0;
    const outputs = once
      ? await task.dispatchExecute(context, literals)
      : await runAttempts(task, attempts, literals, attemptsIn(context));
    return toNatives(outputs.literals, task.outputs, context, "output");
  });
}

/** Gives every attempt a context of its own; they are attempts of one run. */
function attemptsIn({ signal, execution }: TaskContext): AttemptRun {
  return {
    signal,
    options: {},
    execute: (task, inputs, _part, attempt) => {
      const place = {
        task: task.name,
        run: execution.run,
        attempt: attempt?.number,
        signal: attempt?.signal ?? signal,
      };
      return withTaskContext(place, (own) => task.dispatchExecute(own, inputs));
    },
  };
}
