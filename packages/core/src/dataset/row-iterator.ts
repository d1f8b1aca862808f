import type { NativeColumn } from "./native-column.ts";
import type { RecordBatch } from "./record-batch.ts";
import { batchRows } from "./rows.ts";

/** What a reading needs once it has begun. */
interface Begun {
  readonly columns: readonly NativeColumn[];
  readonly batches: AsyncIterator<RecordBatch>;
}

/**
 * The rows of batches, one by one. An async generator would do, but costs three promises a row where this has one, and
 * rows come by the million.
 */
export class RowIterator<Row extends object> implements AsyncIterableIterator<Row, undefined> {
  readonly #begin: () => Promise<Begun>;
  #begun: Promise<Begun> | undefined;
  #rows: Iterator<Row> | undefined;
  #offset = 0;
  #ended = false;
  #loading: Promise<IteratorResult<Row, undefined>> | undefined;

  /** Columns and batches are asked for when the first row is. */
  constructor(columns: () => Promise<readonly NativeColumn[]>, batches: () => AsyncIterable<RecordBatch>) {
    this.#begin = async () => ({ columns: await columns(), batches: batches()[Symbol.asyncIterator]() });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Row, undefined>> {
    // Calls that come before an earlier one has its row wait for it.
    if (this.#loading !== undefined) return this.#loading.then(() => this.next());
    const next = this.#rows?.next();
    if (next !== undefined && next.done !== true) return Promise.resolve(next);
    this.#loading = this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async return(): Promise<IteratorResult<Row, undefined>> {
    this.#ended = true;
    this.#rows = undefined;
    if (this.#begun !== undefined) await (await this.#begun).batches.return?.();
    return { done: true, value: undefined };
  }

  async #load(): Promise<IteratorResult<Row, undefined>> {
    try {
      while (!this.#ended) {
        this.#begun ??= this.#begin();
        const { columns, batches } = await this.#begun;
        const batch = await batches.next();
        if (batch.done === true) break;
        this.#rows = batchRows(batch.value, columns, this.#offset) as Iterator<Row>;
        this.#offset += batch.value.length;
        const first = this.#rows.next();
        if (first.done !== true) return first;
      }
      this.#ended = true;
      return { done: true, value: undefined };
    } catch (error) {
      this.#ended = true;
      throw error;
    }
  }
}
