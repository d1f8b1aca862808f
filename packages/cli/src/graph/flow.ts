import {
  type AnyEntity,
  type Binding,
  entityKind,
  type Graph,
  type Node,
  outputsIn,
  upstreamOf,
} from "@flyte-ts/core/plugin";

/** A workflow as it is drawn: what it takes, its nodes, what it gives, and who needs whom. */
export interface Flow {
  readonly boxes: readonly FlowBox[];
  /** Who needs whom, each pair once, as places in `boxes`. */
  readonly edges: readonly FlowEdge[];
}

/** One box. */
export interface FlowBox {
  /** `inputs`, a node's id, or `outputs`. */
  readonly id: string;
  readonly kind: "inputs" | "task" | "workflow" | "outputs";
  /** What stands in the box. */
  readonly label: string;
}

/** A need: `to` uses something of `from`, or waits for it. */
export interface FlowEdge {
  readonly from: number;
  readonly to: number;
  /** What is used, `output → input`; empty where it is only waited for. */
  readonly uses: readonly string[];
}

/** A workflow: an entity with a graph. */
export type WorkflowEntity = AnyEntity & { readonly graph: Graph };

/** What a workflow's drawing is made of. */
export function flowOf(workflow: WorkflowEntity): Flow {
  const { graph } = workflow;
  const inputs = Object.keys(workflow.inputs);
  const outputs = Object.keys(graph.outputs);
  const boxes: FlowBox[] = [];
  const places = new Map<Node | "inputs", number>();
  if (inputs.length > 0) {
    places.set("inputs", 0);
    boxes.push({ id: "inputs", kind: "inputs", label: inputs.join(", ") });
  }
  for (const node of graph.nodes) {
    const of = entityKind(node.entity);
    const kind = of === "task" ? "task" : "workflow";
    places.set(node, boxes.length);
    boxes.push({
      id: node.id,
      kind,
      label: `${node.id} ${node.entity.name}${of === "task" ? "" : ` (${of})`}`,
    });
  }
  const uses = new Map<string, string[]>();
  const add = (from: Node | "inputs", to: number, use: string | undefined): void => {
    const key = `${places.get(from)} ${to}`;
    const known = uses.get(key) ?? [];
    uses.set(key, known);
    if (use !== undefined && !known.includes(use)) known.push(use);
  };
  const bind = (to: number, name: string, binding: Binding): void => {
    for (const { source, variable } of outputsIn(binding)) {
      if (source.kind === "run") continue;
      add(source.kind === "node" ? source.node : "inputs", to, variable === name ? name : `${variable} → ${name}`);
    }
  };
  for (const node of graph.nodes) {
    const to = places.get(node) ?? 0;
    for (const [name, binding] of Object.entries(node.bindings)) bind(to, name, binding);
    for (const earlier of upstreamOf(node)) add(earlier, to, undefined);
  }
  if (outputs.length > 0) {
    boxes.push({ id: "outputs", kind: "outputs", label: outputs.join(", ") });
    for (const [name, { binding }] of Object.entries(graph.outputs)) bind(boxes.length - 1, name, binding);
  }
  const edges = [...uses].map(([key, used]) => {
    const [from = 0, to = 0] = key.split(" ").map(Number);
    return { from, to, uses: used };
  });
  return { boxes, edges };
}
