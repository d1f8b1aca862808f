import { FlyteContext } from "../context/flyte-context.ts";
import type { TaskContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";
import type { Call, Natives } from "../graph/call.ts";
import { defined } from "../graph/defined.ts";
import type { AnyEntity, CallArguments, Entity } from "../graph/entity.ts";
import { withTaskContext } from "../local/run-task.ts";
import { toLiterals, toNatives } from "../types/conversion.ts";
import type { AcceptedOf, AnyType, NativeOf, Types } from "../types/type-transformer.ts";
import type { LiteralMap } from "../wire/messages.ts";
import { AutoContainerTask } from "./auto-container-task.ts";
import type { ContainerOptions } from "./container-options.ts";
import { outputsByName, userCode } from "./run-outputs.ts";

/** The user's function: native inputs by name, and the task's context. */
export type TaskFunction<Inputs extends Types, Returned> = (
  inputs: Natives<Inputs>,
  context: TaskContext,
) => Returned | Promise<Returned>;

/** What a function may return for a record of outputs. */
export type AcceptedOutputs<Outputs extends Types> = { readonly [K in keyof Outputs]: AcceptedOf<Outputs[K]> };

/** The call signature, which the class's instances have. */
export interface FunctionTask<Inputs extends Types, Outputs extends Types, Result> {
  (...args: CallArguments<Inputs>): Call<Outputs, Result>;
}

/** What defines a function task. */
export interface FunctionTaskParts<Inputs extends Types, Outputs extends Types> extends ContainerOptions {
  readonly name: string;
  readonly inputs: Inputs;
  readonly outputs: Outputs;
  readonly unwrapped: boolean;
  /** Needed: it is left out only where the task class of a config runs none. */
  readonly run?: TaskFunction<Inputs, unknown>;
  /** What the task's class reads; a plugin's. */
  readonly config?: object;
}

/** A task that is a function of the author's; `task(…)` makes one. Task type `python-task`, as every SDK's. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds the call signature that Entity provides
export class FunctionTask<Inputs extends Types, Outputs extends Types, Result> extends AutoContainerTask<
  Inputs,
  Outputs,
  Result
> {
  /** The user's function, as it was written. */
  readonly fn: TaskFunction<Inputs, unknown>;

  /** @param taskType Flyte's routing key; a plugin's class gives its own. */
  constructor(
    { name, inputs, outputs, unwrapped, run, config, ...options }: FunctionTaskParts<Inputs, Outputs>,
    taskType = "python-task",
  ) {
    if (typeof run !== "function") {
      throw new FlyteError("InvalidDefinition", `task ${name}: run is ${shown(run)}; it must be the task's function`);
    }
    super(taskType, { name, inputs, outputs, unwrapped }, { ...options, ...(config === undefined ? {} : { config }) });
    this.fn = run;
  }

  async dispatchExecute(context: TaskContext, literals: LiteralMap): Promise<LiteralMap> {
    const inputs = (await toNatives(literals.literals, this.inputs, context)) as Natives<Inputs>;
    const returned = await userCode(this.name, () => this.fn(inputs, context));
    const natives = outputsByName(this.name, returned, this.outputs, this.unwrapped);
    return toLiterals(natives, this.outputs, context);
  }

  /** Outside a workflow the function runs untouched, on the values as they are. */
  protected override async run(inputs: Natives<Inputs>): Promise<Natives<Outputs>> {
    return withTaskContext({ task: this.name }, async (context) => {
      const returned = await this.fn(inputs, context);
      return outputsByName(this.name, returned, this.outputs, this.unwrapped) as Natives<Outputs>;
    });
  }
}

/** What `task` takes besides the outputs and the function. */
export interface TaskDefinition<Inputs extends Types> extends ContainerOptions {
  /** The task's name, unique in its project. */
  readonly name: string;
  /** The inputs by name; none by default. */
  readonly inputs?: Inputs;
  readonly config?: undefined;
}

/** What `task` takes besides when a plugin's class makes the task. */
export interface ConfiguredTaskDefinition<Inputs extends Types> extends Omit<TaskDefinition<Inputs>, "config"> {
  /** An instance of a class that a plugin has registered (`TaskPlugins`): it says what kind of task this is. */
  readonly config: object;
}

/** One value comes out. */
interface OneOutput<Inputs extends Types, Output extends AnyType> {
  readonly output: Output;
  readonly outputs?: never;
  readonly run: TaskFunction<Inputs, AcceptedOf<Output>>;
}

/** A record comes out. */
interface NamedOutputs<Inputs extends Types, Outputs extends Types> {
  readonly output?: never;
  readonly outputs: Outputs;
  readonly run: TaskFunction<Inputs, AcceptedOutputs<Outputs>>;
}

/** Nothing comes out. */
interface NoOutput<Inputs extends Types> {
  readonly output?: never;
  readonly outputs?: never;
  readonly run: TaskFunction<Inputs, void>;
}

/** The task that it makes. `[Output] extends [never]`: the option was not given. */
type TaskOf<Inputs extends Types, Output extends AnyType, Outputs extends Types> = [Output] extends [never]
  ? FunctionTask<Inputs, Outputs, Natives<Outputs>>
  : FunctionTask<Inputs, { readonly o0: Output }, NativeOf<Output>>;

/** Whatever `task` takes. */
interface AnyDefinition extends Omit<TaskDefinition<Types>, "config"> {
  readonly output?: AnyType;
  readonly outputs?: Types;
  readonly config?: object | undefined;
  readonly run?: TaskFunction<never, unknown>;
}

/**
 * A task from a function.
 *
 * `output` declares one value (the variable `o0`), `outputs` a record; neither, a task that returns nothing.
 * @throws FlyteError `InvalidDefinition` that names the task and the option.
 */
export function task<const Inputs extends Types = Record<never, never>>(
  definition: TaskDefinition<Inputs> & NoOutput<Inputs>,
): FunctionTask<Inputs, Record<never, never>, undefined>;
export function task<const Output extends AnyType, const Inputs extends Types = Record<never, never>>(
  definition: ConfiguredTaskDefinition<Inputs> & {
    readonly output: Output;
    readonly run?: TaskFunction<Inputs, AcceptedOf<Output>>;
  },
): Entity<Inputs, { readonly o0: Output }, NativeOf<Output>>;
export function task<const Outputs extends Types, const Inputs extends Types = Record<never, never>>(
  definition: ConfiguredTaskDefinition<Inputs> & {
    readonly outputs: Outputs;
    readonly run?: TaskFunction<Inputs, AcceptedOutputs<Outputs>>;
  },
): Entity<Inputs, Outputs, Natives<Outputs>>;
export function task<const Inputs extends Types = Record<never, never>>(
  definition: ConfiguredTaskDefinition<Inputs> & { readonly run?: TaskFunction<Inputs, void> },
): Entity<Inputs, Record<never, never>, undefined>;
// Last, since the compiler tells of the last one when a definition fits none.
export function task<
  const Inputs extends Types = Record<never, never>,
  const Output extends AnyType = never,
  const Outputs extends Types = never,
>(
  definition: TaskDefinition<Inputs> & (OneOutput<Inputs, Output> | NamedOutputs<Inputs, Outputs>),
): TaskOf<Inputs, Output, Outputs>;
export function task(definition: AnyDefinition): AnyEntity {
  return defined(() => configured(definition));
}

function configured({ inputs = {}, output, outputs, config, ...rest }: AnyDefinition): AnyEntity {
  if (output !== undefined && outputs !== undefined) {
    throw new FlyteError("InvalidDefinition", `task ${rest.name}: give output or outputs, not both`);
  }
  const types = output === undefined ? (outputs ?? {}) : { o0: output };
  const run = rest.run as TaskFunction<Types, unknown>;
  const parts = { ...rest, run, inputs, outputs: types, unwrapped: outputs === undefined };
  if (config === undefined) return new FunctionTask<Types, Types, unknown>(parts);
  const TaskOfConfig = FlyteContext.default().taskPlugins.find(rest.name, config);
  return new TaskOfConfig({ ...parts, config });
}
