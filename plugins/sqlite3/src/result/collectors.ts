import { type ColumnType, pythonFloatText, type Vector } from "@flyte-ts/core/plugin";
import type { SqlValue } from "./column-types.ts";
import { days, micros } from "./moments.ts";

type Present = Exclude<SqlValue, null>;

/** Collects one column's values of a row group into a vector. Buffers are reused where they can be. */
export interface Collector {
  /**
   * Takes the value of a row.
   * @returns its bytes on the heap (0 for numbers), or -1 when it does not fit the column's type.
   */
  put(row: number, value: Present): number;
  /** The values of the first `rows` rows; NULLs are where `nulls` says. */
  take(rows: number, nulls: Uint8Array | undefined): Vector;
}

/**
 * The collector of a column.
 * @param declared the author named the type: then values are converted where that is exact, or SQLite's own way. Else
 * the type is that of the values themselves, and only integers become floats.
 * @param capacity the most rows of a group.
 */
export function collector(type: ColumnType, declared: boolean, capacity: number): Collector {
  switch (type) {
    case "integer":
      return int64(type, declared ? integerOf : (value) => (typeof value === "bigint" ? value : undefined), capacity);
    case "datetime":
      return int64(type, micros, capacity);
    case "duration":
      return int64(type, secondsToMicros, capacity);
    case "float": {
      const values = new Float64Array(capacity);
      return numbers(values, exactFloat, (nulls) => ({ type, values, ...nulls }));
    }
    case "boolean": {
      const values = new Uint8Array(capacity);
      return numbers(values, truth, (nulls) => ({ type, values, ...nulls }));
    }
    case "date": {
      const values = new Int32Array(capacity);
      return numbers(values, days, (nulls) => ({ type, values, ...nulls }));
    }
    case "string":
      return listed("", declared ? textOf : stringOf, (values, nulls) => ({ type, values, ...nulls }));
    case "binary":
      return listed(new Uint8Array(0), bytesOf, (values, nulls) => ({ type, values, ...nulls }));
  }
}

type Nulls = { readonly nulls?: Uint8Array };
const nullsOf = (nulls: Uint8Array | undefined): Nulls => (nulls === undefined ? {} : { nulls });

function int64(
  type: "integer" | "datetime" | "duration",
  convert: (value: Present) => bigint | undefined,
  capacity: number,
): Collector {
  const values = new BigInt64Array(capacity);
  return {
    put(row, value) {
      const converted = convert(value);
      if (converted === undefined) return -1;
      values[row] = converted;
      return 0;
    },
    take: (_, nulls) => ({ type, values, ...nullsOf(nulls) }),
  };
}

function numbers(
  values: Float64Array | Uint8Array | Int32Array,
  convert: (value: Present) => number | undefined,
  vector: (nulls: Nulls) => Vector,
): Collector {
  return {
    put(row, value) {
      const converted = convert(value);
      if (converted === undefined) return -1;
      values[row] = converted;
      return 0;
    },
    take: (_, nulls) => vector(nullsOf(nulls)),
  };
}

/** Values on the heap; a row that is NULL gets `blank`, so that no earlier value is kept alive. */
function listed<T extends string | Uint8Array>(
  blank: T,
  convert: (value: Present) => T | undefined,
  vector: (values: readonly T[], nulls: Nulls) => Vector,
): Collector {
  let values: T[] = [];
  const fill = (rows: number): void => {
    while (values.length < rows) values.push(blank);
  };
  return {
    put(row, value) {
      const converted = convert(value);
      if (converted === undefined) return -1;
      fill(row);
      values.push(converted);
      return converted.length;
    },
    take(rows, nulls) {
      fill(rows);
      const taken = values;
      values = [];
      return vector(taken, nullsOf(nulls));
    },
  };
}

function integerOf(value: Present): bigint | undefined {
  if (typeof value === "bigint") return value;
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : undefined;
}

function exactFloat(value: Present): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "bigint") return undefined;
  const number = Number(value);
  return BigInt(number) === value ? number : undefined;
}

function truth(value: Present): number | undefined {
  return value === 0n || value === 1n ? Number(value) : undefined;
}

function secondsToMicros(value: Present): bigint | undefined {
  if (typeof value === "bigint")
    return BigInt.asIntN(64, value * 1_000_000n) === value * 1_000_000n ? value * 1_000_000n : undefined;
  if (typeof value !== "number") return undefined;
  const scaled = Math.round(value * 1_000_000);
  return Number.isSafeInteger(scaled) ? BigInt(scaled) : undefined;
}

const stringOf = (value: Present): string | undefined => (typeof value === "string" ? value : undefined);

/** Numbers become text, floats so that they stay recognisable: 1.0. */
function textOf(value: Present): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "bigint") return value.toString();
  return typeof value === "number" ? pythonFloatText(value) : undefined;
}

/** As plain bytes: the driver's are Node's Buffers, which print and compare otherwise. */
function bytesOf(value: Present): Uint8Array | undefined {
  if (!(value instanceof Uint8Array)) return undefined;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}
