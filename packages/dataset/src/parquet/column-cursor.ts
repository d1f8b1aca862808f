import type { Vector } from "@flyte-ts/core/plugin";
import type { DecodedPage } from "./page-decoder.ts";
import { CorruptFileError } from "./parquet-error.ts";
import type { FlatColumn } from "./readable-column.ts";
import { type Store, storeOf, type Target } from "./value-store.ts";

/** Takes the rows of a column chunk out of its pages, batch by batch, into buffers that are used again. */
export class ColumnCursor {
  readonly #column: FlatColumn;
  readonly #pages: Iterator<DecodedPage>;
  readonly #buffers: ColumnBuffers;
  #page: DecodedPage | undefined;
  #store: Store | undefined;
  #row = 0;
  #value = 0;

  constructor(column: FlatColumn, pages: Iterator<DecodedPage>, buffers: ColumnBuffers) {
    this.#column = column;
    this.#pages = pages;
    this.#buffers = buffers;
  }

  /** The next `count` rows. */
  next(count: number): Vector {
    const { target, nulls } = this.#buffers.begin();
    let hasNulls = false;
    this.#store = undefined;
    for (let at = 0; at < count; ) {
      const page = this.#current();
      const rows = Math.min(count - at, page.entries - this.#row);
      if (this.#column.conversion.kind === "nothing") {
        nulls.fill(1, at, at + rows);
        hasNulls = true;
      } else {
        this.#store ??= storeOf(this.#column, page.values, page.dictionary, target);
        if (this.#copy(page, at, rows, this.#store, nulls)) hasNulls = true;
      }
      at += rows;
      this.#row += rows;
    }
    return this.#buffers.vector(count, hasNulls);
  }

  /** Copies rows of a page; returns whether one was NULL. */
  #copy(
    { definition, present, entries }: DecodedPage,
    at: number,
    rows: number,
    store: Store,
    nulls: Uint8Array,
  ): boolean {
    if (definition === undefined || present === entries) {
      for (let i = 0; i < rows; i++) store(at + i, this.#value + i);
      this.#value += rows;
      nulls.fill(0, at, at + rows);
      return false;
    }
    let found = false;
    for (let i = 0; i < rows; i++) {
      const isNull = definition[this.#row + i] === 0;
      nulls[at + i] = isNull ? 1 : 0;
      if (isNull) found = true;
      else store(at + i, this.#value++);
    }
    return found;
  }

  #current(): DecodedPage {
    while (this.#page === undefined || this.#row === this.#page.entries) {
      const next = this.#pages.next();
      if (next.done === true) throw new CorruptFileError(`column "${this.#column.name}" ends before its row group`);
      this.#page = next.value;
      this.#row = 0;
      this.#value = 0;
      this.#store = undefined;
    }
    return this.#page;
  }
}

/** The buffers of one column's batches. */
export class ColumnBuffers {
  readonly #type: Vector["type"];
  readonly #capacity: number;
  readonly #nulls: Uint8Array;
  #target: Target;

  constructor(type: Vector["type"], capacity: number) {
    this.#type = type;
    this.#capacity = capacity;
    this.#nulls = new Uint8Array(capacity);
    this.#target = this.#fresh();
  }

  /** Where the next batch goes. Lists are new for every batch: the values of the one before may still be in use. */
  begin(): { readonly target: Target; readonly nulls: Uint8Array } {
    if (Array.isArray(this.#target)) this.#target = this.#fresh();
    return { target: this.#target, nulls: this.#nulls };
  }

  /** What was stored, as a vector of `length` rows. */
  vector(length: number, hasNulls: boolean): Vector {
    const nulls = hasNulls ? { nulls: this.#nulls } : {};
    const values = this.#target;
    if (Array.isArray(values)) fillGaps(values, length, this.#type === "string" ? "" : new Uint8Array(0));
    return { type: this.#type, values, ...nulls } as Vector;
  }

  #fresh(): Target {
    switch (this.#type) {
      case "integer":
      case "datetime":
      case "duration":
        return new BigInt64Array(this.#capacity);
      case "float":
        return new Float64Array(this.#capacity);
      case "boolean":
        return new Uint8Array(this.#capacity);
      case "date":
        return new Int32Array(this.#capacity);
      default:
        return [];
    }
  }
}

/** A list has a value for NULLs, too. */
function fillGaps(values: string[] | Uint8Array[], length: number, blank: string | Uint8Array): void {
  const list = values as (string | Uint8Array | undefined)[];
  for (let at = 0; at < length; at++) list[at] ??= blank;
}
