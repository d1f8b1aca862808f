import {
  type AnyEntity,
  type Binding,
  entityKind,
  type Graph,
  isBranch,
  isGate,
  type Node,
  outputsIn,
  upstreamOf,
} from "@flyte-ts/core/plugin";
import { conditionText } from "./condition-text.ts";

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
  readonly kind: "inputs" | "task" | "workflow" | "branch" | "gate" | "outputs";
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

/** A node as it is shown, with those that stand in branches behind their branch. */
export interface ShownNode {
  readonly node: Node;
  /** As Flyte makes it: in a branch with the branch's id before it. */
  readonly id: string;
  /** The conditional that it is a way of, and when it is taken. */
  readonly way?: { readonly of: Node; readonly when: string };
  /** True for the failure handler. */
  readonly onFailure?: boolean;
}

/** The nodes of a graph as they are shown. */
export function shownNodes({ nodes, failure }: Graph): ShownNode[] {
  const shown = nodes.flatMap((node) => withWays({ node, id: node.id }));
  return failure === undefined ? shown : [...shown, { node: failure, id: failure.id, onFailure: true }];
}

function withWays(shown: ShownNode): ShownNode[] {
  const { node: of, id } = shown;
  if (!isBranch(of.entity)) return [shown];
  const { cases, otherwise } = of.entity;
  const ways = cases.map(({ condition, node }, at) => {
    const when = `${at === 0 ? "if" : "elif"} ${conditionText(condition)}`;
    return { node, id: `${id}-${node.id}`, way: { of, when } };
  });
  const last =
    "node" in otherwise ? [{ node: otherwise.node, id: `${id}-${otherwise.node.id}`, way: { of, when: "else" } }] : [];
  return [shown, ...[...ways, ...last].flatMap(withWays)];
}

/** Where a node's outputs come from: for a conditional, from the nodes of its ways. */
function origins(node: Node): readonly Node[] {
  return isBranch(node.entity) ? node.entity.nodes.flatMap(origins) : [node];
}

function boxOf({ node: { entity }, id, onFailure = false }: ShownNode): FlowBox {
  if (isBranch(entity)) return { id, kind: "branch", label: `${id} ${entity.name} (conditional)` };
  if (isGate(entity)) return { id, kind: "gate", label: `${id} ${entity.name} (${entity.gate.kind})` };
  const of = entityKind(entity);
  const what = [...(of === "task" ? [] : [of]), ...(onFailure ? ["on failure"] : [])].join(", ");
  const kind = of === "task" ? "task" : "workflow";
  return { id, kind, label: `${id} ${entity.name}${what === "" ? "" : ` (${what})`}` };
}

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
  const shown = shownNodes(graph);
  for (const one of shown) {
    places.set(one.node, boxes.length);
    boxes.push(boxOf(one));
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
      // a conditional's inputs are called by where they come from
      const use = variable === name || name.endsWith(`.${variable}`) ? variable : `${variable} → ${name}`;
      const from = source.kind === "node" ? origins(source.node) : (["inputs"] as const);
      for (const one of from) add(one, to, use);
    }
  };
  for (const { node, way } of shown) {
    const to = places.get(node) ?? 0;
    if (way !== undefined) add(way.of, to, way.when);
    for (const [name, binding] of Object.entries(node.bindings)) bind(to, name, binding);
    for (const earlier of upstreamOf(node)) for (const one of origins(earlier)) add(one, to, undefined);
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
