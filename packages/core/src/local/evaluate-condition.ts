import type { Primitive } from "@flyte-ts/idl/core";
import { FlyteError } from "../errors/flyte-error.ts";
import { type Comparator, type ConditionExpression, type Operand, operandName } from "../graph/condition.ts";
import { kindOf, primitiveOf } from "../wire/literals.ts";
import type { Literal } from "../wire/messages.ts";

/**
 * Whether a condition holds, as propeller finds it (its branch/evaluator.go and comparator.go): both sides of `and` and
 * `or` are looked at, times and durations count in whole seconds.
 * @throws FlyteError `InvalidType` for values that are no primitives of one kind.
 */
export function evaluateCondition(expression: ConditionExpression, inputs: Readonly<Record<string, Literal>>): boolean {
  if (expression.kind === "conjunction") {
    const left = evaluateCondition(expression.left, inputs);
    const right = evaluateCondition(expression.right, inputs);
    return expression.by === "and" ? left && right : left || right;
  }
  const [left, right] = [primitive(expression.left, inputs), primitive(expression.right, inputs)];
  if (left.case !== right.case) {
    throw new FlyteError("InvalidType", `a condition compares ${left.case} with ${right.case}`);
  }
  const [a, b] = [ordinal(left), ordinal(right)];
  return comparators[expression.by](a, b);
}

type Ordinal = number | bigint | string | boolean;

const comparators: Readonly<Record<Comparator, (a: Ordinal, b: Ordinal) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  gt: (a, b) => a > b,
  gte: (a, b) => a === b || a > b,
  lt: (a, b) => !(a === b || a > b),
  lte: (a, b) => !(a > b),
};

function primitive(side: Operand, inputs: Readonly<Record<string, Literal>>): Primitive["value"] {
  if (side.kind === "constant") return side.primitive;
  const name = operandName(side.output);
  const literal = inputs[name];
  const found = literal === undefined ? undefined : primitiveOf(literal);
  if (found !== undefined) return found;
  const what = literal === undefined ? "there is no value" : `the value holds ${kindOf(literal)}`;
  throw new FlyteError("InvalidType", `${side.output.name}: ${what}, and only primitives can be compared`);
}

function ordinal(value: Primitive["value"]): Ordinal {
  switch (value.case) {
    case "datetime":
    case "duration":
      return value.value.seconds;
    case undefined:
      throw new FlyteError("InvalidType", "a condition compares an empty primitive");
    default:
      return value.value;
  }
}
