import {
  type ColumnSchema,
  type DatasetFormatContext,
  type DatasetReader,
  FlyteError,
  type RecordBatch,
} from "@flyte-ts/core/plugin";
import { type DatasetFile, datasetFiles } from "../dataset-files.ts";
import { csvVector, TextInference } from "./csv-columns.ts";
import { csvFileName } from "./csv-file-name.ts";
import { type CsvCell, csvRecords } from "./csv-parser.ts";

/** Rows in a batch, at least. */
const batchRows = 8192;

/**
 * Opens the CSV dataset at `uri`. The types of its columns are the declared ones; without a declaration all files are read
 * once to find them.
 */
export async function openCsv(
  uri: string,
  context: DatasetFormatContext,
  declared: readonly ColumnSchema[] | undefined,
): Promise<DatasetReader> {
  const files = await datasetFiles(uri, context, [csvFileName]);
  const columns = declared === undefined ? await inferred(files, context) : await present(files, declared, context);
  return {
    columns,
    rows: undefined,
    async *batches(options = {}) {
      const names = options.columns ?? columns.map(({ name }) => name);
      const wanted = names.map(
        (name) => columns.find((column) => column.name === name) ?? { name, type: "string" as const },
      );
      let row = 0;
      for (const file of files) {
        for await (const { header, records } of recordsOf(file, context, batchRows)) {
          const places = wanted.map(({ name }) => placeOf(header, name, file));
          const batch: RecordBatch = {
            length: records.length,
            columns: wanted.map((column, at) => csvVector(records, places[at] as number, column, row)),
          };
          row += records.length;
          yield batch;
        }
      }
    },
  };
}

/** Records of a file below its header, some at a time. */
interface Records {
  readonly header: readonly string[];
  readonly records: readonly (readonly CsvCell[])[];
}

async function* recordsOf(
  { uri }: DatasetFile,
  { storage, signal }: DatasetFormatContext,
  atLeast: number,
): AsyncGenerator<Records> {
  let header: readonly string[] | undefined;
  let records: CsvCell[][] = [];
  let row = 0;
  for await (const found of csvRecords(uri, storage.read(uri, { signal }))) {
    for (const record of found) {
      if (header === undefined) {
        header = headerOf(record, uri);
        continue;
      }
      if (record.length !== header.length) {
        throw new FlyteError(
          "InvalidInput",
          `row ${row} (from 0) of ${uri} has ${record.length} values, and the header ${header.length}`,
        );
      }
      records.push(record);
      row++;
    }
    if (header === undefined || records.length < atLeast) continue;
    yield { header, records };
    records = [];
  }
  // the header alone says the columns of a dataset without rows
  if (header !== undefined && (records.length > 0 || row === 0)) yield { header, records };
}

function headerOf(record: readonly CsvCell[], uri: string): readonly string[] {
  const names = record.map((cell) => cell ?? "");
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return names;
  throw new FlyteError("Unsupported", `${uri} has two columns called "${twice}"`);
}

function placeOf(header: readonly string[], name: string, { uri }: DatasetFile): number {
  const place = header.indexOf(name);
  if (place !== -1) return place;
  throw new FlyteError("InvalidInput", `${uri} has no column "${name}"; it has ${header.join(", ")}`);
}

async function inferred(files: readonly DatasetFile[], context: DatasetFormatContext): Promise<ColumnSchema[]> {
  const columns = new Map<string, TextInference>();
  for (const [index, file] of files.entries()) {
    for await (const { header, records } of recordsOf(file, context, batchRows)) {
      if (index === 0) for (const name of header) if (!columns.has(name)) columns.set(name, new TextInference());
      for (const [name, inference] of columns) {
        const place = placeOf(header, name, file);
        for (const record of records) inference.add(record[place] ?? null);
      }
    }
  }
  return [...columns].map(([name, { type }]) => ({ name, type }));
}

/** The columns of the first file; those that nobody has declared are texts. */
async function present(
  files: readonly DatasetFile[],
  declared: readonly ColumnSchema[],
  context: DatasetFormatContext,
): Promise<ColumnSchema[]> {
  const [first] = files;
  if (first === undefined) return [];
  for await (const { header } of recordsOf(first, context, 0)) {
    return header.map((name) => ({ name, type: declared.find((column) => column.name === name)?.type ?? "string" }));
  }
  return [];
}
