import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from "hyparquet/src/delta.js";
import { byteStreamSplit } from "hyparquet/src/encoding.js";
import { decodeHybrid } from "./hybrid-decoder.ts";
import { CorruptFileError } from "./parquet-error.ts";

/** The values of a page or dictionary that are not NULL, as they are stored. */
export type PageValues =
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array
  | { readonly kind: "booleans"; readonly values: Uint8Array }
  | { readonly kind: "bytes"; readonly values: ByteValues }
  | { readonly kind: "indices"; readonly values: Int32Array };

/** Texts or bytes, made one by one when they are asked for. */
export interface ByteValues {
  readonly length: number;
  bytes(index: number): Uint8Array;
  text(index: number): string;
}

/** The part of a schema element that says how values are stored. */
export interface PhysicalElement {
  readonly type?: string;
  readonly type_length?: number;
}

/** Decodes `count` values in the encoding that hyparquet's metadata name. */
export function decodeValues(bytes: Uint8Array, encoding: string, element: PhysicalElement, count: number): PageValues {
  const { type = "" } = element;
  switch (encoding) {
    case "PLAIN":
      return plainValues(bytes, element, count);
    case "PLAIN_DICTIONARY":
    case "RLE_DICTIONARY": {
      const values = new Int32Array(count);
      if (count > 0) decodeHybrid(bytes, 1, bytes.length, bytes[0] ?? 0, values, count);
      return { kind: "indices", values };
    }
    case "RLE": {
      if (type !== "BOOLEAN") break;
      const values = new Uint8Array(count);
      if (count > 0) decodeHybrid(bytes, 4, bytes.length, 1, values, count);
      return { kind: "booleans", values };
    }
    case "DELTA_BINARY_PACKED": {
      if (type !== "INT32" && type !== "INT64") break;
      const values = type === "INT32" ? new Int32Array(count) : new BigInt64Array(count);
      if (count > 0) deltaBinaryUnpack(readerOf(bytes), count, values);
      return values;
    }
    case "DELTA_LENGTH_BYTE_ARRAY":
    case "DELTA_BYTE_ARRAY": {
      const values: Uint8Array[] = new Array(count);
      const decode = encoding === "DELTA_BYTE_ARRAY" ? deltaByteArray : deltaLengthByteArray;
      if (count > 0) decode(readerOf(bytes), count, values);
      return { kind: "bytes", values: listed(values) };
    }
    case "BYTE_STREAM_SPLIT": {
      need(bytes, count * widthOf(element));
      const values = byteStreamSplit(readerOf(bytes), count, type as "DOUBLE", element.type_length);
      if (Array.isArray(values)) return { kind: "bytes", values: listed(values) };
      return values as Int32Array | BigInt64Array | Float32Array | Float64Array;
    }
  }
  throw new CorruptFileError(`values of type ${type} in the encoding ${encoding}`);
}

/** Decodes `count` PLAIN values; what a dictionary page holds, too. */
export function plainValues(bytes: Uint8Array, element: PhysicalElement, count: number): PageValues {
  const { type } = element;
  switch (type) {
    case "INT32":
      return new Int32Array(aligned(bytes, count * 4));
    case "INT64":
      return new BigInt64Array(aligned(bytes, count * 8));
    case "FLOAT":
      return new Float32Array(aligned(bytes, count * 4));
    case "DOUBLE":
      return new Float64Array(aligned(bytes, count * 8));
    case "BOOLEAN": {
      need(bytes, Math.ceil(count / 8));
      const values = new Uint8Array(count);
      for (let i = 0; i < count; i++) values[i] = ((bytes[i >> 3] as number) >> (i & 7)) & 1;
      return { kind: "booleans", values };
    }
    case "BYTE_ARRAY":
      return { kind: "bytes", values: byteArrays(bytes, count) };
    case "INT96":
    case "FIXED_LEN_BYTE_ARRAY": {
      const width = widthOf(element);
      need(bytes, count * width);
      return {
        kind: "bytes",
        values: spans(
          bytes,
          count,
          (i) => i * width,
          (i) => (i + 1) * width,
        ),
      };
    }
    default:
      throw new CorruptFileError(`values of the unknown type ${type}`);
  }
}

function byteArrays(bytes: Uint8Array, count: number): ByteValues {
  need(bytes, count * 4);
  const ends = new Int32Array(count);
  const starts = new Int32Array(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const length =
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24)) >>>
      0;
    at += 4;
    if (!(at + length <= bytes.length))
      throw new CorruptFileError(`a text or binary of ${length} bytes passes its page`);
    starts[i] = at;
    at += length;
    ends[i] = at;
  }
  return spans(
    bytes,
    count,
    (i) => starts[i] as number,
    (i) => ends[i] as number,
  );
}

/** Values that stand in one run of bytes. */
function spans(
  bytes: Uint8Array,
  length: number,
  start: (index: number) => number,
  end: (index: number) => number,
): ByteValues {
  const buffer = bufferOf(bytes);
  return {
    length,
    bytes: (index) => bytes.subarray(start(index), end(index)),
    text: (index) => buffer.toString("utf8", start(index), end(index)),
  };
}

/** Values that stand each for itself. */
const listed = (values: readonly Uint8Array[]): ByteValues => ({
  length: values.length,
  bytes: (index) => values[index] as Uint8Array,
  text: (index) => bufferOf(values[index] as Uint8Array).toString(),
});

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

const widths: Readonly<Record<string, number>> = { INT32: 4, FLOAT: 4, INT64: 8, DOUBLE: 8, INT96: 12 };

function widthOf({ type = "", type_length }: PhysicalElement): number {
  const width = widths[type] ?? type_length;
  if (width === undefined || width < 0) throw new CorruptFileError(`a column of type ${type} without a width`);
  return width;
}

/** A copy in a buffer of its own: typed arrays ask for aligned addresses. */
function aligned(bytes: Uint8Array, length: number): ArrayBuffer {
  need(bytes, length);
  const copy = new Uint8Array(length);
  copy.set(bytes.subarray(0, length));
  return copy.buffer;
}

function need(bytes: Uint8Array, length: number): void {
  if (bytes.length < length)
    throw new CorruptFileError(`a page has ${bytes.length} bytes of values and needs ${length}`);
}

const readerOf = (bytes: Uint8Array): { view: DataView; offset: number } => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  offset: 0,
});
