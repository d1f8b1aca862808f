/** Where the low half of a 64-bit integer stands in memory: 0 on every machine that Node is built for but a few. */
const low = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;
const high = 1 - low;

/**
 * A `BigInt64Array` read and written as numbers, without making a bigint for every value: that costs several times as
 * much as the rest of a conversion.
 */
export class Int64View {
  readonly #values: BigInt64Array;
  readonly #halves: Int32Array;

  constructor(values: BigInt64Array) {
    this.#values = values;
    this.#halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  }

  /** The value when it is a safe integer; undefined otherwise. */
  safe(index: number): number | undefined {
    const top = this.#halves[2 * index + high] as number;
    if (top < -0x200000 || top > 0x1fffff) return undefined;
    const value = top * 0x1_0000_0000 + ((this.#halves[2 * index + low] as number) >>> 0);
    return value < Number.MIN_SAFE_INTEGER ? undefined : value;
  }

  /** The value, exact. */
  exact(index: number): bigint {
    return this.#values[index] as bigint;
  }

  /** Sets a safe integer. */
  setSafe(index: number, value: number): void {
    this.#halves[2 * index + high] = Math.floor(value / 0x1_0000_0000);
    this.#halves[2 * index + low] = value;
  }

  /** Sets an integer of 64 bits. */
  set(index: number, value: bigint): void {
    this.#values[index] = value;
  }
}
