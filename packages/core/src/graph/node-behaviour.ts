import type { Node as NodeMessage } from "@flyte-ts/idl/core";
import type { ConversionContext } from "../context/task-context.ts";
import type { LocalRunOptions } from "../local/local-run.ts";
import type { ExecutableTask } from "../task/executable-task.ts";
import type { LiteralMap } from "../wire/messages.ts";
import type { SerializationSettings } from "../wire/serialization-settings.ts";
import type { AnyEntity } from "./entity.ts";
import type { Graph, Node } from "./node.ts";

/** What a node that is compiled may use. */
export interface NodeCompiling {
  readonly settings: SerializationSettings;
  readonly context: ConversionContext;
  /** The wire form of another node, one that stands inside this one. */
  nodeMessage(node: Node): Promise<NodeMessage>;
  /** What the inputs of a node are bound to, in the order of their names. */
  bindings(node: Node): Promise<NodeMessage["inputs"]>;
}

/** What kind of node it is on the wire, and its metadata. The rest (id, bindings, upstream) every node has alike. */
export interface NodeForm {
  readonly target: NodeMessage["target"];
  readonly metadata: NodeMessage["metadata"];
  /** Bindings in the place of the node's own (a branch names its variables otherwise). */
  readonly inputs?: NodeMessage["inputs"];
}

/** One attempt of a task. */
export interface NodeAttempt {
  /** From 0. */
  readonly number: number;
  readonly signal?: AbortSignal;
}

/** What a node that runs here may use. */
export interface NodeRun {
  /** The node's id, with those of the sub-workflows around it: `n1.n0`. */
  readonly id: string;
  /** The node's own folder. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly options: LocalRunOptions;
  /**
   * Runs a task as this run does: in this process, or in one of its own.
   * @param part which part of the node it is, where the node runs several; a name for a folder.
   * @param attempt which attempt it is, from 0, and what ends it before the run ends.
   */
  execute(task: ExecutableTask, inputs: LiteralMap, part?: string, attempt?: NodeAttempt): Promise<LiteralMap>;
  /** Runs a graph inside this node. */
  runGraph(graph: Graph, inputs: LiteralMap): Promise<LiteralMap>;
  /** Runs a node that stands inside this one; its outputs. */
  runNode(node: Node): Promise<LiteralMap>;
  /** Tells whoever watches that a node that stands inside this one does not run. */
  skipNode(node: Node): void;
}

/** How an entity behaves as a node of a workflow: what a cluster is sent, and what happens here. */
export interface NodeBehaviour {
  /** The entities inside it that its registration needs first. */
  readonly parts: readonly AnyEntity[];
  form(node: Node, compiling: NodeCompiling): Promise<NodeForm>;
  /** Runs one node of it here: literals in, literals out. */
  run(node: Node, inputs: LiteralMap, run: NodeRun): Promise<LiteralMap>;
}
