import type { NativeColumn } from "./native-column.ts";
import type { RecordBatch } from "./record-batch.ts";

/** Where the rows of a dataset come from. */
export interface BatchSource {
  /** The columns, without reading more than that takes. */
  columns(): Promise<readonly NativeColumn[]>;
  /** The rows of the named columns (all by default), in the order asked for. Throws `InvalidInput` for an unknown name. */
  batches(names?: readonly string[]): AsyncIterable<RecordBatch>;
}
