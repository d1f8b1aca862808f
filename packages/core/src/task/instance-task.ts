import type { TaskContext } from "../context/task-context.ts";
import type { Call, Natives } from "../graph/call.ts";
import type { CallArguments, EntityOptions } from "../graph/entity.ts";
import { toLiterals, toNatives } from "../types/conversion.ts";
import type { Types } from "../types/type-transformer.ts";
import type { LiteralMap } from "../wire/messages.ts";
import { AutoContainerTask } from "./auto-container-task.ts";
import type { ContainerOptions } from "./container-options.ts";
import { outputsByName, userCode } from "./run-outputs.ts";

/** The call signature, which the class's instances have. */
export interface InstanceTask<Inputs extends Types, Outputs extends Types, Result> {
  (...args: CallArguments<Inputs>): Call<Outputs, Result>;
}

/**
 * A task that is a class: `execute` is the task, and each instance, exported under its name, is one task of a type of
 * its own. It runs in the author's image (a sensor in the user's container, say).
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds the call signature that Entity provides
export abstract class InstanceTask<Inputs extends Types, Outputs extends Types, Result> extends AutoContainerTask<
  Inputs,
  Outputs,
  Result
> {
  constructor(taskType: string, entity: EntityOptions<Inputs, Outputs>, options: ContainerOptions = {}) {
    super(taskType, entity, options);
  }

  /** Runs the task on native values. Returns the output itself, or a record when the task has `outputs`. */
  abstract execute(inputs: Natives<Inputs>, context: TaskContext): Promise<unknown>;

  async dispatchExecute(context: TaskContext, literals: LiteralMap): Promise<LiteralMap> {
    const inputs = (await toNatives(literals.literals, this.inputs, context)) as Natives<Inputs>;
    const returned = await userCode(this.name, () => this.execute(inputs, context));
    return toLiterals(outputsByName(this.name, returned, this.outputs, this.unwrapped), this.outputs, context);
  }
}
