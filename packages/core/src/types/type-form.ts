import { BlobType_BlobDimensionality, SimpleType } from "@flyte-ts/idl/core";
import type { NativeColumn } from "../dataset/native-column.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { LiteralValue } from "./literal-union.ts";
import type { AnyType, Types } from "./type-transformer.ts";

/** The kinds of types that are made of nothing else; a type that is not ours is `other`. */
export type PlainKind =
  | "integer"
  | "float"
  | "string"
  | "boolean"
  | "datetime"
  | "date"
  | "duration"
  | "bytes"
  | "none"
  | "error"
  | "json"
  | "other";

/** What a type is, with what it is made of: for hosts that read, show or describe values of any type. */
export type TypeForm =
  | { readonly kind: PlainKind }
  | { readonly kind: "enum"; readonly values: readonly string[] }
  | { readonly kind: "union"; readonly variants: readonly AnyType[] }
  | { readonly kind: "literal"; readonly values: readonly LiteralValue[] }
  | { readonly kind: "list" | "map" | "optional"; readonly item: AnyType }
  | { readonly kind: "object"; readonly fields: Types }
  | { readonly kind: "file" | "directory"; readonly format: string }
  | { readonly kind: "dataset"; readonly columns: readonly NativeColumn[]; readonly format: string };

/** What a transformer may have, depending on its kind. */
interface Parts {
  readonly item?: AnyType;
  readonly fields?: Types;
  readonly variants?: readonly AnyType[];
  readonly columns?: readonly NativeColumn[];
}

/**
 * The form of a type, read from its wire type and its parts: never by its class, so that types of another copy of this
 * package are known too. A type that is not ours is `other`.
 */
export function formOf(transformer: AnyType): TypeForm {
  const { type } = transformer.literalType;
  const { item, fields, variants, columns = [] } = transformer as AnyType & Parts;
  switch (type.case) {
    case "simple":
      if (transformer.name === "LiteralTypeTransformer") {
        const values = transformer.literalType.annotation?.annotations?.literal_values;
        if (Array.isArray(values)) return { kind: "literal", values: values as readonly LiteralValue[] };
      }
      if (fields !== undefined) return { kind: "object", fields };
      return { kind: transformer.name === "date" ? "date" : (simpleKinds.get(type.value) ?? "other") };
    case "enumType":
      return { kind: "enum", values: type.value.values };
    case "collectionType":
      return item === undefined ? { kind: "other" } : { kind: "list", item };
    case "mapValueType":
      return item === undefined ? { kind: "other" } : { kind: "map", item };
    case "unionType":
      if (item !== undefined) return { kind: "optional", item };
      return variants === undefined ? { kind: "other" } : { kind: "union", variants };
    case "blob": {
      const { dimensionality, format } = type.value;
      return { kind: dimensionality === BlobType_BlobDimensionality.MULTIPART ? "directory" : "file", format };
    }
    case "structuredDatasetType":
      return { kind: "dataset", columns, format: type.value.format };
    case "schema":
      return { kind: "dataset", columns, format: "parquet" };
    default:
      return { kind: "other" };
  }
}

/**
 * The type of a list's or map's items, an optional one's too.
 * @throws FlyteError `Internal` for any other type.
 */
export function itemTypeOf(type: AnyType): AnyType {
  const form = formOf(type);
  if (form.kind === "optional") return itemTypeOf(form.item);
  if (form.kind === "list" || form.kind === "map") return form.item;
  throw new FlyteError("Internal", `${type.name} has no items`);
}

const simpleKinds: ReadonlyMap<SimpleType, PlainKind> = new Map([
  [SimpleType.INTEGER, "integer"],
  [SimpleType.FLOAT, "float"],
  [SimpleType.STRING, "string"],
  [SimpleType.BOOLEAN, "boolean"],
  [SimpleType.DATETIME, "datetime"],
  [SimpleType.DURATION, "duration"],
  [SimpleType.BINARY, "bytes"],
  [SimpleType.NONE, "none"],
  [SimpleType.ERROR, "error"],
  [SimpleType.STRUCT, "json"],
]);
