import type { AnyType } from "../types/type-transformer.ts";
import type { AnyEntity } from "./entity.ts";
import type { NodeOutput } from "./node-output.ts";
import type { NodeOverrides } from "./node-overrides.ts";

/** What an input of a node is bound to: an output, a value, or a list or map of these. */
export type Binding =
  | { readonly kind: "output"; readonly output: NodeOutput<unknown> }
  | { readonly kind: "value"; readonly value: unknown; readonly type: AnyType }
  | { readonly kind: "list"; readonly items: readonly Binding[] }
  | { readonly kind: "map"; readonly items: Readonly<Record<string, Binding>> };

/** One call of an entity inside a workflow. */
export interface Node {
  /** `n0`, `n1`, … in the order of the calls, unless the call names it otherwise. */
  id: string;
  readonly entity: AnyEntity;
  readonly bindings: Readonly<Record<string, Binding>>;
  /** Nodes that must be done first although nothing of theirs is used. */
  readonly after: Set<Node>;
  /** What this call says otherwise than the entity; `withOverrides` sets it. */
  overrides?: NodeOverrides;
}

/** A workflow as it was built: what is compiled, and what is run here. */
export interface Graph {
  readonly nodes: readonly Node[];
  readonly outputs: Readonly<Record<string, { readonly type: AnyType; readonly binding: Binding }>>;
  /** What runs when a node has failed; it is none of the nodes. */
  readonly failure?: Node | undefined;
  /** What a failure does to the other nodes; `fail-immediately` by default. */
  readonly failurePolicy?: FailurePolicy;
  /** Whether its tasks may run on machines that can be taken away, unless they say otherwise. */
  readonly interruptible?: boolean;
}

/** What the failure of a node does to the others: they are ended, or those that do not need it run on. */
export type FailurePolicy = "fail-immediately" | "fail-after-executable-nodes-complete";

/** The outputs that a binding uses. */
export function* outputsIn(binding: Binding): Iterable<NodeOutput<unknown>> {
  if (binding.kind === "output") yield binding.output;
  else if (binding.kind === "list") for (const item of binding.items) yield* outputsIn(item);
  else if (binding.kind === "map") for (const item of Object.values(binding.items)) yield* outputsIn(item);
}

/** The nodes that must be done before a node, each once, in the order of their first use. */
export function upstreamOf(node: Node): ReadonlySet<Node> {
  const upstream = new Set<Node>();
  for (const binding of Object.values(node.bindings)) {
    for (const { source } of outputsIn(binding)) if (source.kind === "node") upstream.add(source.node);
  }
  for (const earlier of node.after) upstream.add(earlier);
  return upstream;
}
