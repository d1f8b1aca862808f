import type { ColumnSchema } from "@flyte-ts/core/plugin";
import { arrowSchemaKey, encodeArrowSchema } from "./arrow-schema.ts";
import { storedTypes } from "./column-mapping.ts";
import { zstdCodec } from "./compression.ts";
import type { ColumnStatistics } from "./statistics.ts";
import { ThriftWriter } from "./thrift-writer.ts";

/** What begins and ends a Parquet file. */
export const magic: Buffer = Buffer.from("PAR1");

/** Parquet's encodings that we write (parquet.thrift, `Encoding`). */
const encoding = { plain: 0, rle: 3 } as const;
const optional = 1;

/** A column's part of a row group, as it stands in the file. */
export interface ColumnChunkInfo {
  /** Where its first page begins. */
  readonly offset: number;
  /** Bytes of its pages with their headers. */
  readonly compressedSize: number;
  /** The same before compression. */
  readonly uncompressedSize: number;
  readonly statistics: ColumnStatistics;
}

/** A row group, as it stands in the file. */
export interface RowGroupInfo {
  readonly rows: number;
  readonly chunks: readonly ColumnChunkInfo[];
}

/** The header of a data page (parquet.thrift, `PageHeader` of version 1). */
export function pageHeader(rows: number, uncompressedSize: number, compressedSize: number): Uint8Array {
  const dataPage = 0;
  return new ThriftWriter()
    .i32(1, dataPage)
    .i32(2, uncompressedSize)
    .i32(3, compressedSize)
    .struct(5, (page) => page.i32(1, rows).i32(2, encoding.plain).i32(3, encoding.rle).i32(4, encoding.rle))
    .stop()
    .finish();
}

/** The end of a file: its metadata (parquet.thrift, `FileMetaData`), their length, and the magic bytes. */
export function fileFooter(columns: readonly ColumnSchema[], groups: readonly RowGroupInfo[]): Buffer {
  const metadata = new ThriftWriter()
    .i32(1, 2)
    .structs(2, [undefined, ...columns], (element, column) => {
      if (column === undefined) element.binary(4, "schema").i32(5, columns.length);
      else schemaElement(element, column);
    })
    .i64(
      3,
      groups.reduce((sum, { rows }) => sum + rows, 0),
    )
    .structs(4, groups, (writer, group) => rowGroup(writer, group, columns))
    .structs(5, [encodeArrowSchema(columns)], (pair, value) => pair.binary(1, arrowSchemaKey).binary(2, value))
    .binary(6, "flyte-ts version 1")
    .structs(7, columns, (order) => order.struct(1, () => {}))
    .stop()
    .finish();
  const length = Buffer.alloc(4);
  length.writeUInt32LE(metadata.length);
  return Buffer.concat([metadata, length, magic]);
}

function schemaElement(writer: ThriftWriter, { name, type }: ColumnSchema): void {
  const { physical, converted, logical } = storedTypes[type];
  writer.i32(1, physical).i32(3, optional).binary(4, name);
  if (converted !== undefined) writer.i32(6, converted);
  if (logical !== undefined) writer.struct(10, logical);
}

function rowGroup(writer: ThriftWriter, { rows, chunks }: RowGroupInfo, columns: readonly ColumnSchema[]): void {
  const total = (size: "compressedSize" | "uncompressedSize") => chunks.reduce((sum, chunk) => sum + chunk[size], 0);
  writer
    .structs(1, chunks, (column, chunk) => {
      const { name, type } = columns[chunks.indexOf(chunk)] as ColumnSchema;
      column.i64(2, 0).struct(3, (metadata) => {
        metadata
          .i32(1, storedTypes[type].physical)
          .i32s(2, [encoding.plain, encoding.rle])
          .binaries(3, [name])
          .i32(4, zstdCodec)
          .i64(5, rows)
          .i64(6, chunk.uncompressedSize)
          .i64(7, chunk.compressedSize)
          .i64(9, chunk.offset)
          .struct(12, (writer) => statistics(writer, chunk.statistics));
      });
    })
    .i64(2, total("uncompressedSize"))
    .i64(3, rows);
  if (chunks[0] !== undefined) writer.i64(5, chunks[0].offset);
  writer.i64(6, total("compressedSize"));
}

function statistics(writer: ThriftWriter, { nullCount, least, greatest }: ColumnStatistics): void {
  writer.i64(3, nullCount);
  if (greatest !== undefined) writer.binary(5, greatest);
  if (least !== undefined) writer.binary(6, least);
}
