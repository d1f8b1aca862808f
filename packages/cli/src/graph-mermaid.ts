import { type FlowBox, flowOf, type WorkflowEntity } from "./graph/flow.ts";

/** A workflow's graph as a flowchart of Mermaid's, for Markdown; the lines say which output goes to which input. */
export function graphMermaid(workflow: WorkflowEntity): string {
  const { boxes, edges } = flowOf(workflow);
  const id = (at: number): string =>
    (boxes[at]?.id ?? "").replace(/^(inputs|outputs)$/, "workflow_$1").replaceAll("-", "_");
  const nodes = boxes.map((box, at) => `  ${id(at)}${shape(box)}`);
  const lines = edges.map(({ from, to, uses }) => {
    const arrow = uses.length === 0 ? "-.->" : `-- "${quoted(uses.join(", "))}" -->`;
    return `  ${id(from)} ${arrow} ${id(to)}`;
  });
  return ["flowchart TD", ...nodes, ...lines].join("\n");
}

function shape({ kind, label }: FlowBox): string {
  const text = `"${quoted(label)}"`;
  const [open, close] = {
    task: ["[", "]"],
    workflow: ["[[", "]]"],
    branch: ["{", "}"],
    gate: ["{{", "}}"],
    inputs: ["([", "])"],
    outputs: ["([", "])"],
  }[kind] as [string, string];
  return `${open}${text}${close}`;
}

const quoted = (text: string): string => text.replaceAll('"', "#quot;");
