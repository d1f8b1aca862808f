/**
 * For authors of workflows.
 * @module
 */
export { type AnyRow, Dataset, type DatasetOptions, type OpenDatasetOptions } from "./dataset/dataset.ts";
export type { CellValue, NativeColumn } from "./dataset/native-column.ts";
export type { ColumnSchema, ColumnType, RecordBatch, Vector } from "./dataset/record-batch.ts";
export type { DatasetContext } from "./dataset/stored-source.ts";
export { FlyteError, type FlyteErrorCode, type FlyteErrorKind, type FlyteErrorOptions } from "./errors/flyte-error.ts";
