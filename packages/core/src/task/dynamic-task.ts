import type { Container } from "@flyte-ts/idl/core";
import { type DynamicPlace, dynamicJob } from "../compile/dynamic-job.ts";
import type { TaskContext } from "../context/task-context.ts";
import { type Call, type InputValue, isCall, type Natives } from "../graph/call.ts";
import { defined } from "../graph/defined.ts";
import type { AnyEntity, CallArguments } from "../graph/entity.ts";
import { GraphBuilder } from "../graph/graph-builder.ts";
import type { Graph } from "../graph/node.ts";
import type { NodeBehaviour } from "../graph/node-behaviour.ts";
import { withTaskContext } from "../local/run-task.ts";
import { runGraph } from "../local/run-workflow.ts";
import { imageRegistry } from "../plugin/image.ts";
import { toLiterals, toNatives } from "../types/conversion.ts";
import type { AcceptedOf, AnyType, NativeOf, Types } from "../types/type-transformer.ts";
import { type DynamicJobSpec, LiteralMap } from "../wire/messages.ts";
import type { SerializationSettings } from "../wire/serialization-settings.ts";
import { AutoContainerTask } from "./auto-container-task.ts";
import type { ContainerOptions } from "./container-options.ts";
import type { TaskFunction } from "./function-task.ts";
import { outputsByName, userCode } from "./run-outputs.ts";
import { settingsText, settingsVariable } from "./settings-variable.ts";

/** What a dynamic task's function may return for an output: a value, a call's output, or a list or map of both. */
export type DynamicOutput<Output extends AnyType> = InputValue<NativeOf<Output>, AcceptedOf<Output>>;

/** What a dynamic task's function may return for a record of outputs. */
export type DynamicOutputs<Outputs extends Types> = { readonly [K in keyof Outputs]: DynamicOutput<Outputs[K]> };

/** The call signature, which the class's instances have. */
export interface DynamicTask<Inputs extends Types, Outputs extends Types, Result> {
  (...args: CallArguments<Inputs>): Call<Outputs, Result>;
}

/** What defines a dynamic task. */
export interface DynamicTaskParts<Inputs extends Types, Outputs extends Types> extends ContainerOptions {
  readonly name: string;
  readonly inputs: Inputs;
  readonly outputs: Outputs;
  readonly unwrapped: boolean;
  readonly uses?: readonly AnyEntity[];
  readonly run: TaskFunction<Inputs, unknown>;
}

/** A task whose function makes a graph, which runs in its place. `dynamic(…)` makes one. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds the call signature that Entity provides
export class DynamicTask<Inputs extends Types, Outputs extends Types, Result> extends AutoContainerTask<
  Inputs,
  Outputs,
  Result
> {
  /** The user's function, as it was written. */
  readonly fn: TaskFunction<Inputs, unknown>;
  readonly uses: readonly AnyEntity[];

  constructor({ name, inputs, outputs, unwrapped, uses = [], run, ...options }: DynamicTaskParts<Inputs, Outputs>) {
    super("python-task", { name, inputs, outputs, unwrapped }, options);
    this.fn = run;
    this.uses = uses;
  }

  override containerMessage(settings: SerializationSettings): Container {
    const container = super.containerMessage(settings);
    // What is found here by variables and files is not there.
    const known: SerializationSettings = {
      ...settings,
      image: settings.image ?? container.image,
      imageRegistry: imageRegistry({ registry: settings.imageRegistry }),
    };
    return { ...container, env: [...container.env, variable(settingsVariable, settingsText(known))] };
  }

  /** A task node; here its graph runs in its place. */
  override get asNode(): NodeBehaviour {
    const asTask = super.asNode;
    return {
      parts: this.uses,
      form: asTask.form,
      run: async (_node, inputs, { directory, signal, options: { context }, runGraph: runInside }) => {
        const place = { task: this.name, directory, signal, ...(context === undefined ? {} : { context }) };
        const graph = await withTaskContext(place, (own) => this.#graph(inputs, own));
        return runInside(graph, LiteralMap.create());
      },
    };
  }

  /** Runs the function and its graph, both in this process. */
  async dispatchExecute(context: TaskContext, literals: LiteralMap): Promise<LiteralMap> {
    const graph = await this.#graph(literals, context);
    return runGraph(graph, LiteralMap.create(), { directory: context.newOutputUri("nodes"), signal: context.signal });
  }

  /**
   * What the container does: runs the function, and leaves its graph to the cluster; outputs when it called nothing.
   * @throws FlyteError `InvalidDefinition` for a task that no container would find.
   */
  async dispatchDynamic(
    context: TaskContext,
    literals: LiteralMap,
    place: DynamicPlace,
  ): Promise<LiteralMap | DynamicJobSpec> {
    const graph = await this.#graph(literals, context);
    if (graph.nodes.length > 0) return dynamicJob(this.name, graph, place, context);
    const values = Object.entries(graph.outputs).map(([name, { binding }]) => {
      return [name, binding.kind === "value" ? binding.value : undefined] as const;
    });
    return toLiterals(Object.fromEntries(values), this.outputs, context);
  }

  async #graph(literals: LiteralMap, context: TaskContext): Promise<Graph> {
    const inputs = (await toNatives(literals.literals, this.inputs, context)) as Natives<Inputs>;
    const builder = new GraphBuilder(this.name);
    return userCode(this.name, () =>
      builder.runDynamic(
        this.outputs,
        () => this.fn(inputs, context),
        (returned) =>
          isCall(returned) && !this.unwrapped
            ? returned.outputs
            : outputsByName(this.name, returned, this.outputs, this.unwrapped),
      ),
    );
  }
}

const variable = (key: string, value: string): Container["env"][number] => ({
  $typeName: "flyteidl.core.KeyValuePair",
  key,
  value,
});

/** What `dynamic` takes besides the outputs and the function. */
export interface DynamicDefinition<Inputs extends Types> extends ContainerOptions {
  /** The task's name, unique in its project. */
  readonly name: string;
  /** The inputs by name; none by default. */
  readonly inputs?: Inputs;
  /**
   * What the function may call, so that it is registered and found with this task. What the module exports is found
   * anyhow; a launch plan has to be registered before it is called.
   */
  readonly uses?: readonly AnyEntity[];
}

/**
 * A task from a function that makes a graph when it runs. It gets values, as any task's function does, and every call in
 * it makes a node, as in a workflow's `build`. The graph then runs in the task's place, on a cluster and here.
 *
 * The function may be async, and wait for whatever it needs to know which calls to make: a file, a service. A call itself
 * has no value there, so it may be returned and passed on, and not awaited.
 * @throws FlyteError `InvalidDefinition` that names the task and the option.
 */
export function dynamic<const Output extends AnyType, const Inputs extends Types = Record<never, never>>(
  definition: DynamicDefinition<Inputs> & {
    readonly output: Output;
    readonly run: TaskFunction<Inputs, DynamicOutput<Output>>;
  },
): DynamicTask<Inputs, { readonly o0: Output }, NativeOf<Output>>;
export function dynamic<const Outputs extends Types, const Inputs extends Types = Record<never, never>>(
  definition: DynamicDefinition<Inputs> & {
    readonly outputs: Outputs;
    readonly run: TaskFunction<Inputs, DynamicOutputs<Outputs>>;
  },
): DynamicTask<Inputs, Outputs, Natives<Outputs>>;
export function dynamic<const Inputs extends Types = Record<never, never>>(
  definition: DynamicDefinition<Inputs> & { readonly run: TaskFunction<Inputs, void> },
): DynamicTask<Inputs, Record<never, never>, undefined>;
export function dynamic(
  definition: DynamicDefinition<Types> & {
    readonly output?: AnyType;
    readonly outputs?: Types;
    readonly run: TaskFunction<never, unknown>;
  },
): AnyEntity {
  const { inputs = {}, output, outputs, ...rest } = definition;
  const types = output === undefined ? (outputs ?? {}) : { o0: output };
  const run = rest.run as TaskFunction<Types, unknown>;
  const parts = { ...rest, run, inputs, outputs: types, unwrapped: outputs === undefined };
  return defined(() => new DynamicTask<Types, Types, unknown>(parts));
}
