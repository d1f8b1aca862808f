/** The most rows of a page. */
export const rowsPerPage = 65_536;

/**
 * Room before the values for the definition levels of a full page: a length of 4 bytes, a run's header of at most 4, one
 * bit a row. A multiple of 8, so that the values stand aligned.
 */
const levelRoom = 8 + rowsPerPage / 8 + 8;
const firstCapacity = 1 << 16;
/** A buffer that grew past this for one page of long values is let go after it. */
const keptCapacity = 16 << 20;

/**
 * The bytes of one page before compression: the definition levels (1 where there is a value, 0 for NULL) and then the
 * values. Used again for page after page.
 */
export class PageBuffer {
  /** The bytes; values begin at `valuesStart`. Replaced when `reserve` needs more room. */
  bytes: Buffer = Buffer.from(new ArrayBuffer(firstCapacity));
  /** `bytes` as 32-bit integers. */
  words: Int32Array = new Int32Array(this.bytes.buffer);
  /** Where the next value goes. */
  end: number = levelRoom;
  /** Rows in the page. */
  rows = 0;
  /** NULLs among them. */
  nullCount = 0;
  readonly #present = new Uint8Array(rowsPerPage);

  /** Makes room for `count` more bytes of values. */
  reserve(count: number): void {
    const needed = this.end + count;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.from(new ArrayBuffer(Math.ceil(Math.max(needed, this.bytes.length * 2) / 8) * 8));
    grown.set(this.bytes.subarray(levelRoom, this.end), levelRoom);
    this.bytes = grown;
    this.words = new Int32Array(grown.buffer);
  }

  /** Counts the rows `from` to `to` of a vector in, whose NULLs `nulls` marks. Returns how many of them are NULL. */
  addRows(nulls: Uint8Array | undefined, from: number, to: number): number {
    const count = to - from;
    let found = 0;
    if (nulls !== undefined) {
      for (let row = from; row < to; row++) found += nulls[row] === 1 ? 1 : 0;
    }
    if (found > 0 || this.nullCount > 0) {
      if (this.nullCount === 0) this.#present.fill(1, 0, this.rows);
      for (let row = from, at = this.rows; row < to; row++, at++) this.#present[at] = nulls?.[row] === 1 ? 0 : 1;
    }
    this.rows += count;
    this.nullCount += found;
    return found;
  }

  /** The page: definition levels in the RLE and bit-packing hybrid, with their length before them, and the values. */
  page(): Buffer {
    const levels = this.#levels();
    const start = levelRoom - levels.length;
    this.bytes.set(levels, start);
    return this.bytes.subarray(start, this.end);
  }

  /** Empties it for the next page. */
  clear(): void {
    this.end = levelRoom;
    this.rows = 0;
    this.nullCount = 0;
    if (this.bytes.length <= keptCapacity) return;
    this.bytes = Buffer.from(new ArrayBuffer(firstCapacity));
    this.words = new Int32Array(this.bytes.buffer);
  }

  #levels(): Uint8Array {
    const uniform = this.nullCount === 0 || this.nullCount === this.rows;
    const groups = Math.ceil(this.rows / 8);
    const header = varint(uniform ? this.rows * 2 : groups * 2 + 1);
    const length = header.length + (uniform ? 1 : groups);
    const levels = new Uint8Array(4 + length);
    new DataView(levels.buffer).setUint32(0, length, true);
    levels.set(header, 4);
    const at = 4 + header.length;
    if (uniform) levels[at] = this.nullCount === 0 ? 1 : 0;
    else {
      for (let row = 0; row < this.rows; row++) {
        if (this.#present[row] === 1) levels[at + (row >> 3)] = (levels[at + (row >> 3)] as number) | (1 << (row & 7));
      }
    }
    return levels;
  }
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return bytes;
}
