import {
  type Binding,
  type Branch,
  type Gate,
  isBranch,
  isGate,
  isWorkflow,
  reachable,
  typeLabel,
} from "@flyte-ts/core/plugin";
import { conditionText } from "./graph/condition-text.ts";
import { drawFlow } from "./graph/drawing.ts";
import { flowOf, type ShownNode, shownNodes, type WorkflowEntity } from "./graph/flow.ts";

/** How a graph is drawn. */
export interface GraphTextOptions {
  /** Characters in a line; a drawing that is wider is left out, and the list of nodes stands alone. 120 by default. */
  readonly width?: number;
}

/**
 * A workflow's graph for people: its name, a drawing in which everything stands below what it needs, and for each node
 * where its inputs come from. The workflows that it uses follow.
 */
export function graphText(workflow: WorkflowEntity, { width = 120 }: GraphTextOptions = {}): string {
  const subs = [...reachable(workflow.asNode.parts)].filter(isWorkflow);
  return [workflow, ...subs].map((one) => section(one, width)).join("\n\n");
}

function section(workflow: WorkflowEntity, width: number): string {
  const inputs = Object.entries(workflow.inputs).map(([name, type]) => `${name}: ${typeLabel(type)}`);
  const drawing = drawFlow(flowOf(workflow));
  const fits = drawing.every((line) => line.length <= width);
  return [`${workflow.name}(${inputs.join(", ")})`, "", ...(fits ? [...drawing, ""] : []), ...wiring(workflow)].join(
    "\n",
  );
}

/** A line for each node, and one for the outputs. */
function wiring({ graph }: WorkflowEntity): string[] {
  const rows = shownNodes(graph).map((shown) => [`${shown.id} ${shown.node.entity.name}`, nodeWiring(shown)] as const);
  const outputs = Object.entries(graph.outputs).map(([name, { type, binding }]) => {
    return `${name}: ${typeLabel(type)} = ${bindingText(binding)}`;
  });
  const all = outputs.length === 0 ? rows : [...rows, ["outputs", outputs.join(", ")] as const];
  const label = Math.max(...all.map(([left]) => left.length));
  return all.map(([left, right]) => `${left.padEnd(label)}  ${right}`.trimEnd());
}

function nodeWiring({ node, id, onFailure = false }: ShownNode): string {
  const { bindings, after, entity } = node;
  const bound = Object.entries(bindings).map(([name, binding]) => `${name} = ${bindingText(binding)}`);
  const waiting = isGate(entity) ? [...bound, gateText(entity)] : bound;
  const parts = isBranch(entity) ? [waysText(entity, id)] : onFailure ? ["on failure", ...waiting] : waiting;
  const waits = [...after].map(({ id }) => id);
  return [...parts, ...(waits.length === 0 ? [] : [`after ${waits.join(", ")}`])].join(", ");
}

/** When which of a conditional's nodes runs. */
function waysText({ cases, otherwise }: Branch, id: string): string {
  const ways = cases.map(
    ({ condition, node }, at) => `${at === 0 ? "if" : "elif"} ${conditionText(condition)}: ${id}-${node.id}`,
  );
  const last = "node" in otherwise ? `${id}-${otherwise.node.id}` : `fails with ${JSON.stringify(otherwise.error)}`;
  return [...ways, `else: ${last}`].join(", ");
}

function gateText({ gate, timeout }: Gate): string {
  if (gate.kind === "sleep") return `sleeps ${gate.ms / 1000} s`;
  const what = gate.kind === "approve" ? "approval" : typeLabel(gate.type);
  return `waits for ${what}, ${timeout / 1000} s at most`;
}

function bindingText(binding: Binding): string {
  switch (binding.kind) {
    case "output": {
      const { source, variable, path } = binding.output;
      const of = source.kind === "node" ? `${source.node.id}.${variable}` : variable;
      return of + path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
    }
    case "value":
      return valueText(binding.value);
    case "list":
      return `[${binding.items.map(bindingText).join(", ")}]`;
    case "map":
      return `{ ${Object.entries(binding.items)
        .map(([key, item]) => `${key}: ${bindingText(item)}`)
        .join(", ")} }`;
  }
}

function valueText(value: unknown): string {
  const text =
    JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? `${item}` : item)) ?? "nothing";
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
