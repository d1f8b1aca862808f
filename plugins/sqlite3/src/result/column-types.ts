import type { ColumnType } from "@flyte-ts/core/plugin";

/** A value as SQLite hands it out: INTEGER as bigint, REAL as number, TEXT as string, BLOB as bytes. */
export type SqlValue = null | bigint | number | string | Uint8Array;

/** The column types that SQLite's storage classes have of themselves. */
export type StorageType = Extract<ColumnType, "integer" | "float" | "string" | "binary">;

/**
 * The type that a column's declaration in `create table` promises, by SQLite's rules of affinity (sqlite.org/datatype3,
 * 3.1). Undefined where it promises nothing, and the values decide: NUMERIC affinity (DATE, BOOLEAN …), expressions.
 * DECIMAL and NUMERIC are floats: SQLite keeps 10.0 as an integer there.
 */
export function promisedType(declaration: string | null): StorageType | undefined {
  if (declaration === null) return undefined;
  if (/INT/i.test(declaration)) return "integer";
  if (/CHAR|CLOB|TEXT/i.test(declaration)) return "string";
  if (/BLOB/i.test(declaration)) return "binary";
  if (/REAL|FLOA|DOUB|DECIMAL|NUMERIC/i.test(declaration)) return "float";
  return undefined;
}

/** The storage class of a value that is not NULL. */
export function storageType(value: Exclude<SqlValue, null>): StorageType {
  switch (typeof value) {
    case "bigint":
      return "integer";
    case "number":
      return "float";
    case "string":
      return "string";
    default:
      return "binary";
  }
}

/**
 * The type of a column, from what was promised and the storage classes that were seen in its first rows: the promise,
 * if all fit it; else the class of all; integers among floats are floats. Without any value it is text.
 * Undefined when no one type holds them.
 */
export function inferredType(
  promised: StorageType | undefined,
  seen: ReadonlySet<StorageType>,
): StorageType | undefined {
  if (promised !== undefined && [...seen].every((type) => fits(type, promised))) return promised;
  if (seen.size === 0) return "string";
  const [first] = seen;
  if (seen.size === 1) return first;
  return [...seen].every((type) => fits(type, "float")) ? "float" : undefined;
}

const fits = (type: StorageType, into: StorageType): boolean =>
  type === into || (type === "integer" && into === "float");
