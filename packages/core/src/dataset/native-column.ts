import { FlyteError } from "../errors/flyte-error.ts";
import type { ColumnSchema, ColumnType } from "./record-batch.ts";

/** A column as an author sees it: its type, and for integers which JavaScript type holds them. */
export interface NativeColumn extends ColumnSchema {
  /**
   * For `integer`: `number` (a value that is no safe integer is an error) or `bigint`. Without it each value is a number
   * when that is exact and a bigint otherwise. No meaning for other types.
   */
  readonly as?: "number" | "bigint" | undefined;
}

/**
 * One value of a row. By column type: `integer` number or bigint, `float` number, `string` string, `boolean` boolean,
 * `datetime` Date (whole milliseconds; finer parts are rounded down), `date` Date at midnight UTC, `duration`
 * milliseconds (with a fraction down to microseconds), `binary` Uint8Array; NULL is `null`.
 */
export type CellValue = number | bigint | string | boolean | Date | Uint8Array | null;

/** Rows in a batch that is made from rows; an amount that keeps a batch of six columns at a few megabytes. */
export const rowsPerBatch = 65_536;

/** What a value of a column of each type must be, for messages. */
export const nativeForms: Readonly<Record<ColumnType, string>> = {
  integer: "a safe integer as number, or a bigint of at most 64 bits",
  float: "a number",
  string: "a string",
  boolean: "true or false",
  datetime: "a valid Date",
  date: "a Date at midnight UTC, as new Date(Date.UTC(2024, 0, 31)) makes it",
  duration: "a finite number of milliseconds",
  binary: "a Uint8Array",
};

/** A value for a message: short, and with its kind where the text alone would mislead. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? "an invalid Date" : `the Date ${value.toISOString()}`;
  if (value instanceof Uint8Array) return `a Uint8Array of ${value.byteLength} bytes`;
  if (Array.isArray(value)) return "an array";
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

/** Where a value stands: counted as an array counts its elements. */
export const cellName = (row: number, column: string): string => `row ${row} (from 0), column "${column}"`;

/**
 * Refuses a schema in which two columns have one name, or a type is none.
 * @throws FlyteError `InvalidDefinition`
 */
export function checkColumns(columns: readonly ColumnSchema[]): void {
  const seen = new Set<string>();
  for (const { name, type } of columns) {
    if (seen.has(name)) throw new FlyteError("InvalidDefinition", `two columns of the dataset are called "${name}"`);
    if (!Object.hasOwn(nativeForms, type)) {
      const types = Object.keys(nativeForms).join(", ");
      throw new FlyteError("InvalidDefinition", `column "${name}" has the type ${shown(type)}; types are ${types}`);
    }
    seen.add(name);
  }
}

/**
 * The named columns, in the order asked for; all of them without names.
 * @throws FlyteError `InvalidInput` that lists the columns there are.
 */
export function selectColumns<C extends ColumnSchema>(
  columns: readonly C[],
  names: readonly string[] | undefined,
  where: string,
): readonly C[] {
  if (names === undefined) return columns;
  return names.map((name) => {
    const found = columns.find((column) => column.name === name);
    if (found !== undefined) return found;
    const known = columns.map((column) => column.name).join(", ");
    throw new FlyteError("InvalidInput", `${where} has no column "${name}"; it has ${known === "" ? "none" : known}`);
  });
}
