/** The element types of Thrift's compact protocol that Parquet's metadata uses. */
const thriftType = { true: 1, false: 2, byte: 3, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;

/**
 * Writes structs in Thrift's compact protocol, as the Parquet format's metadata is
 * (github.com/apache/thrift, doc/specs/thrift-compact-protocol.md). Fields are written in the order of their ids.
 */
export class ThriftWriter {
  readonly #bytes: number[] = [];
  readonly #outer: number[] = [];
  #lastId = 0;

  /** What was written. */
  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  /** An integer of up to 53 bits, in a field of the Thrift type `i32`. */
  i32(id: number, value: number): this {
    this.#field(id, thriftType.i32);
    this.#zigzag(value);
    return this;
  }

  /** An integer of up to 53 bits, in a field of the Thrift type `i64`. */
  i64(id: number, value: number): this {
    this.#field(id, thriftType.i64);
    this.#zigzag(value);
    return this;
  }

  /** An integer of 8 bits. */
  byte(id: number, value: number): this {
    this.#field(id, thriftType.byte);
    this.#bytes.push(value & 0xff);
    return this;
  }

  boolean(id: number, value: boolean): this {
    this.#field(id, value ? thriftType.true : thriftType.false);
    return this;
  }

  /** Bytes, or text in UTF-8. */
  binary(id: number, value: string | Uint8Array): this {
    this.#field(id, thriftType.binary);
    this.#blob(value);
    return this;
  }

  struct(id: number, write: (writer: this) => void): this {
    this.#field(id, thriftType.struct);
    this.#nested(write);
    return this;
  }

  structs<T>(id: number, items: readonly T[], write: (writer: this, item: T) => void): this {
    this.#list(id, thriftType.struct, items.length);
    for (const item of items) this.#nested((writer) => write(writer, item));
    return this;
  }

  i32s(id: number, items: readonly number[]): this {
    this.#list(id, thriftType.i32, items.length);
    for (const item of items) this.#zigzag(item);
    return this;
  }

  binaries(id: number, items: readonly string[]): this {
    this.#list(id, thriftType.binary, items.length);
    for (const item of items) this.#blob(item);
    return this;
  }

  /** Ends the outermost struct. */
  stop(): this {
    this.#bytes.push(0);
    return this;
  }

  #nested(write: (writer: this) => void): void {
    this.#outer.push(this.#lastId);
    this.#lastId = 0;
    write(this);
    this.stop();
    this.#lastId = this.#outer.pop() ?? 0;
  }

  #field(id: number, type: number): void {
    const delta = id - this.#lastId;
    if (delta > 0 && delta < 16) this.#bytes.push((delta << 4) | type);
    else {
      this.#bytes.push(type);
      this.#zigzag(id);
    }
    this.#lastId = id;
  }

  #list(id: number, type: number, length: number): void {
    this.#field(id, thriftType.list);
    if (length < 15) this.#bytes.push((length << 4) | type);
    else {
      this.#bytes.push(0xf0 | type);
      this.#varint(length);
    }
  }

  #blob(value: string | Uint8Array): void {
    const bytes = typeof value === "string" ? Buffer.from(value) : value;
    this.#varint(bytes.length);
    for (const byte of bytes) this.#bytes.push(byte);
  }

  #zigzag(value: number): void {
    this.#varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes.push((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes.push(rest);
  }
}
