import type { TaskContext } from "../context/task-context.ts";
import type { LiteralMap } from "../wire/messages.ts";

/** A task that can run here: what a resolver finds, and what the container entrypoint and the local runner run. */
export interface ExecutableTask {
  readonly name: string;
  /** Flyte's routing key (`TaskTemplate.type`). */
  readonly taskType: string;
  /**
   * Literals in, literals out: converts the inputs, runs the task, converts what it returned.
   * @throws FlyteError `TaskFailed` (or what the task threw, if that is a FlyteError), `ConversionFailed`,
   * `UnknownOutput`.
   */
  dispatchExecute(context: TaskContext, inputs: LiteralMap): Promise<LiteralMap>;
}
