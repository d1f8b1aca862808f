import { isBranch } from "./branch.ts";
import { type Node, upstreamOf } from "./node.ts";

const shown = ({ id, entity }: Node): string => `${id} (${entity.name})`;

/** What is wrong with the ids of nodes: propeller's compiler drops the second one of an id without a word. */
export function sharedId(nodes: Iterable<Node>): string | undefined {
  const ids = new Map<string, Node>();
  for (const node of nodes) {
    const other = ids.get(node.id);
    if (other !== undefined) {
      return `the calls of ${other.entity.name} and ${node.entity.name} are both the node "${node.id}"; give one another nodeName`;
    }
    ids.set(node.id, node);
  }
  return undefined;
}

/** What is wrong with the order that `runsBefore` gave to nodes: it goes into a branch, or out of one. */
export function strayOrder(nodes: ReadonlySet<Node>): string | undefined {
  for (const { id, entity, after } of nodes) {
    const stray = [...after].find((node) => !nodes.has(node));
    if (stray === undefined) continue;
    return `${shown(stray)}.runsBefore(${id} ${entity.name}): both must stand in the workflow itself`;
  }
  return undefined;
}

/** What is wrong with nodes that wait for each other, through branches too. */
export function circle(nodes: readonly Node[]): string | undefined {
  const cycle = cycleIn(nodes);
  if (cycle === undefined) return undefined;
  return `its nodes wait for each other: ${[...cycle, ...cycle.slice(0, 1)].map(shown).join(" before ")}`;
}

/** Nodes that wait for each other, each before the next and the last before the first; undefined when there are none. */
function cycleIn(nodes: readonly Node[]): readonly Node[] | undefined {
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
