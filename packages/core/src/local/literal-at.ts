import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";
import { type PathStep, shownStep } from "../graph/part-of.ts";
import { isRecord, ownValue } from "../types/collections.ts";
import { encodePlain, type Plain, plainOf } from "../types/plain.ts";
import { kindOf, listLiteral, msgpackLiteral, primitiveLiteral } from "../wire/literals.ts";
import type { Literal } from "../wire/messages.ts";

/**
 * The part of a literal that an attribute path names, as propeller resolves it: through map and list literals, then into
 * msgpack or a Struct. Strings, numbers and booleans become primitives, a list becomes one of msgpack literals, all else
 * msgpack (flytepropeller's attr_path_resolver.go).
 * @throws FlyteError `ConversionFailed` that names the step.
 */
export function literalAt(literal: Literal, path: readonly PathStep[]): Literal {
  const [step, ...rest] = path;
  if (step === undefined) return literal;
  const { value } = literal;
  if (value.case === "map" || value.case === "collection") {
    const part =
      value.case === "map" ? ownValue(value.value.literals, String(step)) : value.value.literals[Number(step)];
    if (part !== undefined) return literalAt(part, rest);
    throw new FlyteError("ConversionFailed", `there is no part ${shownStep(step)} in the ${value.case}`);
  }
  const plain = plainOf(literal);
  if (plain === undefined)
    throw new FlyteError("ConversionFailed", `${kindOf(literal)} has no part ${shownStep(step)}`);
  return plainLiteral(path.reduce<Plain>(plainAt, plain.value));
}

/** Names in objects and numbers in lists only, as propeller has it. */
function plainAt(value: Plain, step: PathStep): Plain {
  const part =
    typeof step === "number" ? itemAt(value, step) : isRecord<Plain>(value) ? ownValue(value, step) : undefined;
  if (part !== undefined) return part;
  throw new FlyteError("ConversionFailed", `there is no part ${shownStep(step)} in ${shown(value)}`);
}

const itemAt = (value: Plain, index: number): Plain | undefined =>
  Array.isArray(value) ? (value as readonly Plain[])[index] : undefined;

function plainLiteral(value: Plain): Literal {
  if (typeof value === "string") return primitiveLiteral({ case: "stringValue", value });
  if (typeof value === "boolean") return primitiveLiteral({ case: "boolean", value });
  if (typeof value === "bigint") return primitiveLiteral({ case: "integer", value });
  if (typeof value === "number") {
    return primitiveLiteral(
      Number.isSafeInteger(value) ? { case: "integer", value: BigInt(value) } : { case: "floatValue", value },
    );
  }
  if (Array.isArray(value)) {
    return listLiteral((value as readonly Plain[]).map((item) => msgpackLiteral(encodePlain(item))));
  }
  return msgpackLiteral(encodePlain(value));
}
