import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";
import { primitiveOf, scalarOf } from "../wire/literals.ts";
import type { Literal } from "../wire/messages.ts";
import { isRecord } from "./collections.ts";
import { schemaPart } from "./json-schema-fields.ts";
import { type Plain, PlainFloat, plainOf } from "./plain.ts";
import type { JsonSchema } from "./type-transformer.ts";

/**
 * A value that no descriptor describes, as a plain one: what JSON says, and besides it dates (as ISO 8601), bigints and
 * bytes. Where a JSON Schema calls a number "number" it is written as a float, so that Python reads 2.0. Fields that are
 * undefined are left out.
 * @throws FlyteError `InvalidType` for what has no form on the wire.
 */
export function freePlain(value: unknown, schema: JsonSchema | undefined): Plain {
  if (typeof value === "number") {
    if (!Number.isFinite(value) && schema?.type !== "number") throw unwritable(value);
    return schema?.type === "number" ? new PlainFloat(value) : value;
  }
  if (value === null || typeof value === "string" || typeof value === "boolean" || typeof value === "bigint")
    return value;
  if (value instanceof Uint8Array) return value;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  if (Array.isArray(value)) {
    const items = schemaPart(schema, "items");
    return value.map((item) => freePlain(item, items));
  }
  if (!isRecord<unknown>(value)) throw unwritable(value);
  const properties = schemaPart(schema, "properties");
  const others = schemaPart(schema, "additionalProperties");
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, freePlain(item, schemaPart(properties, key) ?? others)]),
  );
}

const unwritable = (value: unknown): FlyteError =>
  new FlyteError("InvalidType", `${shown(value)} has no form on the wire; objects are plain ones, numbers finite`);

/** A plain value as a program has it: floats are numbers. */
export function withoutMarks(value: Plain): unknown {
  if (value instanceof PlainFloat) return value.value;
  if (Array.isArray(value)) return (value as readonly Plain[]).map(withoutMarks);
  if (!isRecord<Plain>(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutMarks(item)]));
}

/**
 * The plain value of a literal of any form that attribute paths and the console send for a STRUCT: msgpack, a Struct, a
 * bare string, number or boolean, a list or map of these, nothing. Undefined for every other literal.
 */
export function freeValue(literal: Literal): Plain | undefined {
  const plain = plainOf(literal);
  if (plain !== undefined) return plain.value;
  const { value } = literal;
  if (value.case === "collection") {
    const items = value.value.literals.map(freeValue);
    return items.includes(undefined) ? undefined : (items as Plain[]);
  }
  if (value.case === "map") {
    const entries = Object.entries(value.value.literals).map(([key, item]) => [key, freeValue(item)] as const);
    return entries.some(([, item]) => item === undefined) ? undefined : (Object.fromEntries(entries) as Plain);
  }
  if (scalarOf(literal)?.case === "noneType") return null;
  const primitive = primitiveOf(literal);
  switch (primitive?.case) {
    case "integer":
      return Number.isSafeInteger(Number(primitive.value)) ? Number(primitive.value) : primitive.value;
    case "floatValue":
    case "stringValue":
    case "boolean":
      return primitive.value;
    default:
      return undefined;
  }
}
