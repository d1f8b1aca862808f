import { FlyteError } from "../errors/flyte-error.ts";
import { Int64View } from "./int64.ts";
import { type CellValue, cellName, type NativeColumn } from "./native-column.ts";
import type { RecordBatch, Vector } from "./record-batch.ts";

const dayMs = 86_400_000;
/** The range of a Date, in milliseconds. */
const dateLimit = 8.64e15;

/** Reads one value of a vector that is not NULL. */
type CellReader = (index: number) => CellValue;

/**
 * The readers of a batch's columns: native values as `CellValue` says.
 * @param offset rows before this batch, for messages.
 */
function cellReaders(batch: RecordBatch, columns: readonly NativeColumn[], offset: number): CellReader[] {
  return batch.columns.map((vector, at) => cellReader(vector, columns[at] as NativeColumn, offset));
}

function cellReader(vector: Vector, column: NativeColumn, offset: number): CellReader {
  switch (vector.type) {
    case "integer":
      return integerReader(vector.values, column, offset);
    case "datetime": {
      const view = new Int64View(vector.values);
      return (index) => {
        const micros = view.safe(index);
        // A bigint's division rounds towards zero; before 1970 that would be up.
        const ms = micros === undefined ? Number(floorDivide(view.exact(index), 1000n)) : Math.floor(micros / 1000);
        if (Math.abs(ms) > dateLimit) {
          throw outOfRange(offset + index, column, `${view.exact(index)} microseconds since 1970 are`, "Date");
        }
        return new Date(ms);
      };
    }
    case "duration": {
      const view = new Int64View(vector.values);
      return (index) => (view.safe(index) ?? Number(view.exact(index))) / 1000;
    }
    case "date":
      return (index) => {
        const ms = (vector.values[index] as number) * dayMs;
        if (Math.abs(ms) > dateLimit) {
          throw outOfRange(offset + index, column, `${vector.values[index]} days since 1970 are`, "Date");
        }
        return new Date(ms);
      };
    case "boolean":
      return (index) => vector.values[index] !== 0;
    default:
      return (index) => vector.values[index] as CellValue;
  }
}

function integerReader(values: BigInt64Array, column: NativeColumn, offset: number): CellReader {
  if (column.as === "bigint") return (index) => values[index] as bigint;
  const view = new Int64View(values);
  if (column.as !== "number") return (index) => view.safe(index) ?? view.exact(index);
  return (index) => {
    const value = view.safe(index);
    if (value !== undefined) return value;
    throw new FlyteError(
      "InvalidType",
      `${cellName(offset + index, column.name)}: ${view.exact(index)} is no safe integer; declare the column as t.bigint to get it exact`,
    );
  };
}

const outOfRange = (row: number, { name }: NativeColumn, what: string, type: string): FlyteError =>
  new FlyteError("InvalidType", `${cellName(row, name)}: ${what} out of the range of a ${type}`);

const floorDivide = (value: bigint, by: bigint): bigint => (value - (((value % by) + by) % by)) / by;

/**
 * The rows of a batch as objects, one own property for every column in the columns' order.
 * @param offset rows before this batch, for messages.
 */
export function* batchRows(
  batch: RecordBatch,
  columns: readonly NativeColumn[],
  offset: number,
): Generator<Record<string, CellValue>> {
  const readers = cellReaders(batch, columns, offset);
  const names = columns.map(({ name }) => name);
  const nulls = batch.columns.map((vector) => vector.nulls);
  const template = rowTemplate(names);
  for (let index = 0; index < batch.length; index++) {
    const row = { ...template };
    for (let at = 0; at < readers.length; at++) {
      if (nulls[at]?.[index] !== 1) row[names[at] as string] = (readers[at] as CellReader)(index);
    }
    yield row;
  }
}

/** Adds the values of a batch to one array for every column. */
export function appendColumns(
  batch: RecordBatch,
  columns: readonly NativeColumn[],
  offset: number,
  into: readonly CellValue[][],
): void {
  cellReaders(batch, columns, offset).forEach((read, at) => {
    const values = into[at] as CellValue[];
    const nulls = batch.columns[at]?.nulls;
    for (let index = 0; index < batch.length; index++) values.push(nulls?.[index] === 1 ? null : read(index));
  });
}

/** A row of NULLs. Copies of it share one shape, and a column may even be called `__proto__`. */
function rowTemplate(names: readonly string[]): Record<string, CellValue> {
  const row: Record<string, CellValue> = {};
  for (const name of names) {
    Object.defineProperty(row, name, { value: null, writable: true, enumerable: true, configurable: true });
  }
  return row;
}
