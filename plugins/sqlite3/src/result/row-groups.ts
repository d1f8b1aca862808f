import { type ColumnSchema, type ColumnType, FlyteError, type RecordBatch } from "@flyte-ts/core/plugin";
import { type Collector, collector } from "./collectors.ts";
import { inferredType, type SqlValue, type StorageType, storageType } from "./column-types.ts";

/** A column of a result, before its values are seen. */
export interface PlannedColumn {
  readonly name: string;
  /** The author's type, which holds; undefined leaves it to `promised` and the values of the first row group. */
  readonly declared: ColumnType | undefined;
  /** What the table's declaration promises. */
  readonly promised: StorageType | undefined;
}

/**
 * Rows of a group. Short ones keep memory flat: what is garbage by the next group is swept while it is young. (Over
 * 2,000,000 rows of six columns 65,536 took twice the memory of 8,192, and longer.)
 */
const rowsPerGroup = 8192;
/** Rows of the first group, when values settle types; the more are looked at, the less surprises come later. */
const rowsToSettle = 32_768;
/** Text and bytes in a group; long values make shorter groups. */
const heapPerGroup = 16 * 2 ** 20;

/** What the values of each declared type must be, for messages. */
const forms: Readonly<Record<ColumnType, string>> = {
  integer: "an INTEGER",
  float: "a REAL, or an INTEGER that is exact as one",
  string: "a TEXT or a number",
  boolean: "0 or 1",
  datetime:
    'a TEXT such as "2024-02-29 12:30:00" (in UTC unless it has a zone) or a number of seconds since 1970, within the years 1 to 9999',
  date: 'a TEXT such as "2024-02-29", or a number of seconds since 1970 that is a midnight in UTC',
  duration: "a number of seconds",
  binary: "a BLOB",
};

/**
 * Turns rows into batches of typed columns. The first group settles the types that nobody declared; a later value that
 * fits no longer is an error that names it.
 */
export class RowGroups {
  readonly #planned: readonly PlannedColumn[];
  /** The most rows of any group. */
  readonly #capacity: number;
  /** Rows that make the group full. */
  #full: number;
  readonly #nulls: readonly Uint8Array[];
  readonly #hasNulls: boolean[];
  #collectors: readonly Collector[] | undefined;
  #schema: readonly ColumnSchema[] = [];
  /** The first group's rows, column by column, until the types are settled. */
  #unsettled: SqlValue[][] = [];
  #heap = 0;
  #rows = 0;
  #rowsBefore = 0;

  constructor(planned: readonly PlannedColumn[]) {
    this.#planned = planned;
    const settled = planned.every(({ declared }) => declared !== undefined);
    this.#capacity = settled ? rowsPerGroup : rowsToSettle;
    this.#full = this.#capacity;
    this.#nulls = planned.map(() => new Uint8Array(this.#capacity));
    this.#hasNulls = planned.map(() => false);
    this.#unsettled = planned.map(() => []);
    if (settled) this.#settle();
  }

  /** The columns; settled with the first group at the latest. */
  get schema(): readonly ColumnSchema[] {
    return this.#schema;
  }

  /** Rows that have not been taken. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Adds a row.
   * @returns true when the group is full and has to be taken.
   * @throws FlyteError `InvalidInput` for a value that does not fit, with its row (from 1), column and what would be right.
   */
  push(values: readonly SqlValue[]): boolean {
    if (this.#collectors === undefined) {
      for (let column = 0; column < values.length; column++) {
        const value = values[column] ?? null;
        this.#unsettled[column]?.push(value);
        if (typeof value === "string" || value instanceof Uint8Array) this.#heap += value.length;
      }
    } else {
      this.#putRow(this.#collectors, this.#rows, values);
    }
    this.#rows++;
    return this.#rows >= this.#full || this.#heap >= heapPerGroup;
  }

  /** The rows so far as a batch, good until the next `push`. */
  take(): RecordBatch {
    this.#settle();
    const length = this.#rows;
    const columns = (this.#collectors ?? []).map((each, column) => {
      return each.take(length, this.#hasNulls[column] === true ? this.#nulls[column] : undefined);
    });
    this.#hasNulls.fill(false);
    this.#heap = 0;
    this.#rows = 0;
    this.#rowsBefore += length;
    return { length, columns };
  }

  #settle(): void {
    if (this.#collectors !== undefined) return;
    const first = this.#unsettled;
    this.#schema = this.#planned.map((planned, column) => ({
      name: planned.name,
      type: planned.declared ?? this.#inferred(planned, first[column] ?? []),
    }));
    this.#collectors = this.#schema.map(({ type }, column) =>
      collector(type, this.#planned[column]?.declared !== undefined, this.#capacity),
    );
    this.#heap = 0;
    for (let row = 0; row < this.#rows; row++) {
      this.#putRow(
        this.#collectors,
        row,
        first.map((values) => values[row] ?? null),
      );
    }
    this.#unsettled = [];
    this.#full = rowsPerGroup;
  }

  #inferred({ name, promised }: PlannedColumn, values: readonly SqlValue[]): StorageType {
    const seen = new Set<StorageType>();
    for (const [row, value] of values.entries()) {
      if (value === null) continue;
      seen.add(storageType(value));
      if (inferredType(promised, seen) === undefined) {
        const [before] = seen;
        throw this.#misfit(row, name, value, `the rows before hold ${before} values`);
      }
    }
    return inferredType(promised, seen) ?? "string";
  }

  /** Where all the time goes: for every value of every row. */
  #putRow(collectors: readonly Collector[], row: number, values: readonly SqlValue[]): void {
    const allNulls = this.#nulls;
    let heap = 0;
    for (let column = 0; column < values.length; column++) {
      const value = values[column] as SqlValue;
      const nulls = allNulls[column] as Uint8Array;
      if (value === null) {
        nulls[row] = 1;
        this.#hasNulls[column] = true;
        continue;
      }
      nulls[row] = 0;
      const size = (collectors[column] as Collector).put(row, value);
      if (size < 0) throw this.#unfit(column, row, value);
      heap += size;
    }
    this.#heap += heap;
  }

  #unfit(column: number, row: number, value: Exclude<SqlValue, null>): FlyteError {
    const { name = "", type = "string" } = this.#schema[column] ?? {};
    const declared = this.#planned[column]?.declared !== undefined;
    const what = declared ? `is declared ${type}, which takes ${forms[type]}` : `was found to hold ${type} values`;
    return this.#misfit(row, name, value, `the column ${what}`);
  }

  #misfit(row: number, name: string, value: Exclude<SqlValue, null>, why: string): FlyteError {
    // Not `InvalidType`: at the border of a task that means a value of the program, a fault of the system.
    return new FlyteError(
      "InvalidInput",
      `row ${this.#rowsBefore + row + 1}, column "${name}": ${shown(value)} does not fit: ${why}. ` +
        `Declare the column's type (columns: { ${JSON.stringify(name)}: … }) or convert in the query: cast(… as …)`,
    );
  }
}

/** A value for a message: its storage class, and not too much of it. */
function shown(value: Exclude<SqlValue, null>): string {
  switch (typeof value) {
    case "bigint":
      return `the INTEGER ${value}`;
    case "number":
      return `the REAL ${value}`;
    case "string":
      return `the TEXT ${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)}`;
    default:
      return `a BLOB of ${value.byteLength} bytes`;
  }
}
