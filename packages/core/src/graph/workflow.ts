import { create } from "@bufbuild/protobuf";
import { NodeSchema } from "@flyte-ts/idl/core";
import { noting, throwProblems } from "../errors/all-problems.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { runWorkflowHere } from "../local/run-workflow.ts";
import type { Docs } from "../task/docs.ts";
import type { NativeOf, Types, TypeTransformer } from "../types/type-transformer.ts";
import { shortName, workflowIdentifier } from "../wire/identifiers.ts";
import type { Call, Natives } from "./call.ts";
import { defined } from "./defined.ts";
import { type CallArguments, Entity } from "./entity.ts";
import { type FailureHandler, failureNode } from "./failure-handler.ts";
import { type BuiltGraph, GraphBuilder } from "./graph-builder.ts";
import type { FailurePolicy, Graph } from "./node.ts";
import type { NodeBehaviour } from "./node-behaviour.ts";
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
  /** What the workflow is for, in a line. */
  readonly description?: string;
  /** What the console shows about it besides. */
  readonly docs?: Docs;
  /** Runs when a node has failed: a task or workflow that takes all inputs, and `err`, a `t.optional(t.error)`, if it likes. */
  readonly onFailure?: FailureHandler<NoInfer<Inputs>>;
  /** What a failure does to nodes that do not need the one that failed. `fail-immediately` by default. */
  readonly failurePolicy?: FailurePolicy;
  /** Whether tasks that do not say it themselves may run on machines that can be taken away. `false` by default. */
  readonly interruptible?: boolean;
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
  /** What the console shows about it besides its description. */
  readonly docs: Docs | undefined;

  constructor(
    name: string,
    inputs: Inputs,
    graph: Graph,
    unwrapped: boolean,
    description: string | undefined,
    docs?: Docs,
  ) {
    const types = Object.entries(graph.outputs).map(([output, { type }]) => [output, type] as const);
    super({ name, inputs, outputs: Object.fromEntries(types) as never, unwrapped, description });
    this.graph = graph;
    this.docs = docs;
  }

  /** A sub-workflow: it comes with the workflow that uses it, and its graph runs in place. */
  override get asNode(): NodeBehaviour {
    const { graph, name } = this;
    return {
      parts: [...graph.nodes, ...(graph.failure === undefined ? [] : [graph.failure])].map((node) => node.entity),
      form: async (_node, { settings }) => {
        const value = workflowIdentifier(name, settings);
        const { target, metadata } = create(NodeSchema, {
          // flytekit says it for sub-workflows whatever it is
          metadata: {
            name: shortName(name),
            retries: {},
            interruptibleValue: { case: "interruptible", value: graph.interruptible ?? false },
          },
          target: { case: "workflowNode", value: { reference: { case: "subWorkflowRef", value } } },
        });
        return { target, metadata };
      },
      run: (_node, inputs, run) => run.runGraph(graph, inputs),
    };
  }

  protected override run(inputs: Natives<Inputs>): Promise<Natives<Outputs>> {
    return runWorkflowHere(this, inputs) as Promise<Natives<Outputs>>;
  }
}

/**
 * A workflow from a function that wires it. What `build` returns gives the outputs: an output (or a call with one) is
 * the variable `o0`, a record gives its names.
 * @throws FlyteError `InvalidDefinition` that names the workflow, the node and the input; all that is wrong, where it is
 * several things.
 */
export function workflow<R, const Inputs extends Types = Record<never, never>>(
  definition: WorkflowDefinition<Inputs, R>,
): Workflow<Inputs, OutputTypesOf<R>, ResultOf<R>> {
  return defined(() => wired(definition));
}

function wired<R, const Inputs extends Types>(
  definition: WorkflowDefinition<Inputs, R>,
): Workflow<Inputs, OutputTypesOf<R>, ResultOf<R>> {
  const { name, inputs = {} as Inputs, description, build, docs, onFailure, failurePolicy, interruptible } = definition;
  const problems: unknown[] = [];
  const built = noting(problems, () => new GraphBuilder(name).run(inputs, build as never));
  if (built?.graph.nodes.length === 0) {
    problems.push(
      new FlyteError("InvalidDefinition", `workflow ${name} has no node: call at least one task in "build"`),
    );
  }
  const failure = noting(problems, () =>
    onFailure === undefined ? undefined : failureNode(name, inputs, onFailure, new GraphBuilder(name, "f")),
  );
  throwProblems(problems);
  const { graph: nodes, unwrapped } = built as BuiltGraph;
  const graph: Graph = {
    ...nodes,
    ...(failure === undefined ? {} : { failure }),
    ...(failurePolicy === undefined ? {} : { failurePolicy }),
    ...(interruptible === undefined ? {} : { interruptible }),
  };
  return new Workflow(name, inputs, graph, unwrapped, description, docs);
}
