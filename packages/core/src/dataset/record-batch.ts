/** The type of a column, by its meaning; how it is stored is the format's business. */
export type ColumnType = "integer" | "float" | "string" | "boolean" | "datetime" | "date" | "duration" | "binary";

/** A column's name and type. */
export interface ColumnSchema {
  readonly name: string;
  readonly type: ColumnType;
}

/**
 * The values of one column in one batch. `nulls[i] === 1` marks row `i` as NULL, whatever stands in `values[i]`; without
 * `nulls` no row is NULL. Units: `datetime` microseconds since the epoch in UTC, `date` days since the epoch, `duration`
 * microseconds, `boolean` 0 or 1.
 */
export type Vector =
  | { readonly type: "integer" | "datetime" | "duration"; readonly values: BigInt64Array; readonly nulls?: Uint8Array }
  | { readonly type: "float"; readonly values: Float64Array; readonly nulls?: Uint8Array }
  | { readonly type: "boolean"; readonly values: Uint8Array; readonly nulls?: Uint8Array }
  | { readonly type: "date"; readonly values: Int32Array; readonly nulls?: Uint8Array }
  | { readonly type: "string"; readonly values: readonly string[]; readonly nulls?: Uint8Array }
  | { readonly type: "binary"; readonly values: readonly Uint8Array[]; readonly nulls?: Uint8Array };

/**
 * Some rows, column by column, in the order of the schema. Typed arrays may be longer than `length`. A batch is only
 * good until the next one is asked for: producers reuse their buffers.
 */
export interface RecordBatch {
  readonly length: number;
  readonly columns: readonly Vector[];
}
