import { parquetHeader } from "hyparquet/src/column.js";
import type { PageHeader } from "hyparquet/src/types.js";
import { decompress } from "./decompression.ts";
import { decodeHybrid } from "./hybrid-decoder.ts";
import { decodeValues, type PageValues, type PhysicalElement, plainValues } from "./page-values.ts";
import { CorruptFileError } from "./parquet-error.ts";

/** A page of a column without nested values. */
export interface DecodedPage {
  readonly rows: number;
  /** 1 for every row with a value, 0 for NULL; undefined where there is no NULL. */
  readonly present: Uint8Array | undefined;
  readonly values: PageValues;
  /** What `values` points into where it holds indices. */
  readonly dictionary: PageValues | undefined;
}

/** How a column chunk's pages are stored. */
export interface ChunkLayout {
  readonly element: PhysicalElement;
  readonly optional: boolean;
  readonly codec: string;
  readonly rows: number;
}

/** Decodes the pages of a column chunk, one after another. */
export function* decodePages(chunk: Uint8Array, layout: ChunkLayout): Generator<DecodedPage> {
  const reader = { view: new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength), offset: 0 };
  let dictionary: PageValues | undefined;
  for (let rows = 0; rows < layout.rows; ) {
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
      const page = decode(header, body, layout, layout.rows - rows);
      checkIndices(page.values, dictionary);
      yield { ...page, dictionary };
      rows += page.rows;
    }
  }
}

function dictionaryPage(header: PageHeader, body: Uint8Array, { element, codec }: ChunkLayout): PageValues {
  const count = header.dictionary_page_header?.num_values;
  if (count === undefined || count < 0) throw new CorruptFileError("a dictionary page without a count");
  return plainValues(decompress(codec, body, header.uncompressed_page_size), element, count);
}

function dataPage(
  header: PageHeader,
  body: Uint8Array,
  layout: ChunkLayout,
  most: number,
): Omit<DecodedPage, "dictionary"> {
  const page = header.data_page_header;
  if (page === undefined) throw new CorruptFileError("a data page without its header");
  const rows = checkedRows(page.num_values, most);
  const bytes = decompress(layout.codec, body, header.uncompressed_page_size);
  let at = 0;
  let present: Uint8Array | undefined;
  if (layout.optional) {
    if (page.definition_level_encoding !== "RLE") {
      throw new CorruptFileError(`definition levels in the encoding ${page.definition_level_encoding}`);
    }
    if (bytes.length < 4) throw new CorruptFileError("a data page without definition levels");
    at = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    if (at > bytes.length) throw new CorruptFileError("definition levels pass their page");
    present = levels(bytes, 4, at, rows);
  }
  return withValues(rows, present, bytes.subarray(at), page.encoding, layout);
}

function dataPageV2(
  header: PageHeader,
  body: Uint8Array,
  layout: ChunkLayout,
  most: number,
): Omit<DecodedPage, "dictionary"> {
  const page = header.data_page_header_v2;
  if (page === undefined) throw new CorruptFileError("a data page without its header");
  const rows = checkedRows(page.num_values, most);
  const repetition = page.repetition_levels_byte_length;
  const at = repetition + page.definition_levels_byte_length;
  if (!(repetition >= 0 && at >= repetition && at <= body.length)) throw new CorruptFileError("levels pass their page");
  const present = layout.optional ? levels(body, repetition, at, rows) : undefined;
  const rest = body.subarray(at);
  const values =
    page.is_compressed === false ? rest : decompress(layout.codec, rest, header.uncompressed_page_size - at);
  return withValues(rows, present, values, page.encoding, layout);
}

function withValues(
  rows: number,
  present: Uint8Array | undefined,
  bytes: Uint8Array,
  encoding: string,
  { element }: ChunkLayout,
): Omit<DecodedPage, "dictionary"> {
  let count = rows;
  if (present !== undefined) {
    count = 0;
    for (let row = 0; row < rows; row++) count += present[row] as number;
  }
  return { rows, present: count === rows ? undefined : present, values: decodeValues(bytes, encoding, element, count) };
}

function levels(bytes: Uint8Array, start: number, end: number, rows: number): Uint8Array {
  const present = new Uint8Array(rows);
  decodeHybrid(bytes, start, end, 1, present, rows);
  return present;
}

/** No writer makes pages of more rows; a damaged header must not have gigabytes reserved. */
const mostRows = 2 ** 27;

function checkedRows(rows: number, most: number): number {
  if (rows >= 0 && rows <= Math.min(most, mostRows)) return rows;
  throw new CorruptFileError(`a page of ${rows} rows where at most ${most} are left`);
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
