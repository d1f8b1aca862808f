import { FlyteError, LiteralType, pythonFloatText } from "@flyte-ts/core/plugin";
import { datetimeText, durationText, sqliteDatetime } from "./python-text.ts";
import type { ParameterForm, Query } from "./query.ts";

/** What SQLite takes for a parameter. A bigint is an INTEGER, a number a REAL. */
export type SqlParameter = null | bigint | number | string | Uint8Array;

/** The kinds of inputs that a query can use. */
export type InputKind =
  | "integer"
  | "float"
  | "string"
  | "boolean"
  | "datetime"
  | "duration"
  | "bytes"
  | "json"
  | "none";

/** By the simple type's name in protobuf's JSON. */
const kinds: Readonly<Record<string, InputKind>> = {
  NONE: "none",
  INTEGER: "integer",
  FLOAT: "float",
  STRING: "string",
  BOOLEAN: "boolean",
  DATETIME: "datetime",
  DURATION: "duration",
  BINARY: "bytes",
  STRUCT: "json",
};

/**
 * How inputs of a literal type are bound.
 * @throws FlyteError `InvalidDefinition` for types that are no SQL value: lists (with the way that works), maps, files,
 * directories, datasets.
 */
export function inputKind(name: string, literalType: LiteralType): InputKind {
  const { type } = literalType;
  switch (type.case) {
    case "simple": {
      const { simple } = LiteralType.toJson(literalType) as { readonly simple: string };
      const kind = kinds[simple];
      if (kind !== undefined) return kind;
      throw refused(name, `has the type ${simple}, which SQLite has no value for`);
    }
    case "enumType":
      return "string";
    case "unionType": {
      const values = new Set(
        type.value.variants.map((variant) => inputKind(name, variant)).filter((kind) => kind !== "none"),
      );
      const [only] = values;
      if (values.size <= 1) return only ?? "none";
      throw refused(name, `is a union of ${[...values].join(" and ")}; a query needs one type`);
    }
    case "collectionType":
      throw refused(
        name,
        `is a list, which SQLite has no value for; declare it as t.string, give it JSON text, and write: in (select value from json_each({{ .inputs.${name} }}))`,
      );
    case "mapValueType":
      throw refused(
        name,
        "is a map, which SQLite has no value for; declare it as t.json and use SQLite's JSON functions",
      );
  }
  throw refused(name, `has a type that SQLite has no value for: ${type.case ?? "none is given"}`);
}

/**
 * The values of a query's parameters, by name.
 * @param types the literal types of the task's inputs.
 * @throws FlyteError `InvalidDefinition` for a type that cannot be bound, `InvalidInput` for a missing value.
 */
export function bindParameters(
  query: Query,
  types: Readonly<Record<string, LiteralType>>,
  inputs: Readonly<Record<string, unknown>>,
): Readonly<Record<string, SqlParameter>> {
  const bound: [string, SqlParameter][] = query.parameters.map(({ name, input, form }) => {
    const kind = inputKind(input, types[input] ?? LiteralType.create());
    const value = inputs[input];
    if (value === undefined)
      throw new FlyteError("InvalidInput", `inputs.${input}: the query needs it, and it was not given`);
    return [name, form === "value" ? boundValue(kind, value) : textOf(kind, value, form)];
  });
  return Object.fromEntries(bound);
}

function boundValue(kind: InputKind, value: unknown): SqlParameter {
  if (value === null) return null;
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "bigint" || typeof value === "string") return kind === "json" ? jsonText(value) : value;
  if (value instanceof Uint8Array) return value;
  if (value instanceof Date) return sqliteDatetime(value);
  if (typeof value === "number" && kind !== "json") {
    if (kind === "duration") return value / 1000;
    return kind === "integer" ? BigInt(value) : value;
  }
  return jsonText(value);
}

/** The text that stands in the place of a placeholder inside quotes: what flytekit pastes there. */
function textOf(kind: InputKind, value: unknown, form: ParameterForm): string | null {
  if (value === null) return form === "text" ? null : "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return kind === "json" ? jsonText(value) : value;
  if (value instanceof Date) return datetimeText(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" && kind !== "json") {
    if (kind === "duration") return durationText(value);
    return kind === "integer" ? String(value) : pythonFloatText(value);
  }
  return jsonText(value);
}

/** JSON text, with integers beyond 2^53 written out. */
function jsonText(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

const refused = (name: string, why: string): FlyteError => new FlyteError("InvalidDefinition", `inputs.${name} ${why}`);
