import {
  type ColumnSchema,
  type DatasetFormatContext,
  type DatasetReader,
  FlyteError,
  type RecordBatch,
} from "@flyte-ts/core/plugin";
import { parquetMetadataAsync, parquetSchema } from "hyparquet/src/metadata.js";
import type { FileMetaData } from "hyparquet/src/types.js";
import { type DatasetFile, datasetFiles } from "../dataset-files.ts";
import { arrowDurations, arrowSchemaKey } from "./arrow-schema.ts";
import { readable } from "./parquet-error.ts";
import { RangeFile } from "./range-file.ts";
import { type ReadableColumn, readableColumns } from "./readable-column.ts";
import { rowGroupBatches } from "./row-group-reader.ts";

/** A file whose footer has been read. */
interface OpenFile {
  readonly file: RangeFile;
  readonly metadata: FileMetaData;
  readonly columns: readonly ReadableColumn[];
}

/** Opens the dataset at `uri`: reads the footer of its first file, whose columns all others must have. */
export async function openParquet(uri: string, context: DatasetFormatContext): Promise<DatasetReader> {
  const [first, ...others] = await datasetFiles(uri, context);
  if (first === undefined) throw new FlyteError("NotFound", `there is no dataset at ${uri}`);
  const opened = await openFile(first, context);
  const columns = opened.columns.map(({ name, type }): ColumnSchema => ({ name, type }));
  return {
    columns,
    rows: others.length === 0 ? Number(opened.metadata.num_rows) : undefined,
    async *batches(options = {}) {
      const names = options.columns ?? columns.map(({ name }) => name);
      yield* fileBatches(opened, columnsOf(opened, names), context);
      for (const other of others) {
        const next = await openFile(other, context);
        const chosen = columnsOf(next, names);
        checkSame(next.file.uri, chosen, columnsOf(opened, names), opened.file.uri);
        yield* fileBatches(next, chosen, context);
      }
    },
  };
}

async function* fileBatches(
  { file, metadata }: OpenFile,
  columns: readonly ReadableColumn[],
  { signal }: DatasetFormatContext,
): AsyncGenerator<RecordBatch> {
  for (const group of metadata.row_groups) {
    signal?.throwIfAborted();
    yield* rowGroupBatches(file, group, columns);
  }
}

async function openFile({ uri, size }: DatasetFile, context: DatasetFormatContext): Promise<OpenFile> {
  const file = await RangeFile.open(uri, size, context);
  const metadata = await footerOf(file);
  const columns = readable(uri, () => {
    const arrow = metadata.key_value_metadata?.find(({ key }) => key === arrowSchemaKey)?.value;
    return readableColumns(parquetSchema(metadata), arrow === undefined ? new Map() : arrowDurations(arrow));
  });
  const twice = columns.find(({ name }, at) => columns.findIndex((column) => column.name === name) !== at);
  if (twice !== undefined) throw new FlyteError("Unsupported", `${uri} has two columns called "${twice.name}"`);
  return { file, metadata, columns };
}

async function footerOf(file: RangeFile): Promise<FileMetaData> {
  if (file.size < 12) {
    throw new FlyteError("InvalidInput", `${file.uri} is no Parquet file: it has ${file.size} bytes`);
  }
  let failed: { readonly error: unknown } | undefined;
  const slice = async (start: number, end?: number): Promise<ArrayBuffer> => {
    try {
      const bytes = await file.read(start, end ?? file.size);
      return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
    } catch (error) {
      failed = { error };
      throw error;
    }
  };
  try {
    return await parquetMetadataAsync({ byteLength: file.size, slice }, { geoparquet: false });
  } catch (error) {
    // What the storage says is not the file's fault.
    if (failed !== undefined) throw failed.error;
    return readable(file.uri, () => {
      throw error;
    });
  }
}

function columnsOf({ file, columns }: OpenFile, names: readonly string[]): readonly ReadableColumn[] {
  return names.map((name) => {
    const found = columns.find((column) => column.name === name);
    if (found !== undefined) return found;
    const known = columns.map((column) => column.name).join(", ");
    throw new FlyteError(
      "InvalidInput",
      `${file.uri} has no column "${name}"; it has ${known === "" ? "none" : known}`,
    );
  });
}

function checkSame(
  uri: string,
  columns: readonly ReadableColumn[],
  wanted: readonly ReadableColumn[],
  first: string,
): void {
  columns.forEach(({ name, type }, at) => {
    const other = wanted[at]?.type;
    if (type === other) return;
    throw new FlyteError("InvalidType", `column "${name}" is ${type} in ${uri} and ${other} in ${first}`);
  });
}
