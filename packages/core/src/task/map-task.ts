import type { JsonObject } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import { ArrayNodeSchema, ArrayNode_ExecutionMode as ExecutionMode, NodeSchema } from "@flyte-ts/idl/core";
import type { TaskContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { Call, Natives } from "../graph/call.ts";
import { defined } from "../graph/defined.ts";
import type { CallArguments } from "../graph/entity.ts";
import type { NodeBehaviour, NodeRun } from "../graph/node-behaviour.ts";
import { entityKind, isReference, isTask } from "../graph/reachable.ts";
import { runAttempts } from "../local/attempts.ts";
import { mapElements } from "../local/map-elements.ts";
import { ListType } from "../types/collections.ts";
import { OptionalType } from "../types/optional.ts";
import type { AcceptedOf, AnyType, NativeOf, Types } from "../types/type-transformer.ts";
import type { LiteralMap, TaskTemplate } from "../wire/messages.ts";
import type { SerializationSettings } from "../wire/serialization-settings.ts";
import { AutoContainerTask } from "./auto-container-task.ts";
import { isEntity } from "./find-task.ts";
import { checkNumbers, type MapOptions, mapName, mayFail } from "./map-options.ts";

/** The list of a type. */
export type ListOf<T extends AnyType> = ListType<NativeOf<T>, AcceptedOf<T>>;

/** The inputs of a map task: lists, but for the bound ones. */
export type MappedInputs<Inputs extends Types, Bound extends PropertyKey> = {
  readonly [K in keyof Inputs]: K extends Bound ? Inputs[K] : ListOf<Inputs[K]>;
};

/** The outputs of a map task: lists; of values or `null` where elements may fail. */
export type MappedOutputs<Outputs extends Types, MayFail extends boolean> = {
  readonly [K in keyof Outputs]: MayFail extends true
    ? ListType<NativeOf<Outputs[K]> | null, AcceptedOf<Outputs[K]> | null | undefined>
    : ListOf<Outputs[K]>;
};

/** Whether the options allow for elements that fail. */
export type MayFail<Options> = "minSuccesses" extends keyof Options
  ? true
  : Options extends { readonly minSuccessRatio?: infer Ratio }
    ? "minSuccessRatio" extends keyof Options
      ? Ratio extends 1
        ? false
        : true
      : false
    : false;

/** The call signature, which the class's instances have. */
export interface MapTask<Inputs extends Types, Outputs extends Types> {
  (...args: CallArguments<Inputs>): Call<Outputs, MapResult<Outputs>>;
}

/** What awaiting a map task gives: the list of its one output, or a record where the task has named outputs. */
export type MapResult<Outputs extends Types> = Outputs extends { readonly o0: infer Only }
  ? NativeOf<Only>
  : keyof Outputs extends never
    ? undefined
    : Natives<Outputs>;

/** A task whose function runs in a container of the author's: what can be mapped. */
export type MappableTask<Inputs extends Types, Outputs extends Types> = AutoContainerTask<Inputs, Outputs, unknown>;

/** The name of the resolver that runs one element of a map task (`--resolver`). */
export const mapResolverName = "flyte-ts.map";

/** A task that runs once for every element of its lists. `mapTask(…)` makes one. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds the call signature that Entity provides
export class MapTask<Inputs extends Types, Outputs extends Types> extends AutoContainerTask<
  Inputs,
  Outputs,
  MapResult<Outputs>
> {
  /** The task that runs for each element. */
  readonly mapped: AutoContainerTask<Types, Types, unknown>;
  readonly mapping: MapOptions;

  constructor(mapped: AutoContainerTask<Types, Types, unknown>, mapping: MapOptions) {
    checkMapping(mapped, mapping);
    const { bound = [] } = mapping;
    const inputs = Object.entries(mapped.inputs).map(([name, type]) => {
      return [name, bound.includes(name) ? type : new ListType(type)] as const;
    });
    const outputs = Object.entries(mapped.outputs).map(([name, type]) => {
      return [name, new ListType(mayFail(mapping) && !type.isOptional ? new OptionalType(type) : type)] as const;
    });
    super(
      mapped.taskType,
      {
        name: mapName(mapped.name, mapping),
        inputs: Object.fromEntries(inputs) as never,
        outputs: Object.fromEntries(outputs) as never,
        unwrapped: mapped.unwrapped,
      },
      mapped.container,
    );
    this.mapped = mapped;
    this.mapping = mapping;
  }

  override custom(): JsonObject | undefined {
    return this.mapped.custom();
  }

  override get resolver(): string {
    return mapResolverName;
  }

  /** As flytekit's resolver has it, so that the container knows which inputs are no lists. */
  override loaderArgs(settings: SerializationSettings): readonly string[] {
    const { bound = [] } = this.mapping;
    const { mapped } = this;
    return ["vars", [...bound].sort().join(","), "resolver", mapped.resolver, ...mapped.loaderArgs(settings)];
  }

  override template(settings: SerializationSettings): TaskTemplate {
    return { ...super.template(settings), taskTypeVersion: 1 };
  }

  /** An array node: its one sub-node is the task, which gets all lists and takes its own element out of them. */
  override get asNode(): NodeBehaviour {
    const inTask = super.asNode;
    const { mapped, mapping, name } = this;
    const { bound = [], concurrency, minSuccesses, minSuccessRatio = 1, runAllSubNodes = false } = mapping;
    return {
      parts: [mapped],
      form: async (node, compiling) => {
        const { target, metadata } = await inTask.form(node, compiling);
        const subNode = create(NodeSchema, { id: name, inputs: await compiling.bindings(node), target });
        if (metadata !== undefined) subNode.metadata = { ...metadata, name };
        const whole = create(NodeSchema, { metadata: { name, retries: {} } });
        const array = create(ArrayNodeSchema, {
          node: subNode,
          successCriteria:
            minSuccesses === undefined
              ? { case: "minSuccessRatio", value: minSuccessRatio }
              : { case: "minSuccesses", value: minSuccesses },
          // Only function tasks go without the state of each element, as with flytekit.
          executionMode: mapped.taskType === "python-task" ? ExecutionMode.MINIMAL_STATE : ExecutionMode.FULL_STATE,
          isOriginalSubNodeInterface: false,
          boundInputs: [...bound].sort(),
          runAllSubNodes,
        });
        // Whether it is there at all tells "as the workflow may" from "no limit".
        if (concurrency !== undefined) array.parallelismOption = { case: "parallelism", value: concurrency };
        return { metadata: whole.metadata, target: { case: "arrayNode", value: array } };
      },
      run: (node, inputs, run) =>
        mapElements(this, inputs, run.signal, (element, index) => {
          const part = `${index}`;
          const inPart: NodeRun = {
            ...run,
            execute: (task, given, _part, attempt) => run.execute(task, given, part, attempt),
          };
          return runAttempts(mapped, { ...mapped.options, ...node.overrides }, element, inPart);
        }),
    };
  }

  /** Runs all elements here. (On a cluster each container runs one; the resolver sees to that.) */
  dispatchExecute(context: TaskContext, literals: LiteralMap): Promise<LiteralMap> {
    return mapElements(this, literals, context.signal, (element) => this.mapped.dispatchExecute(context, element));
  }
}

function checkMapping(mapped: AutoContainerTask<Types, Types, unknown>, mapping: MapOptions): void {
  const { bound = [] } = mapping;
  const { name } = mapped as { readonly name?: string };
  const bad = (message: string): FlyteError => new FlyteError("InvalidDefinition", `mapTask(${name}): ${message}`);
  const value: unknown = mapped;
  if (isEntity(value) && (isReference(value) || !isTask(value))) {
    const what = `a ${isReference(value) ? "reference " : ""}${entityKind(value)} cannot be mapped`;
    // The compiler of v1.16.8 finds two mismatching types in each of flytekit's array nodes over launch plans.
    throw bad(`${what}: Flyte runs one task for every element; map a task, or make the calls in a dynamic task`);
  }
  if (!isEntity(value)) throw bad("it must be a task");
  if (!("container" in mapped && "loaderArgs" in mapped) || mapped instanceof MapTask || "dispatchDynamic" in mapped) {
    throw bad(`the type of the task (${mapped.taskType}) cannot be mapped; what task(…) makes can, and instance tasks`);
  }
  const names = Object.keys(mapped.inputs);
  const outputs = Object.keys(mapped.outputs);
  if (outputs.length > 1) {
    throw bad(`it has ${outputs.length} outputs (${outputs.join(", ")}), and may have one: return a t.object(…)`);
  }
  const unknown = bound.find((one) => !names.includes(one));
  if (unknown !== undefined) throw bad(`bound names "${unknown}", which is none of its inputs (${names.join(", ")})`);
  if (names.every((one) => bound.includes(one))) throw bad("no input is left to be a list: bind fewer of them");
  checkNumbers(mapping, bad);
}

/**
 * A task that runs once for every element of its lists, each in a container of its own.
 *
 * Every input becomes a list, but for those that `bound` names; the output becomes the list of the elements' outputs, in
 * their order. With `minSuccesses`, or a `minSuccessRatio` below 1, elements may fail, and their outputs are `null`. Maps
 * of one task with equal options are registered as one.
 * @throws FlyteError `InvalidDefinition` that names the task and the option.
 */
export function mapTask<
  Inputs extends Types,
  Outputs extends Types,
  const Bound extends readonly (keyof Inputs & string)[] = readonly [],
  const Options extends MapOptions = Record<never, never>,
>(
  task: MappableTask<Inputs, Outputs>,
  options?: Options & { readonly bound?: Bound },
): MapTask<MappedInputs<Inputs, Bound[number]>, MappedOutputs<Outputs, MayFail<Options>>> {
  return defined(() => new MapTask(task as never, options ?? {}));
}
