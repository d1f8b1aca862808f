import { FlyteError } from "../errors/flyte-error.ts";
import type { PathStep } from "../graph/part-of.ts";
import { isRecord } from "../types/collections.ts";
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
    const part = value.case === "map" ? value.value.literals[step] : value.value.literals[Number(step)];
    if (part !== undefined) return literalAt(part, rest);
    throw new FlyteError("ConversionFailed", `there is no part "${step}" in the ${value.case}`);
  }
  const plain = plainOf(literal);
  if (plain === undefined) throw new FlyteError("ConversionFailed", `${kindOf(literal)} has no part "${step}"`);
  return plainLiteral(path.reduce<Plain>(plainAt, plain.value));
}

function plainAt(value: Plain, step: PathStep): Plain {
  const part = Array.isArray(value)
    ? (value as readonly Plain[])[Number(step)]
    : isRecord<Plain>(value)
      ? value[step]
      : undefined;
  if (part !== undefined) return part;
  throw new FlyteError("ConversionFailed", `there is no part "${step}" in the value`);
}

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
