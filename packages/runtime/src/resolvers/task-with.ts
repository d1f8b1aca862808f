import type { ExecutableTask } from "@flyte-ts/core/plugin";

/** A task that runs in another way, and is otherwise the one that was found. */
export function taskWith(
  { name, taskType, outputTypes, generatesDeck }: ExecutableTask,
  ways: Pick<ExecutableTask, "dispatchExecute" | "dispatchDynamic">,
): ExecutableTask {
  return {
    name,
    taskType,
    ...(outputTypes === undefined ? {} : { outputTypes }),
    ...(generatesDeck === undefined ? {} : { generatesDeck }),
    ...ways,
  };
}
