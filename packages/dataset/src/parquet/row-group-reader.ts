import { FlyteError, type RecordBatch, type Vector } from "@flyte-ts/core/plugin";
import type { ColumnMetaData, RowGroup } from "hyparquet/src/types.js";
import { ColumnBuffers, ColumnCursor } from "./column-cursor.ts";
import { decodePages } from "./page-decoder.ts";
import { readable } from "./parquet-error.ts";
import type { RangeFile } from "./range-file.ts";
import type { FlatColumn, NestedColumn, ReadableColumn } from "./readable-column.ts";

/** Rows of a batch at most, and what its texts and bytes may come to. */
const rowsPerBatch = 65_536;
const bytesPerBatch = 16 << 20;

/** Gives the next rows of a column. */
type NextRows = (count: number) => Vector;

/** The rows of a row group: the chunks of the columns in memory as they stand in the file, and one batch at a time. */
export async function* rowGroupBatches(
  file: RangeFile,
  group: RowGroup,
  columns: readonly ReadableColumn[],
): AsyncGenerator<RecordBatch> {
  const total = Number(group.num_rows);
  const perBatch = readable(file.uri, () => batchRows(group, total, columns));
  const readers: NextRows[] = [];
  for (const column of columns) {
    readers.push(
      column.kind === "nested"
        ? await nestedReader(file, group, column)
        : await flatReader(file, group, column, perBatch),
    );
  }
  for (let done = 0; done < total; done += perBatch) {
    const length = Math.min(perBatch, total - done);
    yield { length, columns: readers.map((next) => readable(file.uri, () => next(length))) };
  }
}

async function flatReader(file: RangeFile, group: RowGroup, column: FlatColumn, capacity: number): Promise<NextRows> {
  const chunk = readable(file.uri, () => chunkOf(file, group, column.name));
  const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
  const bytes = await file.read(start, start + Number(chunk.total_compressed_size));
  const layout = {
    element: column.element,
    codec: chunk.codec,
    entries: Number(group.num_rows),
    maxDefinition: column.element.repetition_type === "OPTIONAL" ? 1 : 0,
    maxRepetition: 0,
  };
  const cursor = new ColumnCursor(column, decodePages(bytes, layout), new ColumnBuffers(column.type, capacity));
  return (count) => cursor.next(count);
}

async function nestedReader(file: RangeFile, group: RowGroup, column: NestedColumn): Promise<NextRows> {
  // Few files have such columns, and what assembles them need not be loaded for the others.
  const { nestedValues } = await import("./nested-values.ts");
  const values = await nestedValues(file, group, column);
  let at = 0;
  return (count) => {
    const part = values.slice(at, at + count);
    at += count;
    const nulls = Uint8Array.from(part, (value) => (value === undefined ? 1 : 0));
    return { type: "string", values: part.map((value) => value ?? ""), ...(nulls.includes(1) && { nulls }) };
  };
}

function chunkOf(file: RangeFile, group: RowGroup, name: string): ColumnMetaData {
  const found = group.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name);
  if (found?.meta_data === undefined || found.file_path !== undefined) {
    throw new FlyteError("InvalidInput", `${file.uri} has a row group without the column "${name}"`);
  }
  return found.meta_data;
}

/** Rows of a batch: fewer where a column's values are long. */
function batchRows(group: RowGroup, total: number, columns: readonly ReadableColumn[]): number {
  let rows = Math.min(rowsPerBatch, Math.max(1, total));
  for (const { name, type } of columns) {
    if (type !== "string" && type !== "binary") continue;
    const size = Number(
      group.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name)?.meta_data
        ?.total_uncompressed_size ?? 0,
    );
    rows = Math.min(rows, Math.max(1, Math.floor((bytesPerBatch * total) / Math.max(1, size))));
  }
  return rows;
}
