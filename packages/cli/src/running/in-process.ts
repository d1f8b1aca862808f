import { type ExecuteTask, FlyteContext, localTaskContext } from "@flyte-ts/core/plugin";

/** Runs a task in this process. */
export const inProcess: ExecuteTask = async (task, inputs, { id: node, ...place }) => {
  await using context = await localTaskContext({ task: task.name, context: FlyteContext.default(), node, ...place });
  return await task.dispatchExecute(context, inputs);
};
