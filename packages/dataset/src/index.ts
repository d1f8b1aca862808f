/**
 * The dataset formats.
 * @module
 */
import type { DatasetFormatLoader } from "@flyte-ts/core/plugin";

/** The formats by the names that `StructuredDatasetType.format` carries, each loaded when it is first used. */
export const formats: Readonly<Record<string, DatasetFormatLoader>> = {
  parquet: async () => (await import("./parquet/parquet-format.ts")).parquetFormat,
  csv: async () => (await import("./csv/csv-format.ts")).csvFormat,
};
