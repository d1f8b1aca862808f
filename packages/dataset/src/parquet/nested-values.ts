import { assembleLists, assembleNested } from "hyparquet/src/assemble.js";
import { DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from "hyparquet/src/schema.js";
import type { ColumnMetaData, DecodedArray, RowGroup, SchemaTree } from "hyparquet/src/types.js";
import { ColumnBuffers } from "./column-cursor.ts";
import { decodePages } from "./page-decoder.ts";
import { CorruptFileError, readable } from "./parquet-error.ts";
import type { RangeFile } from "./range-file.ts";
import { leafColumn, type NestedColumn } from "./readable-column.ts";
import { storeOf } from "./value-store.ts";

/** The values of a nested column in one row group, whole in memory, as JSON texts; undefined for NULL. */
export async function nestedValues(
  file: RangeFile,
  group: RowGroup,
  { name, tree }: NestedColumn,
): Promise<readonly (string | undefined)[]> {
  const leaves = new Map<string, DecodedArray>();
  const chunks = readable(file.uri, () =>
    group.columns.flatMap(({ meta_data: chunk }) => (chunk?.path_in_schema[0] === name ? [chunk] : [])),
  );
  for (const chunk of chunks) {
    const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
    const bytes = await file.read(start, start + Number(chunk.total_compressed_size));
    readable(file.uri, () => leaves.set(chunk.path_in_schema.join("."), leafLists(bytes, chunk, tree)));
  }
  return readable(file.uri, () => {
    if (tree.children.length > 0) assembleNested(leaves, tree, DEFAULT_PARSERS);
    const rows = leaves.get(name);
    if (rows?.length !== Number(group.num_rows)) {
      throw new CorruptFileError(`column "${name}" has ${rows?.length ?? 0} rows in a row group of ${group.num_rows}`);
    }
    return Array.from(rows as ArrayLike<unknown>, (row) => (isNothing(row) ? undefined : jsonText(row)));
  });
}

/** The values of a leaf, in lists as its levels say. */
function leafLists(bytes: Uint8Array, chunk: ColumnMetaData, column: SchemaTree): DecodedArray {
  const path = pathTo(column, chunk.path_in_schema.slice(1));
  const { element } = path.at(-1) ?? column;
  const layout = {
    element,
    codec: chunk.codec,
    entries: Number(chunk.num_values),
    maxDefinition: getMaxDefinitionLevel(path),
    maxRepetition: getMaxRepetitionLevel(path),
  };
  const definition: number[] = [];
  const repetition: number[] = [];
  const values: unknown[] = [];
  for (const page of decodePages(bytes, layout)) {
    if (page.definition !== undefined) for (const level of page.definition) definition.push(level);
    if (page.repetition !== undefined) for (const level of page.repetition) repetition.push(level);
    const leaf = leafColumn(element);
    const buffers = new ColumnBuffers(leaf.type, page.present);
    const { target } = buffers.begin();
    const store = page.present === 0 ? () => {} : storeOf(leaf, page.values, page.dictionary, target);
    for (let at = 0; at < page.present; at++) {
      store(at, at);
      values.push(leafValue(leaf.type, target[at]));
    }
  }
  return assembleLists([], definition, repetition, values, path);
}

/** The schema from its root (which counts for no level) to a leaf. */
function pathTo(column: SchemaTree, names: readonly string[]): SchemaTree[] {
  const root: SchemaTree = {
    children: [column],
    count: 0,
    element: { name: "", repetition_type: "REQUIRED" },
    path: [],
  };
  const path = [root, column];
  let tree = column;
  for (const name of names) {
    const child = tree.children.find(({ element }) => element.name === name);
    if (child === undefined) throw new CorruptFileError(`no schema for the column "${names.join(".")}"`);
    path.push(child);
    tree = child;
  }
  return path;
}

/** What stands in JSON: times as ISO texts, durations in microseconds. */
function leafValue(type: string, value: unknown): unknown {
  if (type === "boolean") return value === 1;
  const ms = type === "datetime" ? Number(value) / 1000 : type === "date" ? Number(value) * 86_400_000 : undefined;
  if (ms === undefined) return value;
  const date = new Date(Math.floor(ms));
  if (Number.isNaN(date.getTime())) return String(value);
  return type === "date" ? date.toISOString().slice(0, 10) : date.toISOString();
}

const isNothing = (value: unknown): boolean => value === null || value === undefined;

/** JSON with exact integers and bytes in base64. */
function jsonText(value: unknown): string {
  if (isNothing(value)) return "null";
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString("base64"));
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value as object)
    .map(([key, item]) => `${JSON.stringify(key)}:${jsonText(item)}`)
    .join(",")}}`;
}
