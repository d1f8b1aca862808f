/**
 * Which output fits which input: the rules by which flyteadmin accepts a workflow (flytepropeller's
 * pkg/compiler/validators/typing.go). Where those know more than ours, ours let pass: nothing may be refused here that
 * could be registered.
 */
import { type SchemaType_SchemaColumn_SchemaColumnType as Column, SimpleType } from "@flyte-ts/idl/core";
import type { LiteralType } from "../wire/messages.ts";
import { schemaColumns } from "./datasets.ts";
import { isSuperSchema } from "./json-schemas.ts";

type Case<Name extends string> = Extract<LiteralType["type"], { readonly case: Name }>["value"];

/** True when a value of the type `from` may be given where `to` is needed. */
export function isCastable(from: LiteralType, to: LiteralType): boolean {
  const only = from.type.case === "unionType" && from.type.value.variants.length === 1 && from.type.value.variants[0];
  return (only !== false && only !== undefined && fits(only, to)) || fits(from, to);
}

function fits(from: LiteralType, to: LiteralType): boolean {
  switch (to.type.case) {
    case "collectionType":
    case "mapValueType": {
      if (from.type.case !== to.type.case) return false;
      return isNone(from.type.value) || fits(from.type.value, to.type.value);
    }
    case "blob": {
      if (from.type.case !== "blob") return false;
      const formats = [from.type.value.format, to.type.value.format];
      return formats.includes("") || formats[0] === formats[1];
    }
    case "unionType":
      return fitsUnion(from, to.type.value);
    case "schema":
      return fitsSchema(from, to.type.value);
    case "structuredDatasetType":
      return isNone(from) || fitsDataset(from, to.type.value);
    default:
      return isNone(to) ? isNone(from) : fitsPlain(from, to);
  }
}

function fitsUnion(from: LiteralType, { variants }: Case<"unionType">): boolean {
  if (from.type.case === "unionType") {
    return from.type.value.variants.every((given) => variants.some((variant) => isCastable(given, variant)));
  }
  return variants.filter((variant) => isCastable(from, variant)).length === 1;
}

/** Simple types and enums; an enum is a string, and a string may turn out to be one of its values. */
function fitsPlain(from: LiteralType, to: LiteralType): boolean {
  const isString = ({ type }: LiteralType): boolean => type.case === "simple" && type.value === SimpleType.STRING;
  if (from.type.case === "enumType" && isString(to)) return true;
  if (to.type.case === "enumType" && isString(from)) return true;
  const tag = from.structure?.tag ?? "";
  if (tag !== "" && tag !== to.structure?.tag) return false;
  if (from.type.case === "enumType" && to.type.case === "enumType") {
    return JSON.stringify(from.type.value.values) === JSON.stringify(to.type.value.values);
  }
  if (from.type.case !== "simple" || to.type.case !== "simple" || from.type.value !== to.type.value) return false;
  if (from.type.value !== SimpleType.STRUCT || from.metadata === undefined || to.metadata === undefined) return true;
  return isSuperSchema(from.metadata, to.metadata);
}

function fitsSchema(from: LiteralType, to: Case<"schema">): boolean {
  if (from.type.case === "schema") {
    return hasColumns(from.type.value.columns, to.columns, (given, needed) => given.type === needed.type);
  }
  if (from.type.case !== "structuredDatasetType" || !isParquet(from.type.value.format)) return false;
  return hasColumns(from.type.value.columns, to.columns, (given, needed) => means(needed.type, given.literalType));
}

function fitsDataset(from: LiteralType, to: Case<"structuredDatasetType">): boolean {
  if (from.type.case === "schema") {
    if (!isParquet(to.format)) return false;
    return hasColumns(from.type.value.columns, to.columns, (given, needed) => means(given.type, needed.literalType));
  }
  if (from.type.case !== "structuredDatasetType") return false;
  const formats = [from.type.value.format.toLowerCase(), to.format.toLowerCase()];
  if (!formats.includes("") && formats[0] !== formats[1]) return false;
  return hasColumns(from.type.value.columns, to.columns, (given, needed) => {
    return given.literalType === undefined || needed.literalType === undefined
      ? given.literalType === needed.literalType
      : fits(given.literalType, needed.literalType);
  });
}

/** True when all columns that are needed are there; columns that nobody declared may be any. */
function hasColumns<Given extends { readonly name: string }, Needed extends { readonly name: string }>(
  given: readonly Given[],
  needed: readonly Needed[],
  same: (given: Given, needed: Needed) => boolean,
): boolean {
  if (given.length === 0) return true;
  const byName = new Map(given.map((column) => [column.name, column]));
  return needed.every((column) => {
    const found = byName.get(column.name);
    return found !== undefined && same(found, column);
  });
}

const isParquet = (format: string): boolean => format === "" || format.toLowerCase() === "parquet";

const isNone = ({ type }: LiteralType): boolean => type.case === "simple" && type.value === SimpleType.NONE;

/** True when a column of a legacy schema and one of a dataset have the same type. */
function means(column: Column, of: LiteralType | undefined): boolean {
  return of?.type.case === "simple" && schemaColumns.get(of.type.value) === column;
}
