import { type ColumnSchema, FlyteError, type Vector } from "@flyte-ts/core/plugin";
import type { RawRow, TableField } from "../client.ts";
import { jsonOf } from "./cell-json.ts";
import { intervalMicros, microsOf } from "./moments.ts";

/** A column of a page: where its cells stand in a row, what they are, and what they become. */
export interface CellColumn {
  readonly field: TableField;
  readonly column: ColumnSchema;
  /** The place of its cell in a row. */
  readonly at: number;
}

/**
 * The values of one column on a page, as a vector. Cells are texts in the REST API, and NULL is null.
 * @param offset rows before the page, for messages.
 * @throws FlyteError `InvalidType` that names the row and column of a value that the column's type cannot hold.
 */
export function vectorOf(rows: readonly RawRow[], { field, column, at }: CellColumn, offset: number): Vector {
  const { length } = rows;
  const nulls = new Uint8Array(length);
  let hasNulls = false;
  const fill = (put: (index: number, cell: unknown) => boolean): void => {
    for (let index = 0; index < length; index++) {
      const cell = rows[index]?.f[at]?.v;
      if (cell === null || cell === undefined) {
        nulls[index] = 1;
        hasNulls = true;
      } else if (!put(index, cell)) {
        throw new FlyteError(
          "InvalidType",
          `row ${offset + index} (from 0), column "${column.name}": ${JSON.stringify(cell)} (${field.type}) is no ${column.type}`,
        );
      }
    }
  };
  const withNulls = () => (hasNulls ? { nulls } : {});
  switch (column.type) {
    case "integer":
    case "datetime":
    case "duration": {
      const read = readers[column.type];
      const values = new BigInt64Array(length);
      fill((index, cell) => {
        const value = read(String(cell));
        if (value === undefined || BigInt.asIntN(64, value) !== value) return false;
        values[index] = value;
        return true;
      });
      return { type: column.type, values, ...withNulls() };
    }
    case "float": {
      const values = new Float64Array(length);
      fill((index, cell) => {
        values[index] = Number(cell);
        return !Number.isNaN(values[index]) || cell === "NaN";
      });
      return { type: "float", values, ...withNulls() };
    }
    case "boolean": {
      const values = new Uint8Array(length);
      fill((index, cell) => {
        const text = String(cell).toLowerCase();
        values[index] = text === "true" ? 1 : 0;
        return text === "true" || text === "false";
      });
      return { type: "boolean", values, ...withNulls() };
    }
    case "date": {
      const values = new Int32Array(length);
      fill((index, cell) => {
        const ms = Date.parse(`${String(cell)}T00:00:00Z`);
        values[index] = ms / dayMs;
        return !Number.isNaN(ms);
      });
      return { type: "date", values, ...withNulls() };
    }
    case "binary": {
      const values: Uint8Array[] = new Array(length).fill(noBytes);
      fill((index, cell) => {
        values[index] = Buffer.from(String(cell), "base64");
        return true;
      });
      return { type: "binary", values, ...withNulls() };
    }
    case "string": {
      const nested = field.repeated || field.fields.length > 0;
      const values: string[] = new Array(length).fill("");
      fill((index, cell) => {
        values[index] = nested ? jsonOf(field, cell) : String(cell);
        return true;
      });
      return { type: "string", values, ...withNulls() };
    }
  }
}

const dayMs = 86_400_000;
const noBytes = new Uint8Array(0);

/** From texts to 64-bit integers; undefined for what is none. */
const readers: Readonly<Record<"integer" | "datetime" | "duration", (text: string) => bigint | undefined>> = {
  integer: (text) => (/^-?\d+$/.test(text) ? BigInt(text) : undefined),
  datetime: microsOf,
  duration: intervalMicros,
};
