import { FlyteError } from "../errors/flyte-error.ts";
import { Int64View } from "./int64.ts";
import { cellName, shown } from "./native-column.ts";
import type { ColumnType, Vector } from "./record-batch.ts";

const dayMicros = 86_400_000_000;

type Int64Vector = Extract<Vector, { readonly values: BigInt64Array }>;

/** Gives the values in another type, or the index of the first that has no equal there. */
type Step = (vector: Vector, length: number) => { readonly to: Vector; readonly misfit: number };

/**
 * The conversions between what a file holds and what is declared: those that real files ask for. pandas writes integers
 * with NULLs as floats and days as timestamps; SQLite has no booleans.
 */
const steps: Readonly<Record<string, Step>> = {
  "integer>float": (vector, length) => {
    const from = (vector as Int64Vector).values;
    const view = new Int64View(from);
    const values = new Float64Array(length);
    for (let i = 0; i < length; i++) values[i] = view.safe(i) ?? Number(view.exact(i));
    return { to: { ...nullsOf(vector), type: "float", values }, misfit: -1 };
  },
  "float>integer": (vector, length) => {
    const from = (vector as Extract<Vector, { type: "float" }>).values;
    const values = new BigInt64Array(length);
    const view = new Int64View(values);
    for (let i = 0; i < length; i++) {
      if (vector.nulls?.[i] === 1) continue;
      if (!Number.isSafeInteger(from[i])) return { to: vector, misfit: i };
      view.setSafe(i, from[i] as number);
    }
    return { to: { ...nullsOf(vector), type: "integer", values }, misfit: -1 };
  },
  "integer>boolean": (vector, length) => {
    const from = (vector as Int64Vector).values;
    const view = new Int64View(from);
    const values = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      if (vector.nulls?.[i] === 1) continue;
      const value = view.safe(i);
      if (value !== 0 && value !== 1) return { to: vector, misfit: i };
      values[i] = value;
    }
    return { to: { ...nullsOf(vector), type: "boolean", values }, misfit: -1 };
  },
  "date>datetime": (vector, length) => {
    const from = (vector as Extract<Vector, { type: "date" }>).values;
    const values = new BigInt64Array(length);
    for (let i = 0; i < length; i++) values[i] = BigInt(from[i] as number) * BigInt(dayMicros);
    return { to: { ...nullsOf(vector), type: "datetime", values }, misfit: -1 };
  },
  "datetime>date": (vector, length) => {
    const from = (vector as Int64Vector).values;
    const values = new Int32Array(length);
    for (let i = 0; i < length; i++) {
      if (vector.nulls?.[i] === 1) continue;
      const days = Number(from[i]) / dayMicros;
      if (!Number.isInteger(days)) return { to: vector, misfit: i };
      values[i] = days;
    }
    return { to: { ...nullsOf(vector), type: "date", values }, misfit: -1 };
  },
};

const nullsOf = ({ nulls }: Vector): { nulls?: Uint8Array } => (nulls === undefined ? {} : { nulls });

/**
 * Whether values of one type can stand for those of another. What is `string` in a file may be declared as anything: a
 * column without a single value has no type of its own there (pandas), and is read as text.
 */
export const castable = (from: ColumnType, to: ColumnType): boolean =>
  from === to || from === "string" || `${from}>${to}` in steps;

/**
 * The values of a vector as another type.
 * @param row the row of the vector's first value, for messages.
 * @throws FlyteError `InvalidType` for a value that has no equal in that type.
 */
export function castVector(vector: Vector, length: number, to: ColumnType, name: string, row: number): Vector {
  if (vector.type === to) return vector;
  const valueAt = vector.type === "string" ? firstValue(vector, length) : 0;
  if (valueAt === -1) return nothing(to, length);
  const done = steps[`${vector.type}>${to}`]?.(vector, length);
  if (done !== undefined && done.misfit === -1) return done.to;
  const at = done?.misfit ?? valueAt;
  const value = vector.type === "string" ? shown(vector.values[at]) : String(vector.values[at]);
  throw new FlyteError(
    "InvalidType",
    `${cellName(row + at, name)}: the ${vector.type} ${value} has no equal as the declared type ${to}`,
  );
}

/** The first row that is not NULL, or -1. */
function firstValue({ nulls }: Vector, length: number): number {
  if (nulls === undefined) return length === 0 ? -1 : 0;
  for (let row = 0; row < length; row++) if (nulls[row] !== 1) return row;
  return -1;
}

/** Rows of NULLs. */
function nothing(type: ColumnType, length: number): Vector {
  const nulls = new Uint8Array(length).fill(1);
  switch (type) {
    case "integer":
    case "datetime":
    case "duration":
      return { type, values: new BigInt64Array(length), nulls };
    case "float":
      return { type, values: new Float64Array(length), nulls };
    case "boolean":
      return { type, values: new Uint8Array(length), nulls };
    case "date":
      return { type, values: new Int32Array(length), nulls };
    case "string":
      return { type, values: new Array<string>(length).fill(""), nulls };
    case "binary":
      return { type, values: new Array<Uint8Array>(length).fill(new Uint8Array(0)), nulls };
  }
}
