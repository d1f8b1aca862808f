/** What a slot of a table holds: a number, or something that stands elsewhere and is pointed at. */
export type Slot = { readonly value: number } | { readonly at: (writer: FlatWriter) => number } | undefined;

/**
 * Writes tables in the FlatBuffers format (flatbuffers.dev, "Internals"), parents before children. Every slot takes four
 * bytes, which suits all numbers of up to 32 bits.
 */
export class FlatWriter {
  #bytes: Buffer = Buffer.alloc(1024);
  #end = 4;

  /** The buffer, whose root is the table at `root`. */
  finish(root: number): Uint8Array {
    this.#bytes.writeUInt32LE(root, 0);
    return this.#bytes.subarray(0, this.#end);
  }

  /** Writes a table; returns where it stands. */
  table(slots: readonly Slot[]): number {
    this.#align();
    const index = this.#take(4 + 2 * slots.length);
    this.#bytes.writeUInt16LE(4 + 2 * slots.length, index);
    this.#bytes.writeUInt16LE(4 + 4 * slots.length, index + 2);
    this.#align();
    const table = this.#take(4 + 4 * slots.length);
    this.#bytes.writeInt32LE(table - index, table);
    slots.forEach((slot, at) => {
      if (slot === undefined) return;
      const cell = table + 4 + 4 * at;
      this.#bytes.writeUInt16LE(cell - table, index + 4 + 2 * at);
      if ("value" in slot) this.#bytes.writeInt32LE(slot.value, cell);
      else this.#point(cell, slot.at(this));
    });
    return table;
  }

  /** Writes text; returns where it stands. */
  text(text: string): number {
    const bytes = Buffer.from(text);
    this.#align();
    const at = this.#take(4 + bytes.length + 1);
    this.#bytes.writeUInt32LE(bytes.length, at);
    bytes.copy(this.#bytes, at + 4);
    return at;
  }

  /** Writes a vector of pointers; returns where it stands. */
  vector<T>(items: readonly T[], write: (item: T) => number): number {
    this.#align();
    const at = this.#take(4 + 4 * items.length);
    this.#bytes.writeUInt32LE(items.length, at);
    items.forEach((item, index) => {
      this.#point(at + 4 + 4 * index, write(item));
    });
    return at;
  }

  #point(cell: number, target: number): void {
    this.#bytes.writeUInt32LE(target - cell, cell);
  }

  #align(): void {
    this.#end = (this.#end + 3) & ~3;
  }

  #take(count: number): number {
    const at = this.#end;
    this.#end += count;
    if (this.#end > this.#bytes.length) {
      const grown = Buffer.alloc(this.#end * 2);
      this.#bytes.copy(grown);
      this.#bytes = grown;
    }
    return at;
  }
}
