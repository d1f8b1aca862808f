import { isBranch } from "./branch.ts";
import { type Node, upstreamOf } from "./node.ts";

/** Nodes that wait for each other, each before the next and the last before the first; undefined when there are none. */
export function cycleIn(nodes: readonly Node[]): readonly Node[] | undefined {
  const done = new Set<Node>();
  const path: Node[] = [];
  const visit = (node: Node): readonly Node[] | undefined => {
    if (done.has(node)) return undefined;
    const at = path.indexOf(node);
    if (at >= 0) return path.slice(at).reverse();
    path.push(node);
    for (const earlier of needsOf(node)) {
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

/** The nodes that a node waits for; one that chooses between others waits for what these need. */
function needsOf(node: Node): ReadonlySet<Node> {
  const { entity } = node;
  if (!isBranch(entity)) return upstreamOf(node);
  return new Set([...upstreamOf(node), ...entity.nodes.flatMap((inner) => [...needsOf(inner)])]);
}
