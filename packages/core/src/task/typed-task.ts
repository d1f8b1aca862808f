import type { TaskContext } from "../context/task-context.ts";
import type { Natives } from "../graph/call.ts";
import { runTaskHere } from "../local/run-task.ts";
import type { Types } from "../types/type-transformer.ts";
import type { LiteralMap, LiteralType } from "../wire/messages.ts";
import type { ExecutableTask } from "./executable-task.ts";
import { Task } from "./task.ts";

/** A task with native types that can run here: literals to native values, the task, and back. */
export abstract class TypedTask<Inputs extends Types, Outputs extends Types, Result>
  extends Task<Inputs, Outputs, Result>
  implements ExecutableTask
{
  get outputTypes(): Readonly<Record<string, LiteralType>> {
    return Object.fromEntries(Object.entries(this.outputs).map(([name, type]) => [name, type.literalType]));
  }

  get generatesDeck(): boolean {
    return this.options.deck ?? false;
  }

  abstract dispatchExecute(context: TaskContext, inputs: LiteralMap): Promise<LiteralMap>;

  /** Outside a workflow a task runs through its literals, as it would on a cluster. */
  protected override run(inputs: Natives<Inputs>): Promise<Natives<Outputs>> {
    return runTaskHere(this, inputs, this.options) as Promise<Natives<Outputs>>;
  }
}
