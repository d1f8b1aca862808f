import type { ColumnSchema, ColumnType } from "@flyte-ts/core/plugin";
import type { TableField } from "../client.ts";

/**
 * The column types of BigQuery's types, in the REST API's words, old and new. A DATETIME has no zone and is taken for UTC.
 * What has no counterpart is text: NUMERIC and BIGNUMERIC with all their digits, TIME, INTERVAL, GEOGRAPHY and JSON as
 * BigQuery writes them, records and repeated fields as JSON.
 */
const columnTypes: Readonly<Record<string, ColumnType>> = {
  INTEGER: "integer",
  INT64: "integer",
  FLOAT: "float",
  FLOAT64: "float",
  BOOLEAN: "boolean",
  BOOL: "boolean",
  BYTES: "binary",
  TIMESTAMP: "datetime",
  DATETIME: "datetime",
  DATE: "date",
};

/** Texts that are read as something else where the author declares it: decimals as floats, intervals as durations. */
const readAs: Readonly<Record<string, ColumnType>> = {
  NUMERIC: "float",
  BIGNUMERIC: "float",
  INTERVAL: "duration",
};

/** A field of a table as a column, for an author who has declared these columns. */
export function columnOf(field: TableField, declared: readonly ColumnSchema[] | undefined): ColumnSchema {
  const { name, type, repeated } = field;
  if (repeated) return { name, type: "string" };
  const wanted = declared?.find((column) => column.name === name)?.type;
  const other = readAs[type];
  return { name, type: other !== undefined && other === wanted ? other : (columnTypes[type] ?? "string") };
}
