import { SimpleType } from "@flyte-ts/idl/core";
import { scalarOf } from "../wire/literals.ts";
import { type Literal, LiteralType } from "../wire/messages.ts";
import { isRecord } from "./collections.ts";
import { type Plain, plainOf } from "./plain.ts";

/** The simple types by the primitive that carries them. */
const primitives: Readonly<Record<string, SimpleType>> = {
  integer: SimpleType.INTEGER,
  floatValue: SimpleType.FLOAT,
  stringValue: SimpleType.STRING,
  boolean: SimpleType.BOOLEAN,
  datetime: SimpleType.DATETIME,
  duration: SimpleType.DURATION,
};

/** Whether a literal is in the form of a type itself, with nothing converted: an integer does not fit a float. */
export function literalFits(literal: Literal, { type }: LiteralType): boolean {
  if (type.case === "unionType") return type.value.variants.some((variant) => literalFits(literal, variant));
  const { value } = literal;
  if (value.case === "collection") {
    return type.case === "collectionType" && value.value.literals.every((item) => literalFits(item, type.value));
  }
  if (value.case === "map") {
    return (
      type.case === "mapValueType" && Object.values(value.value.literals).every((item) => literalFits(item, type.value))
    );
  }
  const simple = type.case === "simple" ? type.value : undefined;
  const scalar = scalarOf(literal);
  switch (scalar?.case) {
    case "primitive": {
      const primitive = scalar.value.value;
      if (type.case === "enumType") return type.value.values.includes(String(primitive.value));
      return simple !== undefined && simple === primitives[primitive.case ?? ""];
    }
    case "noneType":
      return simple === SimpleType.NONE;
    case "error":
      return simple === SimpleType.ERROR;
    case "blob":
      return type.case === "blob" && type.value.dimensionality === (scalar.value.metadata?.type?.dimensionality ?? 0);
    case "structuredDataset":
    case "schema":
      return type.case === "structuredDatasetType" || type.case === "schema";
    case "union":
      return scalar.value.value !== undefined && literalFits(scalar.value.value, { type } as LiteralType);
    case "binary":
    case "generic": {
      const plain = plainOf(literal);
      return plain === undefined ? simple === SimpleType.BINARY : plainFits(plain.value, { type } as LiteralType);
    }
    default:
      return false;
  }
}

/** Whether a plain value can be one of a type, as far as its form shows. */
export function plainFits(value: Plain, { type }: Pick<LiteralType, "type">): boolean {
  switch (type.case) {
    case "unionType":
      return type.value.variants.some((variant) => plainFits(value, variant));
    case "collectionType":
      return Array.isArray(value) && (value as readonly Plain[]).every((item) => plainFits(item, type.value));
    case "mapValueType":
      return isRecord<Plain>(value) && Object.values(value).every((item) => plainFits(item, type.value));
    case "enumType":
      return typeof value === "string" && type.value.values.includes(value);
    case "blob":
      return isRecord<Plain>(value) && typeof value.path === "string";
    case "structuredDatasetType":
    case "schema":
      return isRecord<Plain>(value) && typeof value.uri === "string";
    case "simple":
      return simpleFits(value, type.value);
    default:
      return false;
  }
}

function simpleFits(value: Plain, simple: SimpleType): boolean {
  switch (simple) {
    case SimpleType.INTEGER:
      return typeof value === "bigint" || Number.isInteger(value);
    case SimpleType.FLOAT:
    case SimpleType.DURATION:
      return typeof value === "number" || typeof value === "bigint";
    case SimpleType.STRING:
      return typeof value === "string";
    case SimpleType.BOOLEAN:
      return typeof value === "boolean";
    case SimpleType.DATETIME:
      return typeof value === "string" && /^\d{4}-\d\d-\d\d/.test(value);
    case SimpleType.BINARY:
      return value instanceof Uint8Array;
    case SimpleType.NONE:
      return value === null;
    case SimpleType.STRUCT:
      return isRecord(value) || Array.isArray(value);
    default:
      return false;
  }
}

/** Whether two types are one on the wire, whatever their tags, metadata and descriptions say. */
export function sameWireType(a: LiteralType, b: LiteralType): boolean {
  if (a.type.case === "unionType" && b.type.case === "unionType") {
    const [left, right] = [a.type.value.variants, b.type.value.variants];
    return left.length === right.length && left.every((variant, at) => sameWireType(variant, right[at] as LiteralType));
  }
  if (
    (a.type.case === "collectionType" && b.type.case === "collectionType") ||
    (a.type.case === "mapValueType" && b.type.case === "mapValueType")
  ) {
    return sameWireType(a.type.value, b.type.value);
  }
  const bare = ({ type }: LiteralType): string => JSON.stringify(LiteralType.toJson(LiteralType.create({ type })));
  return bare(a) === bare(b);
}
