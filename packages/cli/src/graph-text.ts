import { type Binding, isWorkflow, type Node, reachable, typeLabel } from "@flyte-ts/core/plugin";
import { drawFlow } from "./graph/drawing.ts";
import { flowOf, type WorkflowEntity } from "./graph/flow.ts";

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
  const subs = [...reachable(workflow.graph.nodes.map(({ entity }) => entity))].filter(isWorkflow);
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
  const rows = graph.nodes.map((node) => [`${node.id} ${node.entity.name}`, nodeWiring(node)] as const);
  const outputs = Object.entries(graph.outputs).map(([name, { type, binding }]) => {
    return `${name}: ${typeLabel(type)} = ${bindingText(binding)}`;
  });
  const all = outputs.length === 0 ? rows : [...rows, ["outputs", outputs.join(", ")] as const];
  const label = Math.max(...all.map(([left]) => left.length));
  return all.map(([left, right]) => `${left.padEnd(label)}  ${right}`.trimEnd());
}

function nodeWiring({ bindings, after }: Node): string {
  const parts = Object.entries(bindings).map(([name, binding]) => `${name} = ${bindingText(binding)}`);
  const waits = [...after].map(({ id }) => id);
  return [...parts, ...(waits.length === 0 ? [] : [`after ${waits.join(", ")}`])].join(", ");
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
