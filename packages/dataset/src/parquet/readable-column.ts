import type { ColumnSchema, ColumnType } from "@flyte-ts/core/plugin";
import type { SchemaElement, SchemaTree } from "hyparquet/src/types.js";
import type { DurationUnit } from "./arrow-schema.ts";

/** How the stored values of a column become those of its type. */
export type Conversion =
  | {
      readonly kind:
        | "number"
        | "booleans"
        | "text"
        | "bytes"
        | "int96"
        | "uint32"
        | "uint64"
        | "float16"
        | "uuid"
        | "interval"
        | "nothing";
    }
  /** Integers times `multiply`, then divided by `divide` and rounded down. */
  | { readonly kind: "scaled"; readonly multiply: number; readonly divide: number }
  | { readonly kind: "decimal"; readonly scale: number }
  /** A time of day: how many make a second. */
  | { readonly kind: "time"; readonly perSecond: number };

/** A column of a file that holds plain values. */
export interface FlatColumn extends ColumnSchema {
  readonly kind: "flat";
  readonly element: SchemaElement;
  readonly conversion: Conversion;
}

/** A column of a file that holds lists, maps or structs; read as JSON text. */
export interface NestedColumn extends ColumnSchema {
  readonly kind: "nested";
  readonly type: "string";
  readonly tree: SchemaTree;
}

/** A column of a file, as we read it. */
export type ReadableColumn = FlatColumn | NestedColumn;

/** The columns of a file's schema. `durations` are those that an Arrow schema beside it knows. */
export function readableColumns(
  schema: SchemaTree,
  durations: ReadonlyMap<string, DurationUnit>,
): readonly ReadableColumn[] {
  return schema.children.map((tree): ReadableColumn => {
    const { element, children } = tree;
    const { name } = element;
    const nested = children.length > 0 || element.num_children !== undefined || element.repetition_type === "REPEATED";
    if (nested) return { kind: "nested", name, type: "string", tree };
    const duration = element.type === "INT64" ? durations.get(name) : undefined;
    const [type, conversion] =
      duration === undefined ? interpreted(element) : ["duration" as const, toMicros[duration]];
    return { kind: "flat", name, type, element, conversion };
  });
}

/** A leaf of a nested column, as a column of its own. */
export function leafColumn(element: SchemaElement): FlatColumn {
  const [type, conversion] = interpreted(element);
  return { kind: "flat", name: element.name, type, element, conversion };
}

const scaled = (multiply: number, divide: number): Conversion => ({ kind: "scaled", multiply, divide });

const toMicros: Readonly<Record<DurationUnit, Conversion>> = {
  seconds: scaled(1_000_000, 1),
  milliseconds: scaled(1000, 1),
  microseconds: scaled(1, 1),
  nanoseconds: scaled(1, 1000),
};

/** What the annotations of a schema element make of its physical type (the format's LogicalTypes.md). */
function interpreted(element: SchemaElement): [ColumnType, Conversion] {
  const { type, converted_type: converted, logical_type: logical } = element;
  if (logical?.type === "NULL") return ["string", { kind: "nothing" }];
  if (converted === "DECIMAL" || logical?.type === "DECIMAL") {
    const scale = element.scale ?? (logical?.type === "DECIMAL" ? logical.scale : 0);
    return ["string", { kind: "decimal", scale }];
  }
  switch (type) {
    case "BOOLEAN":
      return ["boolean", { kind: "booleans" }];
    case "INT32":
      if (converted === "DATE" || logical?.type === "DATE") return ["date", { kind: "number" }];
      if (converted === "TIME_MILLIS" || logical?.type === "TIME") return ["string", { kind: "time", perSecond: 1000 }];
      if (converted === "UINT_32") return ["integer", { kind: "uint32" }];
      return ["integer", { kind: "number" }];
    case "INT64":
      return interpretedInt64(element);
    case "INT96":
      return ["datetime", { kind: "int96" }];
    case "FLOAT":
    case "DOUBLE":
      return ["float", { kind: "number" }];
    case "BYTE_ARRAY": {
      const text =
        ["UTF8", "ENUM", "JSON"].includes(converted ?? "") || ["STRING", "ENUM", "JSON"].includes(logical?.type ?? "");
      return text ? ["string", { kind: "text" }] : ["binary", { kind: "bytes" }];
    }
    default:
      if (converted === "INTERVAL") return ["string", { kind: "interval" }];
      if (logical?.type === "UUID") return ["string", { kind: "uuid" }];
      if (logical?.type === "FLOAT16") return ["float", { kind: "float16" }];
      return ["binary", { kind: "bytes" }];
  }
}

function interpretedInt64({
  converted_type: converted,
  logical_type: logical,
}: SchemaElement): [ColumnType, Conversion] {
  const unit = logical?.type === "TIMESTAMP" || logical?.type === "TIME" ? logical.unit : undefined;
  if (logical?.type === "TIMESTAMP" && unit === "NANOS") return ["datetime", scaled(1, 1000)];
  if (converted === "TIMESTAMP_MILLIS" || (logical?.type === "TIMESTAMP" && unit === "MILLIS")) {
    return ["datetime", scaled(1000, 1)];
  }
  if (converted === "TIMESTAMP_MICROS" || logical?.type === "TIMESTAMP") return ["datetime", scaled(1, 1)];
  if (logical?.type === "TIME" && unit === "NANOS") return ["string", { kind: "time", perSecond: 1_000_000_000 }];
  if (converted === "TIME_MICROS" || logical?.type === "TIME")
    return ["string", { kind: "time", perSecond: 1_000_000 }];
  if (converted === "UINT_64") return ["integer", { kind: "uint64" }];
  return ["integer", scaled(1, 1)];
}
