import type { DynamicPlace } from "../compile/dynamic-job.ts";
import type { TaskContext } from "../context/task-context.ts";
import type { DynamicJobSpec, LiteralMap, LiteralType } from "../wire/messages.ts";

/** A task that can run here: what a resolver finds, and what the container entrypoint and the local runner run. */
export interface ExecutableTask {
  readonly name: string;
  /** Flyte's routing key (`TaskTemplate.type`). */
  readonly taskType: string;
  /** The types of the outputs by name: an offloaded literal carries its type. Left out where nobody knows them. */
  readonly outputTypes?: Readonly<Record<string, LiteralType>>;
  /** True when the task's metadata promise a deck (`TaskMetadata.generates_deck`), even an empty one. */
  readonly generatesDeck?: boolean;
  /** True for a task that leaves something elsewhere (a job) until it has heeded its signal, which takes it some seconds. */
  readonly cleansUp?: boolean;
  /**
   * Literals in, literals out: converts the inputs, runs the task, converts what it returned.
   * @throws FlyteError `TaskFailed` (or what the task threw, if that is a FlyteError), `ConversionFailed`,
   * `UnknownOutput`.
   */
  dispatchExecute(context: TaskContext, inputs: LiteralMap): Promise<LiteralMap>;
  /** Only of a task that makes nodes: what its container does in the place of `dispatchExecute`. */
  readonly dispatchDynamic?: (
    context: TaskContext,
    inputs: LiteralMap,
    place: DynamicPlace,
  ) => Promise<LiteralMap | DynamicJobSpec>;
}
