import { FlyteError } from "@flyte-ts/core/plugin";

/**
 * Walks over the fields of a protobuf message without making one. The requests that Flyte sends most need only few of
 * their fields; what is nested stays bytes until somebody needs it.
 *
 *     for (const reader = new FieldReader(bytes); reader.next(); ) {
 *       if (reader.field === 2) name = reader.text();
 *     }
 *
 * A field that is not read is passed over. Every method throws FlyteError `InvalidInput` where the bytes are no message.
 */
export class FieldReader {
  /** The number of the field that the reader stands at. */
  field = 0;
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;
  #wireType = 0;
  /** True while the field's value is still ahead. */
  #pending = false;

  constructor(bytes: Uint8Array, start: number = 0, end: number = bytes.length) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
    this.#end = end;
  }

  /** Goes to the next field; false at the end. */
  next(): boolean {
    if (this.#pending) this.#skip();
    if (this.#at >= this.#end) return false;
    const tag = this.#varint();
    this.field = Math.floor(tag / 8);
    this.#wireType = tag % 8;
    if (this.field === 0 || tag > 0xffff_ffff) throw malformed("a field has a number that there is not");
    this.#pending = true;
    return true;
  }

  /** The value of a `string` field. */
  text(): string {
    const start = this.#delimited();
    return this.#bytes.toString("utf8", start, this.#at);
  }

  /** The value of a `bytes` field or of a nested message, which stays part of the whole. */
  bytes(): Buffer {
    const start = this.#delimited();
    return this.#bytes.subarray(start, this.#at);
  }

  /** A reader of a nested message. */
  nested(): FieldReader {
    const start = this.#delimited();
    return new FieldReader(this.#bytes, start, this.#at);
  }

  /** The value of an `int32` field. */
  int32(): number {
    if (this.#wireType !== 0) throw malformed(`field ${this.field} is no number`);
    this.#pending = false;
    return this.#varint() | 0;
  }

  #delimited(): number {
    if (this.#wireType !== 2) throw malformed(`field ${this.field} has no length`);
    this.#pending = false;
    const length = this.#varint();
    const start = this.#at;
    this.#to(start + length);
    return start;
  }

  /** The low 53 bits of a varint and more; only the low 32 of numbers above that are exact, which int32 needs. */
  #varint(): number {
    const bytes = this.#bytes;
    let low = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#at < this.#end ? bytes[this.#at++] : undefined;
      if (byte === undefined) throw malformed("it ends in the middle of a number");
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) return low;
    }
    let scale = 2 ** 28;
    let value = low;
    for (let count = 0; count < 6; count += 1) {
      const byte = this.#at < this.#end ? bytes[this.#at++] : undefined;
      if (byte === undefined) throw malformed("it ends in the middle of a number");
      // the bits above 53 are those of a negative int32, whose low half says all
      if (count < 3) value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return value;
    }
    throw malformed("a number has more than ten bytes");
  }

  #skip(): void {
    this.#pending = false;
    switch (this.#wireType) {
      case 0:
        this.#varint();
        return;
      case 1:
        this.#to(this.#at + 8);
        return;
      case 2: {
        const length = this.#varint();
        this.#to(this.#at + length);
        return;
      }
      case 5:
        this.#to(this.#at + 4);
        return;
      default:
        // groups are older than Flyte
        throw malformed(`field ${this.field} has the wire type ${this.#wireType}`);
    }
  }

  #to(end: number): void {
    if (end > this.#end) throw malformed(`field ${this.field} is longer than what is there`);
    this.#at = end;
  }
}

function malformed(what: string): FlyteError {
  return new FlyteError("InvalidInput", `not a protobuf message: ${what}`);
}
