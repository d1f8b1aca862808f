import type { Storage } from "../storage/storage.ts";
import type { ColumnSchema, RecordBatch } from "./record-batch.ts";

/** What a format needs from its surroundings. */
export interface DatasetFormatContext {
  readonly storage: Storage;
  readonly signal?: AbortSignal | undefined;
}

/** Rows to write: the columns, and the batches that hold their values in that order. */
export interface DatasetSource {
  readonly columns: readonly ColumnSchema[];
  readonly batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>;
}

/** An open dataset. Nothing but its schema has been read. */
export interface DatasetReader {
  readonly columns: readonly ColumnSchema[];
  /** Rows as a footer counts them; undefined where the format has none. */
  readonly rows: number | undefined;
  /** The rows of the named columns (all by default), in the order asked for; memory does not grow with the rows. */
  batches(options?: { readonly columns?: readonly string[] }): AsyncIterable<RecordBatch>;
}

/**
 * A file format for datasets. A dataset is a folder with one or more files in it (a writer makes one), or a single file:
 * readers take both.
 */
export interface DatasetFormat {
  /** The name that `StructuredDatasetType.format` carries: `parquet`, `csv`. */
  readonly format: string;
  /** Writes the rows below the folder `uri`, streaming. Returns how many rows there were. */
  write(uri: string, source: DatasetSource, context: DatasetFormatContext): Promise<{ readonly rows: number }>;
  /**
   * Opens what stands at `uri`.
   * @param declared the columns as whoever reads has declared them: for a format that does not say the types of its
   * values, such as CSV. All columns that are there are columns of the reader.
   */
  open(uri: string, context: DatasetFormatContext, declared?: readonly ColumnSchema[]): Promise<DatasetReader>;
}
