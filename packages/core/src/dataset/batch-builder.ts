import { FlyteError } from "../errors/flyte-error.ts";
import { Int64View } from "./int64.ts";
import { cellName, checkColumns, nativeForms, rowsPerBatch, shown } from "./native-column.ts";
import type { ColumnSchema, RecordBatch, Vector } from "./record-batch.ts";

/** Text and bytes that a batch may hold before it is handed on, so that long values do not pile up. */
const heapLimit = 16 << 20;
const dayMs = 86_400_000;
const int64Limit = 2n ** 63n;

/** Collects the values of one column. */
interface Collector {
  /** Stores a value that is not NULL; false when it is none of the column's. */
  put(index: number, value: unknown): boolean;
  /** The first `length` values; the next `put` may overwrite them. */
  vector(length: number, nulls: Uint8Array | undefined): Vector;
}

/**
 * Collects native values into batches. Buffers are reused: a batch is good until the next value is put.
 */
export class BatchBuilder {
  readonly #columns: readonly ColumnSchema[];
  readonly #collectors: readonly Collector[];
  readonly #nulls: readonly Uint8Array[];
  readonly #hasNulls: boolean[];
  readonly #heap = { bytes: 0 };
  readonly #capacity: number;
  #length = 0;
  #offset = 0;

  /** @param capacity the most rows of a batch. */
  constructor(columns: readonly ColumnSchema[], capacity: number = rowsPerBatch) {
    checkColumns(columns);
    this.#columns = columns;
    this.#capacity = capacity;
    this.#collectors = columns.map((column) => collector(column, capacity, this.#heap));
    this.#nulls = columns.map(() => new Uint8Array(capacity));
    this.#hasNulls = columns.map(() => false);
  }

  /** Whether the batch must be taken before another row is added. */
  get full(): boolean {
    return this.#length >= this.#capacity || this.#heap.bytes >= heapLimit;
  }

  /** Rows since the last batch. */
  get length(): number {
    return this.#length;
  }

  /**
   * Adds a row; a column that it lacks is NULL.
   * @throws FlyteError `InvalidType` that names the row, the column, the value and what would be right.
   */
  addRow(row: unknown): void {
    if (typeof row !== "object" || row === null || Array.isArray(row)) {
      const example = this.#columns.map(({ name }) => name).join(", ");
      throw new FlyteError(
        "InvalidType",
        `row ${this.#offset + this.#length} (from 0) is ${shown(row)}; it must be an object with the columns ${example}`,
      );
    }
    const record = row as Readonly<Record<string, unknown>>;
    let present = 0;
    for (let at = 0; at < this.#columns.length; at++) {
      const { name } = this.#columns[at] as ColumnSchema;
      const value = Object.hasOwn(record, name) ? record[name] : undefined;
      if (value !== undefined) present++;
      this.#put(at, this.#length, value);
    }
    if (Object.keys(record).length > present) this.#refuseUnknown(record);
    this.#length++;
  }

  /** Adds the elements `from` to `to` of every column's values, as far as the batch has room. Returns how many. */
  addColumns(values: readonly ArrayLike<unknown>[], from: number, to: number): number {
    let at = from;
    for (; at < to && !this.full; at++) {
      for (let column = 0; column < values.length; column++) {
        this.#put(column, this.#length, (values[column] as ArrayLike<unknown>)[at]);
      }
      this.#length++;
    }
    return at - from;
  }

  /** The rows so far; the builder is then empty. */
  take(): RecordBatch {
    const length = this.#length;
    const columns = this.#collectors.map((each, at) =>
      each.vector(length, this.#hasNulls[at] ? this.#nulls[at] : undefined),
    );
    this.#hasNulls.fill(false);
    this.#heap.bytes = 0;
    this.#offset += length;
    this.#length = 0;
    return { length, columns };
  }

  #put(column: number, row: number, value: unknown): void {
    const nulls = this.#nulls[column] as Uint8Array;
    if (value === null || value === undefined) {
      nulls[row] = 1;
      this.#hasNulls[column] = true;
      return;
    }
    nulls[row] = 0;
    if ((this.#collectors[column] as Collector).put(row, value)) return;
    const { name, type } = this.#columns[column] as ColumnSchema;
    throw new FlyteError(
      "InvalidType",
      `${cellName(this.#offset + row, name)}: ${shown(value)} does not fit the type ${type}, which takes ${nativeForms[type]}`,
    );
  }

  #refuseUnknown(record: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(record)) {
      if (value === undefined || this.#columns.some((column) => column.name === name)) continue;
      const known = this.#columns.map((column) => column.name).join(", ");
      throw new FlyteError(
        "InvalidType",
        `${cellName(this.#offset + this.#length, name)}: the dataset has no such column; its columns are ${known === "" ? "none" : known}`,
      );
    }
  }
}

function collector({ type }: ColumnSchema, capacity: number, heap: { bytes: number }): Collector {
  switch (type) {
    case "integer": {
      const values = new BigInt64Array(capacity);
      const view = new Int64View(values);
      return {
        put(index, value) {
          if (typeof value === "number") {
            if (!Number.isSafeInteger(value)) return false;
            view.setSafe(index, value);
            return true;
          }
          if (typeof value !== "bigint" || value >= int64Limit || value < -int64Limit) return false;
          view.set(index, value);
          return true;
        },
        vector: (_, nulls) => ({ type, values, ...(nulls && { nulls }) }),
      };
    }
    case "datetime":
    case "duration": {
      const values = new BigInt64Array(capacity);
      const view = new Int64View(values);
      return {
        put(index, value) {
          let micros: number;
          if (type === "datetime") {
            if (!(value instanceof Date)) return false;
            micros = value.getTime() * 1000;
          } else {
            if (typeof value !== "number") return false;
            micros = Math.round(value * 1000);
          }
          if (!Number.isFinite(micros)) return false;
          if (Number.isSafeInteger(micros)) view.setSafe(index, micros);
          else {
            const exact = type === "datetime" ? BigInt((value as Date).getTime()) * 1000n : BigInt(micros);
            if (exact >= int64Limit || exact < -int64Limit) return false;
            view.set(index, exact);
          }
          return true;
        },
        vector: (_, nulls) => ({ type, values, ...(nulls && { nulls }) }),
      };
    }
    case "float": {
      const values = new Float64Array(capacity);
      return {
        put(index, value) {
          if (typeof value !== "number") return false;
          values[index] = value;
          return true;
        },
        vector: (_, nulls) => ({ type, values, ...(nulls && { nulls }) }),
      };
    }
    case "boolean": {
      const values = new Uint8Array(capacity);
      return {
        put(index, value) {
          if (typeof value !== "boolean") return false;
          values[index] = value ? 1 : 0;
          return true;
        },
        vector: (_, nulls) => ({ type, values, ...(nulls && { nulls }) }),
      };
    }
    case "date": {
      const values = new Int32Array(capacity);
      return {
        put(index, value) {
          if (!(value instanceof Date)) return false;
          const days = value.getTime() / dayMs;
          if (!Number.isInteger(days)) return false;
          values[index] = days;
          return true;
        },
        vector: (_, nulls) => ({ type, values, ...(nulls && { nulls }) }),
      };
    }
    case "string": {
      const { put, take } = list("", (value: unknown) => (typeof value === "string" ? value.length : undefined), heap);
      return { put, vector: (length, nulls) => ({ type, values: take(length), ...(nulls && { nulls }) }) };
    }
    case "binary": {
      const sizeOf = (value: unknown) => (value instanceof Uint8Array ? value.byteLength : undefined);
      const { put, take } = list(new Uint8Array(0), sizeOf, heap);
      return { put, vector: (length, nulls) => ({ type, values: take(length), ...(nulls && { nulls }) }) };
    }
  }
}

/** Collects values that live on the heap; NULLs are `blank`, so that no value of an earlier batch is kept alive. */
function list<T>(blank: T, sizeOf: (value: unknown) => number | undefined, heap: { bytes: number }) {
  let values: T[] = [];
  return {
    put(index: number, value: unknown): boolean {
      const size = sizeOf(value);
      if (size === undefined) return false;
      while (values.length < index) values.push(blank);
      values[index] = value as T;
      heap.bytes += size;
      return true;
    },
    take(length: number): readonly T[] {
      while (values.length < length) values.push(blank);
      const taken = values;
      values = [];
      return taken;
    },
  };
}
