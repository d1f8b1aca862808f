import { parquetHeader } from "hyparquet/src/column.js";
import type { PageHeader } from "hyparquet/src/types.js";
import { decompress } from "./decompression.ts";
import { decodeHybrid } from "./hybrid-decoder.ts";
import { decodeValues, type PageValues, type PhysicalElement, plainValues } from "./page-values.ts";
import { CorruptFileError } from "./parquet-error.ts";

/** The levels of a page's entries; undefined where all of them are 0, as the schema says. */
interface Levels {
  readonly definition: Uint8Array | undefined;
  readonly repetition: Uint8Array | undefined;
}

/** A page. Without nesting an entry is a row. */
export interface DecodedPage extends Levels {
  readonly entries: number;
  /** How many entries have a value; the others have none (NULL). */
  readonly present: number;
  readonly values: PageValues;
  /** What `values` points into where it holds indices. */
  readonly dictionary: PageValues | undefined;
}

/** How a column chunk's pages are stored. */
export interface ChunkLayout {
  readonly element: PhysicalElement;
  readonly codec: string;
  /** Entries of all pages together. */
  readonly entries: number;
  /** The definition level of a value; lower ones are NULLs of some depth. */
  readonly maxDefinition: number;
  readonly maxRepetition: number;
}

/** Decodes the pages of a column chunk, one after another. */
export function* decodePages(chunk: Uint8Array, layout: ChunkLayout): Generator<DecodedPage> {
  const reader = { view: new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength), offset: 0 };
  let dictionary: PageValues | undefined;
  for (let entries = 0; entries < layout.entries; ) {
    const header = parquetHeader(reader);
    const end = reader.offset + header.compressed_page_size;
    if (!(header.compressed_page_size >= 0 && end <= chunk.length && header.uncompressed_page_size >= 0)) {
      throw new CorruptFileError(`a page of ${header.compressed_page_size} bytes passes its column chunk`);
    }
    const body = chunk.subarray(reader.offset, end);
    reader.offset = end;
    if (header.type === "DICTIONARY_PAGE") dictionary = dictionaryPage(header, body, layout);
    else if (header.type === "DATA_PAGE" || header.type === "DATA_PAGE_V2") {
      const decode = header.type === "DATA_PAGE" ? dataPage : dataPageV2;
      const page = decode(header, body, layout, layout.entries - entries);
      checkIndices(page.values, dictionary);
      yield { ...page, dictionary };
      entries += page.entries;
    }
  }
}

function dictionaryPage(header: PageHeader, body: Uint8Array, { element, codec }: ChunkLayout): PageValues {
  const count = header.dictionary_page_header?.num_values;
  if (count === undefined || count < 0) throw new CorruptFileError("a dictionary page without a count");
  return plainValues(decompress(codec, body, header.uncompressed_page_size), element, count);
}

function dataPage(header: PageHeader, body: Uint8Array, layout: ChunkLayout, most: number): DecodedPage {
  const page = header.data_page_header;
  if (page === undefined) throw new CorruptFileError("a data page without its header");
  const entries = checkedEntries(page.num_values, most);
  const bytes = decompress(layout.codec, body, header.uncompressed_page_size);
  let at = 0;
  const next = (most: number, encoding: string): Uint8Array | undefined => {
    if (most === 0) return undefined;
    if (encoding !== "RLE") throw new CorruptFileError(`levels in the encoding ${encoding}`);
    if (bytes.length < at + 4) throw new CorruptFileError("a data page without its levels");
    const start = at + 4;
    at = start + new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
    if (at > bytes.length) throw new CorruptFileError("levels pass their page");
    return levels(bytes, start, at, most, entries);
  };
  const repetition = next(layout.maxRepetition, page.repetition_level_encoding);
  const definition = next(layout.maxDefinition, page.definition_level_encoding);
  return withValues(entries, { definition, repetition }, bytes.subarray(at), page.encoding, layout);
}

function dataPageV2(header: PageHeader, body: Uint8Array, layout: ChunkLayout, most: number): DecodedPage {
  const page = header.data_page_header_v2;
  if (page === undefined) throw new CorruptFileError("a data page without its header");
  const entries = checkedEntries(page.num_values, most);
  const middle = page.repetition_levels_byte_length;
  const at = middle + page.definition_levels_byte_length;
  if (!(middle >= 0 && at >= middle && at <= body.length)) throw new CorruptFileError("levels pass their page");
  const { maxRepetition, maxDefinition } = layout;
  const repetition = maxRepetition === 0 ? undefined : levels(body, 0, middle, maxRepetition, entries);
  const definition = maxDefinition === 0 ? undefined : levels(body, middle, at, maxDefinition, entries);
  const rest = body.subarray(at);
  const size = header.uncompressed_page_size - at;
  const bytes = page.is_compressed === false ? rest : decompress(layout.codec, rest, size);
  return withValues(entries, { definition, repetition }, bytes, page.encoding, layout);
}

function withValues(
  entries: number,
  { definition, repetition }: Levels,
  bytes: Uint8Array,
  encoding: string,
  { element, maxDefinition }: ChunkLayout,
): DecodedPage {
  let present = entries;
  if (definition !== undefined) {
    present = 0;
    for (let entry = 0; entry < entries; entry++) if (definition[entry] === maxDefinition) present++;
  }
  const values = decodeValues(bytes, encoding, element, present);
  return { entries, present, definition, repetition, values, dictionary: undefined };
}

function levels(bytes: Uint8Array, start: number, end: number, most: number, entries: number): Uint8Array {
  const decoded = new Uint8Array(entries);
  decodeHybrid(bytes, start, end, 32 - Math.clz32(most), decoded, entries);
  return decoded;
}

/** No writer makes pages of more entries; a damaged header must not have gigabytes reserved. */
const mostEntries = 2 ** 27;

function checkedEntries(entries: number, most: number): number {
  if (entries >= 0 && entries <= Math.min(most, mostEntries)) return entries;
  throw new CorruptFileError(`a page of ${entries} entries where at most ${most} are left`);
}

function checkIndices(values: PageValues, dictionary: PageValues | undefined): void {
  if (!("kind" in values) || values.kind !== "indices") return;
  const size = dictionary === undefined ? 0 : lengthOf(dictionary);
  for (const index of values.values) {
    if (index < 0 || index >= size)
      throw new CorruptFileError(`the index ${index} into a dictionary of ${size} values`);
  }
}

const lengthOf = (values: PageValues): number => ("kind" in values ? values.values.length : values.length);
