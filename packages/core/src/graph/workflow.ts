import { FlyteError } from "../errors/flyte-error.ts";
import { runWorkflowHere } from "../local/run-workflow.ts";
import type { NativeOf, Types, TypeTransformer } from "../types/type-transformer.ts";
import type { Call, Natives } from "./call.ts";
import { type CallArguments, Entity } from "./entity.ts";
import { GraphBuilder } from "./graph-builder.ts";
import type { Graph } from "./node.ts";
import type { NodeOutput } from "./node-output.ts";

/** The workflow's own inputs inside `build`. */
export type WorkflowInputs<Inputs extends Types> = { readonly [K in keyof Inputs]: NodeOutput<NativeOf<Inputs[K]>> };

type ValueOf<R> = R extends NodeOutput<infer T> ? T : R extends { readonly "~output": NodeOutput<infer T> } ? T : never;

/** The outputs by name, of a record or of a call with several. */
type RecordOf<R> = R extends { readonly outputs: infer Outputs extends Readonly<Record<string, unknown>> }
  ? Outputs
  : R extends Readonly<Record<string, unknown>>
    ? R
    : Record<never, never>;

/** The native value of what `build` returned. */
export type ResultOf<R> = [ValueOf<R>] extends [never]
  ? [keyof RecordOf<R>] extends [never]
    ? undefined
    : { -readonly [K in keyof RecordOf<R>]: ValueOf<RecordOf<R>[K]> }
  : ValueOf<R>;

/** The types of the outputs that `build` returned. */
export type OutputTypesOf<R> = [ValueOf<R>] extends [never]
  ? { readonly [K in keyof RecordOf<R>]: TypeTransformer<ValueOf<RecordOf<R>[K]>> }
  : { readonly o0: TypeTransformer<ValueOf<R>> };

/** The call signature, which the class's instances have. */
export interface Workflow<Inputs extends Types, Outputs extends Types, Result> {
  (...args: CallArguments<Inputs>): Call<Outputs, Result>;
}

/** What `workflow` takes. */
export interface WorkflowDefinition<Inputs extends Types, R> {
  /** The workflow's name, unique in its project. */
  readonly name: string;
  /** The inputs by name; none by default. */
  readonly inputs?: Inputs;
  readonly description?: string;
  /**
   * Wires the graph: calls of entities become nodes, and what it returns are the workflow's outputs. It runs once, when
   * the workflow is defined, and it has no values to look at.
   */
  readonly build: (inputs: WorkflowInputs<Inputs>) => R;
}

/** A graph of calls. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds the call signature that Entity provides
export class Workflow<Inputs extends Types, Outputs extends Types, Result> extends Entity<Inputs, Outputs, Result> {
  readonly graph: Graph;

  constructor(name: string, inputs: Inputs, graph: Graph, unwrapped: boolean, description: string | undefined) {
    const types = Object.entries(graph.outputs).map(([output, { type }]) => [output, type] as const);
    super({ name, inputs, outputs: Object.fromEntries(types) as never, unwrapped, description });
    this.graph = graph;
  }

  protected override run(inputs: Natives<Inputs>): Promise<Natives<Outputs>> {
    return runWorkflowHere(this, inputs) as Promise<Natives<Outputs>>;
  }
}

/**
 * A workflow from a function that wires it. What `build` returns gives the outputs: an output (or a call with one) is
 * the variable `o0`, a record gives its names.
 * @throws FlyteError `InvalidDefinition` that names the workflow, the node and the input.
 */
export function workflow<R, const Inputs extends Types = Record<never, never>>(
  definition: WorkflowDefinition<Inputs, R>,
): Workflow<Inputs, OutputTypesOf<R>, ResultOf<R>> {
  const { name, inputs = {} as Inputs, description, build } = definition;
  const { graph, unwrapped } = new GraphBuilder(name).run(inputs, build as never);
  if (graph.nodes.length === 0) {
    throw new FlyteError("InvalidDefinition", `workflow ${name} has no node: call at least one task in "build"`);
  }
  return new Workflow(name, inputs, graph, unwrapped, description);
}
