/**
 * Puts a protobuf message together. A value that is the type's default is left out, as proto3 has it, except for nested
 * messages, whose presence counts.
 */
export class FieldWriter {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** A `string` field. */
  text(field: number, value: string): this {
    return value === "" ? this : this.#delimited(field, Buffer.from(value));
  }

  /** A `bytes` field. */
  bytes(field: number, value: Uint8Array): this {
    return value.length === 0 ? this : this.#delimited(field, value);
  }

  /** A nested message, also an empty one; undefined is none. */
  message(field: number, value: Uint8Array | undefined): this {
    return value === undefined ? this : this.#delimited(field, value);
  }

  /** An `int32`, `bool` or enum field that is not negative. */
  number(field: number, value: number): this {
    return value === 0 ? this : this.#push(varints(field * 8, value));
  }

  /** The bytes of the message. */
  finish(): Buffer {
    return Buffer.concat(this.#parts, this.#length);
  }

  #delimited(field: number, value: Uint8Array): this {
    return this.#push(varints(field * 8 + 2, value.length)).#push(value);
  }

  #push(part: Uint8Array): this {
    this.#parts.push(part);
    this.#length += part.length;
    return this;
  }
}

/** Two varints, each below 2^31. */
function varints(first: number, second: number): Uint8Array {
  const bytes: number[] = [];
  for (let left of [first, second]) {
    for (; left >= 0x80; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
    bytes.push(left);
  }
  return Uint8Array.from(bytes);
}
