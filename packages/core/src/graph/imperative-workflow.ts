import { FlyteContext } from "../context/flyte-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { Docs } from "../task/docs.ts";
import type { AnyType, NativeOf, Types } from "../types/type-transformer.ts";
import { type AnyCall, type Call, checkOutputNames, type Natives } from "./call.ts";
import { type Conditional, conditionalIn } from "./conditional.ts";
import type { AnyEntity, CallArguments } from "./entity.ts";
import { type FailureHandler, failureNode } from "./failure-handler.ts";
import { GraphBuilder } from "./graph-builder.ts";
import { type FailurePolicy, type Graph, type Node, outputsIn } from "./node.ts";
import { NodeOutput } from "./node-output.ts";
import { Workflow } from "./workflow.ts";

/** What an imperative workflow may say besides its name. */
export interface ImperativeWorkflowOptions {
  /** What the workflow is for, in a line. */
  readonly description?: string;
  /** What the console shows about it besides. */
  readonly docs?: Docs;
  /** What a failure does to nodes that do not need the one that failed. `fail-immediately` by default. */
  readonly failurePolicy?: FailurePolicy;
  /** Whether tasks that do not say it themselves may run on machines that can be taken away. `false` by default. */
  readonly interruptible?: boolean;
}

/** The node id of an imperative workflow's failure handler, as flytekit's. */
const failureNodeId = "efn";

/** The call signature, which the class's instances have. */
export interface ImperativeWorkflow {
  (inputs?: Readonly<Record<string, unknown>>): Call<Types, Natives<Types>>;
}

/** A workflow that is put together call by call, for programs that do not know its graph beforehand. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds the call signature that Entity provides
export class ImperativeWorkflow extends Workflow<Types, Types, Natives<Types>> {
  declare readonly inputs: Record<string, AnyType>;
  declare readonly outputs: Record<string, AnyType>;
  readonly #parts: ImperativeParts;

  constructor(name: string, { description, docs, failurePolicy, interruptible }: ImperativeWorkflowOptions = {}) {
    const parts = new ImperativeParts(name, {
      ...(failurePolicy === undefined ? {} : { failurePolicy }),
      ...(interruptible === undefined ? {} : { interruptible }),
    });
    super(name, {}, parts, false, description, docs);
    this.#parts = parts;
  }
}
