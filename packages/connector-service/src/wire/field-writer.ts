/** A field's value: a varint, or what a length stands before. */
type Value = number | string | Uint8Array;

/**
 * Puts a protobuf message together. A value that is the type's default is left out, as proto3 has it, except for nested
 * messages, whose presence counts.
 */
export class FieldWriter {
  /** Fields, each with its tag and its value behind it. */
  readonly #fields: Value[] = [];
  #length = 0;

  /** A `string` field. */
  text(field: number, value: string): this {
    return value === "" ? this : this.#delimited(field, value, Buffer.byteLength(value));
  }

  /** A `bytes` field. */
  bytes(field: number, value: Uint8Array): this {
    return value.length === 0 ? this : this.#delimited(field, value, value.length);
  }

  /** A nested message, also an empty one; undefined is none. */
  message(field: number, value: Uint8Array | undefined): this {
    return value === undefined ? this : this.#delimited(field, value, value.length);
  }

  /** An `int32`, `bool` or enum field that is not negative. */
  number(field: number, value: number): this {
    if (value === 0) return this;
    this.#fields.push(field * 8, value);
    this.#length += varintLength(field * 8) + varintLength(value);
    return this;
  }

  /** The bytes of the message. */
  finish(): Buffer {
    return this.#write(Buffer.allocUnsafe(this.#length));
  }

  /** The bytes for whoever keeps them: in memory of their own, where those of `finish` share 8 kB with others. */
  finishKept(): Buffer {
    return this.#write(Buffer.allocUnsafeSlow(this.#length));
  }

  #write(bytes: Buffer): Buffer {
    const fields = this.#fields;
    let at = 0;
    for (let place = 0; place < fields.length; place += 2) {
      at = writeVarint(bytes, fields[place] as number, at);
      const value = fields[place + 1] as Value;
      if (typeof value === "number") at = writeVarint(bytes, value, at);
      else if (typeof value === "string") {
        // the length stands before the text, and takes as many bytes as it was counted with
        const length = Buffer.byteLength(value);
        at = writeVarint(bytes, length, at);
        at += bytes.write(value, at);
      } else {
        at = writeVarint(bytes, value.length, at);
        bytes.set(value, at);
        at += value.length;
      }
    }
    return bytes;
  }

  #delimited(field: number, value: string | Uint8Array, length: number): this {
    this.#fields.push(field * 8 + 2, value);
    this.#length += varintLength(field * 8 + 2) + varintLength(length) + length;
    return this;
  }
}

/** Of a number below 2^31. */
function varintLength(value: number): number {
  let length = 1;
  for (let left = value; left >= 0x80; left >>>= 7) length += 1;
  return length;
}

function writeVarint(bytes: Uint8Array, value: number, start: number): number {
  let at = start;
  let left = value;
  for (; left >= 0x80; left >>>= 7) bytes[at++] = (left & 0x7f) | 0x80;
  bytes[at++] = left;
  return at;
}
