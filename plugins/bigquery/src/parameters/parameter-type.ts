import { type AnyType, FlyteError, formOf, LiteralType } from "@flyte-ts/core/plugin";

/** The scalar types of GoogleSQL that a parameter can have. */
export const scalarTypes = [
  "INT64",
  "FLOAT64",
  "BOOL",
  "STRING",
  "BYTES",
  "TIMESTAMP",
  "DATETIME",
  "DATE",
  "TIME",
  "INTERVAL",
  "NUMERIC",
  "BIGNUMERIC",
  "JSON",
  "GEOGRAPHY",
] as const;

/** A scalar type of GoogleSQL. */
export type ScalarType = (typeof scalarTypes)[number];

/** A parameter's type as the REST API writes it (`QueryParameterType`). */
export type ParameterType =
  | { readonly type: ScalarType }
  | { readonly type: "ARRAY"; readonly arrayType: ParameterType }
  | { readonly type: "STRUCT"; readonly structTypes: readonly StructField[] };

/** A field of a struct. */
export interface StructField {
  readonly name: string;
  readonly type: ParameterType;
}

/** What an author may have in the place of the type that an input has by itself: `NUMERIC`, `ARRAY<DATE>`. */
export type ParameterTypeName = ScalarType | `ARRAY<${ScalarType}>`;

/** How moments are bound: `DATETIME` for the templates of flytekit, whose connector binds them so. */
export type MomentType = "TIMESTAMP" | "DATETIME";

/** By the simple type's name in protobuf's JSON. */
const simpleTypes: Readonly<Record<string, ScalarType>> = {
  INTEGER: "INT64",
  FLOAT: "FLOAT64",
  STRING: "STRING",
  BOOLEAN: "BOOL",
  DURATION: "INTERVAL",
  BINARY: "BYTES",
};

/** What else the values of a type can be bound as. */
const alternatives: Readonly<Record<string, readonly ScalarType[]>> = {
  INT64: ["FLOAT64", "NUMERIC", "BIGNUMERIC"],
  FLOAT64: ["NUMERIC", "BIGNUMERIC"],
  STRING: ["NUMERIC", "BIGNUMERIC", "JSON", "GEOGRAPHY", "TIMESTAMP", "DATETIME", "DATE", "TIME", "INTERVAL"],
  TIMESTAMP: ["DATETIME", "DATE"],
  DATE: ["DATETIME", "TIMESTAMP"],
  STRUCT: ["JSON"],
};

/**
 * The type of the parameter that an input becomes. An object with declared fields is a STRUCT in their order, any other
 * JSON value and a map are JSON, an optional type is the type itself.
 * @param name the input's, for messages.
 * @param native the type as its author declared it, where that is known: it tells days from moments, and the order of
 * an object's fields.
 * @throws FlyteError `InvalidDefinition` for what BigQuery has no parameter for: files, directories, datasets, lists of
 * lists, unions of several types.
 */
export function parameterType(
  name: string,
  literalType: LiteralType,
  native?: AnyType,
  moment: MomentType = "TIMESTAMP",
): ParameterType {
  const { type } = literalType;
  const form = native === undefined ? undefined : formOf(native);
  switch (type.case) {
    case "enumType":
      return { type: "STRING" };
    case "mapValueType":
      return { type: "JSON" };
    case "collectionType": {
      const item = form?.kind === "list" ? form.item : undefined;
      const arrayType = parameterType(name, type.value, item, moment);
      if (arrayType.type !== "ARRAY") return { type: "ARRAY", arrayType };
      throw refused(
        name,
        "is a list of lists, which BigQuery has no value for; make the inner lists fields of an object",
      );
    }
    case "unionType": {
      const variants = type.value.variants.filter((variant) => simpleName(variant) !== "NONE");
      const [only] = variants;
      if (only === undefined || variants.length > 1) throw refused(name, "is a union; a parameter has one type");
      return parameterType(name, only, form?.kind === "optional" ? form.item : undefined, moment);
    }
    case "simple": {
      const simple = simpleName(literalType) ?? "";
      if (simple === "DATETIME") return { type: form?.kind === "date" ? "DATE" : moment };
      if (simple === "STRUCT") return structType(name, literalType, native, moment);
      const found = simpleTypes[simple];
      if (found !== undefined) return { type: found };
      throw refused(name, `has the type ${simple}, which BigQuery has no parameter for`);
    }
  }
  throw refused(name, `has a type that BigQuery has no parameter for: ${type.case ?? "none is given"}`);
}

function structType(
  name: string,
  literalType: LiteralType,
  native: AnyType | undefined,
  moment: MomentType,
): ParameterType {
  const form = native === undefined ? undefined : formOf(native);
  const fields: readonly (readonly [string, LiteralType, AnyType?])[] =
    form?.kind === "object"
      ? Object.entries(form.fields).map(([field, type]) => [field, type.literalType, type])
      : Object.entries(literalType.structure?.dataclassType ?? {});
  if (fields.length === 0) return { type: "JSON" };
  return {
    type: "STRUCT",
    structTypes: fields.map(([field, type, fieldNative]) => ({
      name: field,
      type: parameterType(`${name}.${field}`, type, fieldNative, moment),
    })),
  };
}

function simpleName(literalType: LiteralType): string | undefined {
  if (literalType.type.case !== "simple") return undefined;
  return (LiteralType.toJson(literalType) as { readonly simple?: string }).simple ?? "NONE";
}

/**
 * The type that an author names for an input's parameter.
 * @throws FlyteError `InvalidDefinition` for a name that is none, and a type that the input's values have no form in.
 */
export function namedType(input: string, wanted: string, own: ParameterType): ParameterType {
  const array = /^ARRAY<(.+)>$/i.exec(wanted)?.[1];
  if (array !== undefined && own.type === "ARRAY") {
    return { type: "ARRAY", arrayType: namedType(input, array, own.arrayType) };
  }
  const scalar = scalarTypes.find((type) => type === wanted.toUpperCase());
  const allowed = [...(own.type === "ARRAY" ? [] : [own.type]), ...(alternatives[own.type] ?? [])];
  if (scalar !== undefined && allowed.includes(scalar)) return { type: scalar };
  const shown = own.type === "ARRAY" ? [`ARRAY<${own.arrayType.type}>`] : allowed;
  throw new FlyteError(
    "InvalidDefinition",
    `parameterTypes.${input} is ${JSON.stringify(wanted)}; it must be ${shown.join(", ")}`,
  );
}

const refused = (name: string, why: string): FlyteError => new FlyteError("InvalidDefinition", `inputs.${name} ${why}`);
