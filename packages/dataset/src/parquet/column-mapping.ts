import type { ColumnType } from "@flyte-ts/core/plugin";
import type { ThriftWriter } from "./thrift-writer.ts";

/** Parquet's physical types that we write, by their numbers in the format (parquet.thrift, `Type`). */
const physicalType = { boolean: 0, int32: 1, int64: 2, double: 5, byteArray: 6 } as const;

/** How a column type is stored. */
export interface StoredType {
  /** The number of the physical type. */
  readonly physical: number;
  /** The number of the older annotation (parquet.thrift, `ConvertedType`), for readers that know no other. */
  readonly converted?: number;
  /** Writes the logical type's union (parquet.thrift, `LogicalType`). */
  readonly logical?: (writer: ThriftWriter) => void;
}

const empty = (): void => {};

/**
 * How each column type is stored. A duration has no type in Parquet: it is an integer of microseconds there, and the
 * Arrow schema in the file's metadata says that it is a duration, as pyarrow does it.
 */
export const storedTypes: Readonly<Record<ColumnType, StoredType>> = {
  integer: {
    physical: physicalType.int64,
    converted: 18,
    logical: (writer) => writer.struct(10, (int) => int.byte(1, 64).boolean(2, true)),
  },
  float: { physical: physicalType.double },
  string: { physical: physicalType.byteArray, converted: 0, logical: (writer) => writer.struct(1, empty) },
  boolean: { physical: physicalType.boolean },
  datetime: {
    physical: physicalType.int64,
    converted: 10,
    logical: (writer) => writer.struct(8, (time) => time.boolean(1, true).struct(2, (unit) => unit.struct(2, empty))),
  },
  date: { physical: physicalType.int32, converted: 6, logical: (writer) => writer.struct(6, empty) },
  duration: { physical: physicalType.int64 },
  binary: { physical: physicalType.byteArray },
};
