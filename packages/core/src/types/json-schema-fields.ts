import { SimpleType } from "@flyte-ts/idl/core";
import type { LiteralType } from "../wire/messages.ts";
import { isRecord } from "./collections.ts";
import { msgpackAnnotation } from "./struct-annotation.ts";
import { type JsonSchema, simpleType } from "./type-transformer.ts";

/** The part of a JSON Schema, where it is an object. */
export function schemaPart(schema: JsonSchema | undefined, key: string): JsonSchema | undefined {
  const part = schema?.[key];
  return isRecord<unknown>(part) ? part : undefined;
}

/**
 * The literal types of an object's fields, as a JSON Schema describes them, so that Flyte's compiler can follow an
 * attribute path into the object. What a schema leaves open is a STRUCT.
 */
export function fieldTypes(schema: JsonSchema | undefined): Record<string, LiteralType> | undefined {
  const properties = schemaPart(schema, "properties");
  if (properties === undefined) return undefined;
  return Object.fromEntries(
    Object.keys(properties).map((name) => [name, literalTypeOf(schemaPart(properties, name) ?? {})]),
  );
}

/** A STRUCT in msgpack. */
export const struct = (): LiteralType => ({ ...simpleType(SimpleType.STRUCT), annotation: msgpackAnnotation });

/** The literal type of what a JSON Schema describes. */
export function literalTypeOf(schema: JsonSchema): LiteralType {
  const simple = simpleTypes[String(schema.type)];
  if (simple !== undefined) return simpleType(simple);
  if (schema.type === "array") {
    const item = literalTypeOf(schemaPart(schema, "items") ?? {});
    return { $typeName: "flyteidl.core.LiteralType", type: { case: "collectionType", value: item } };
  }
  if (schema.type !== "object") return struct();
  const dataclassType = fieldTypes(schema);
  if (dataclassType !== undefined) {
    return { ...struct(), structure: { $typeName: "flyteidl.core.TypeStructure", tag: "", dataclassType } };
  }
  const values = schemaPart(schema, "additionalProperties");
  if (values === undefined) return struct();
  return { $typeName: "flyteidl.core.LiteralType", type: { case: "mapValueType", value: literalTypeOf(values) } };
}

const simpleTypes: Readonly<Record<string, SimpleType>> = {
  string: SimpleType.STRING,
  integer: SimpleType.INTEGER,
  number: SimpleType.FLOAT,
  boolean: SimpleType.BOOLEAN,
};
