import type { Comparator, ConditionExpression, Operand } from "@flyte-ts/core/plugin";

const signs: Readonly<Record<Comparator, string>> = { eq: "==", ne: "!=", gt: ">", gte: ">=", lt: "<", lte: "<=" };

/** A condition as people write it: `n0.o0 > 1 and (x == "a" or y)`. */
export function conditionText(expression: ConditionExpression): string {
  if (expression.kind === "comparison") {
    return `${operandText(expression.left)} ${signs[expression.by]} ${operandText(expression.right)}`;
  }
  const side = (inner: ConditionExpression): string => {
    const text = conditionText(inner);
    return inner.kind === "conjunction" && inner.by !== expression.by ? `(${text})` : text;
  };
  return `${side(expression.left)} ${expression.by} ${side(expression.right)}`;
}

function operandText(side: Operand): string {
  if (side.kind === "constant") return constantText(side.value);
  const { source, variable } = side.output;
  return source.kind === "node" ? `${source.node.id}.${variable}` : variable;
}

function constantText(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
