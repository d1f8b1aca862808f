import { typeLabel } from "../types/type-label.ts";
import { isBranch } from "./branch.ts";
import { sameType } from "./condition.ts";
import { type Gate, isGate } from "./gate.ts";
import type { Node } from "./node.ts";

/**
 * What is wrong with the names of gates: Flyte asks once for each name in an execution, and gives the answer to all gates
 * that have it, so they must wait for the same thing.
 */
export function gateProblem(nodes: readonly Node[]): string | undefined {
  const asked = new Map<string, Gate>();
  for (const gate of gatesIn(nodes)) {
    const other = asked.get(gate.name);
    asked.set(gate.name, other ?? gate);
    if (other === undefined || sameAnswer(gate, other)) continue;
    return `two gates are called "${gate.name}", and one waits for ${answerTo(other)}, the other for ${answerTo(gate)}: Flyte asks once for a name; give one another`;
  }
  return undefined;
}

function* gatesIn(nodes: readonly Node[]): Iterable<Gate> {
  for (const { entity } of nodes) {
    if (isBranch(entity)) yield* gatesIn(entity.nodes);
    else if (isGate(entity) && entity.gate.kind !== "sleep") yield entity;
  }
}

function sameAnswer({ gate: one }: Gate, { gate: other }: Gate): boolean {
  if (one.kind === "input" && other.kind === "input") return sameType(one.type, other.type);
  return one.kind === other.kind;
}

const answerTo = ({ gate }: Gate): string => (gate.kind === "input" ? typeLabel(gate.type) : "an approval");
