import type { ColumnType, Vector } from "@flyte-ts/core/plugin";
import { FlyteError } from "@flyte-ts/core/plugin";
import type { PageBuffer } from "./page-buffer.ts";

/** Strings up to this length are tried as ASCII here; a call out of JavaScript costs more than writing them. */
const shortString = 64;
const longString = 1 << 16;
/** The format keeps sizes of pages in 32 bits with a sign. */
const largestValue = 2 ** 31 - 2 ** 20;

/** Appends the rows `from` to `to` of a vector to a page, as PLAIN values; NULLs have none. */
export type Appender = (page: PageBuffer, vector: Vector, from: number, to: number) => void;

/** The appender for a column's vectors. */
export function appenderOf(type: ColumnType): Appender {
  switch (type) {
    case "integer":
    case "datetime":
    case "duration":
    case "float":
      return appendWords64;
    case "date":
      return appendDates;
    case "boolean":
      return appendBooleans;
    case "string":
      return appendStrings;
    case "binary":
      return appendBinaries;
  }
}

/** Values of 8 bytes, as they stand in memory: the format and every machine that Node is built for are little-endian. */
function appendWords64(page: PageBuffer, vector: Vector, from: number, to: number): void {
  const values = vector.values as BigInt64Array | Float64Array;
  const count = to - from - page.addRows(vector.nulls, from, to);
  page.reserve(count * 8);
  if (count === to - from) {
    page.bytes.set(new Uint8Array(values.buffer, values.byteOffset + from * 8, count * 8), page.end);
  } else {
    const nulls = vector.nulls as Uint8Array;
    const source = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    const { words } = page;
    let at = page.end >> 2;
    for (let row = from; row < to; row++) {
      if (nulls[row] === 1) continue;
      words[at++] = source[2 * row] as number;
      words[at++] = source[2 * row + 1] as number;
    }
  }
  page.end += count * 8;
}

function appendDates(page: PageBuffer, vector: Vector, from: number, to: number): void {
  const values = vector.values as Int32Array;
  const count = to - from - page.addRows(vector.nulls, from, to);
  page.reserve(count * 4);
  let at = page.end >> 2;
  for (let row = from; row < to; row++) {
    if (vector.nulls?.[row] !== 1) page.words[at++] = values[row] as number;
  }
  page.end += count * 4;
}

/** One bit a value, the lowest first. */
function appendBooleans(page: PageBuffer, vector: Vector, from: number, to: number): void {
  const values = vector.values as Uint8Array;
  let at = page.rows - page.nullCount;
  const start = page.end - Math.ceil(at / 8);
  page.addRows(vector.nulls, from, to);
  page.reserve(to - from);
  const { bytes } = page;
  for (let row = from; row < to; row++) {
    if (vector.nulls?.[row] === 1) continue;
    const byte = start + (at >> 3);
    const bit = values[row] === 0 ? 0 : 1 << (at & 7);
    bytes[byte] = (at & 7) === 0 ? bit : (bytes[byte] as number) | bit;
    at++;
  }
  page.end = start + Math.ceil(at / 8);
}

function appendStrings(page: PageBuffer, vector: Vector, from: number, to: number): void {
  const values = vector.values as readonly string[];
  page.addRows(vector.nulls, from, to);
  for (let row = from; row < to; row++) {
    if (vector.nulls?.[row] === 1) continue;
    const value = values[row] as string;
    // A UTF-16 unit takes at most three bytes in UTF-8; only for a long text is it worth while to count them.
    page.reserve(4 + (value.length < longString ? value.length * 3 : Buffer.byteLength(value)));
    const written = writeText(page.bytes, page.end + 4, value);
    writeLength(page.bytes, page.end, written);
    page.end += 4 + written;
  }
}

/** Writes text in UTF-8 (a lone surrogate as U+FFFD) and returns its bytes. */
function writeText(bytes: Buffer, at: number, value: string): number {
  const { length } = value;
  if (length > shortString) return bytes.write(value, at);
  for (let i = 0; i < length; i++) {
    const code = value.charCodeAt(i);
    if (code > 0x7f) return bytes.write(value, at);
    bytes[at + i] = code;
  }
  return length;
}

function appendBinaries(page: PageBuffer, vector: Vector, from: number, to: number): void {
  const values = vector.values as readonly Uint8Array[];
  page.addRows(vector.nulls, from, to);
  for (let row = from; row < to; row++) {
    if (vector.nulls?.[row] === 1) continue;
    const value = values[row] as Uint8Array;
    if (value.byteLength > largestValue) {
      throw new FlyteError(
        "TooLarge",
        `a value has ${value.byteLength} bytes; Parquet takes ${largestValue} in one value`,
      );
    }
    page.reserve(4 + value.byteLength);
    writeLength(page.bytes, page.end, value.byteLength);
    page.bytes.set(value, page.end + 4);
    page.end += 4 + value.byteLength;
  }
}

function writeLength(bytes: Buffer, at: number, length: number): void {
  bytes[at] = length;
  bytes[at + 1] = length >>> 8;
  bytes[at + 2] = length >>> 16;
  bytes[at + 3] = length >>> 24;
}
