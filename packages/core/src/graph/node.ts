import type { AnyType } from "../types/type-transformer.ts";
import type { AnyEntity } from "./entity.ts";
import type { NodeOutput } from "./node-output.ts";

/** What an input of a node is bound to: an output, a value, or a list or map of these. */
export type Binding =
  | { readonly kind: "output"; readonly output: NodeOutput<unknown> }
  | { readonly kind: "value"; readonly value: unknown; readonly type: AnyType }
  | { readonly kind: "list"; readonly items: readonly Binding[] }
  | { readonly kind: "map"; readonly items: Readonly<Record<string, Binding>> };

/** One call of an entity inside a workflow. */
export interface Node {
  /** `n0`, `n1`, … in the order of the calls. */
  readonly id: string;
  readonly entity: AnyEntity;
  readonly bindings: Readonly<Record<string, Binding>>;
  /** Nodes that must be done first although nothing of theirs is used. */
  readonly after: Set<Node>;
}

/** A workflow as it was built: what is compiled, and what is run here. */
export interface Graph {
  readonly nodes: readonly Node[];
  readonly outputs: Readonly<Record<string, { readonly type: AnyType; readonly binding: Binding }>>;
}

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

/** Nodes that wait for each other, each before the next and the last before the first; undefined when there are none. */
export function cycleIn(nodes: readonly Node[]): readonly Node[] | undefined {
  const done = new Set<Node>();
  const path: Node[] = [];
  const visit = (node: Node): readonly Node[] | undefined => {
    if (done.has(node)) return undefined;
    const at = path.indexOf(node);
    if (at >= 0) return path.slice(at).reverse();
    path.push(node);
    for (const earlier of upstreamOf(node)) {
      const cycle = visit(earlier);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    done.add(node);
    return undefined;
  };
  for (const node of nodes) {
    const cycle = visit(node);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
