import { CorruptFileError } from "./parquet-error.ts";

/** No element of the format makes more than this of a byte: a copy of 64 bytes takes three. */
const greatestRatio = 22;
/** Copies up to this length are faster byte by byte than by a call. */
const shortCopy = 16;

/**
 * Decompresses a block of Snappy (github.com/google/snappy, format_description.txt) of which `size` bytes are expected.
 * Whatever the input is, the time is bounded by its length and `size`.
 */
export function snappyDecompress(input: Uint8Array, size: number): Uint8Array {
  const source = new Source(input);
  if (source.varint() !== size || size > input.length * greatestRatio)
    throw new CorruptFileError("a Snappy block of another size");
  const output = new Uint8Array(size);
  let end = 0;
  while (!source.ended) {
    const tag = source.integer(1);
    const kind = tag & 3;
    if (kind === 0) {
      const length = tag >>> 2 < 60 ? (tag >>> 2) + 1 : source.integer((tag >>> 2) - 59) + 1;
      if (length > size - end) throw new CorruptFileError("a Snappy block that is too long");
      source.copyTo(output, end, length);
      end += length;
      continue;
    }
    const length = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    const offset = kind === 1 ? ((tag >>> 5) << 8) | source.integer(1) : source.integer(kind === 2 ? 2 : 4);
    if (offset === 0 || offset > end) throw new CorruptFileError("a Snappy block that copies from before its start");
    if (length > size - end) throw new CorruptFileError("a Snappy block that is too long");
    // What is copied may reach into what the copy writes, and is repeated then.
    if (offset >= length && length > shortCopy) output.copyWithin(end, end - offset, end - offset + length);
    else for (let i = end; i < end + length; i++) output[i] = output[i - offset] as number;
    end += length;
  }
  if (end !== size) throw new CorruptFileError("a Snappy block that ends too early");
  return output;
}

/** Reads the input; what passes its end is an error. */
class Source {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** An unsigned integer of 1 to 4 bytes, the lowest first. */
  integer(count: number): number {
    this.#need(count);
    let value = 0;
    for (let i = 0; i < count; i++) value |= (this.#bytes[this.#at++] as number) << (8 * i);
    return value >>> 0;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
      const byte = this.integer(1);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new CorruptFileError("a Snappy block without its size");
  }

  copyTo(output: Uint8Array, start: number, length: number): void {
    this.#need(length);
    const from = this.#at;
    this.#at += length;
    if (length > shortCopy) output.set(this.#bytes.subarray(from, this.#at), start);
    else for (let i = 0; i < length; i++) output[start + i] = this.#bytes[from + i] as number;
  }

  #need(count: number): void {
    if (count > this.#bytes.length - this.#at) throw new CorruptFileError("a Snappy block that is cut off");
  }
}
