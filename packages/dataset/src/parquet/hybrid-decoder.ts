import { CorruptFileError } from "./parquet-error.ts";

/**
 * Decodes `count` numbers of `width` bits (at most 32) in Parquet's hybrid of runs and bit-packing ("RLE" in the
 * format's Encodings.md), which stand in `bytes` between `start` and `end`.
 */
export function decodeHybrid(
  bytes: Uint8Array,
  start: number,
  end: number,
  width: number,
  out: Uint8Array | Int32Array,
  count: number,
): void {
  if (width > 32) throw new CorruptFileError(`numbers of ${width} bits`);
  let at = start;
  let done = 0;
  while (done < count) {
    let header = 0;
    for (let shift = 1; ; shift *= 128) {
      if (at >= end) throw new CorruptFileError("a run of levels or dictionary indices ends too early");
      const byte = bytes[at++] as number;
      header += (byte & 0x7f) * shift;
      if (byte < 0x80) break;
    }
    if ((header & 1) === 0) {
      const length = Math.min(Math.floor(header / 2), count - done);
      if (length === 0) throw new CorruptFileError("an empty run of levels or dictionary indices");
      let value = 0;
      for (let shift = 0; shift < width; shift += 8) value |= (bytes[at++] ?? 0) << shift;
      if (at > end) throw new CorruptFileError("a run of levels or dictionary indices ends too early");
      out.fill(value, done, done + length);
      done += length;
      continue;
    }
    const length = Math.min(Math.floor(header / 2) * 8, count - done);
    // Writers may leave out the bytes of the padding after the last value.
    if (at + Math.ceil((length * width) / 8) > end) {
      throw new CorruptFileError("bit-packed levels or dictionary indices end too early");
    }
    unpack(bytes, at, width, out, done, length);
    at += Math.floor(header / 2) * width;
    done += length;
  }
}

/** Takes `count` numbers of `width` bits out of `bytes` from `start` on, the lowest bits first. */
function unpack(
  bytes: Uint8Array,
  start: number,
  width: number,
  out: Uint8Array | Int32Array,
  from: number,
  count: number,
): void {
  if (width === 1) {
    for (let i = 0; i < count; i++) out[from + i] = ((bytes[start + (i >> 3)] as number) >> (i & 7)) & 1;
    return;
  }
  const size = 2 ** width;
  let at = start;
  let bits = 0;
  let held = 0;
  // Held bits never pass 39, which a number holds exactly; bit operators would cut them at 32.
  for (let i = 0; i < count; i++) {
    while (held < width) {
      bits += (bytes[at++] as number) * 2 ** held;
      held += 8;
    }
    const rest = Math.floor(bits / size);
    out[from + i] = bits - rest * size;
    bits = rest;
    held -= width;
  }
}
