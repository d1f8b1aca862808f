import { FlyteError } from "../errors/flyte-error.ts";
import { BatchBuilder } from "./batch-builder.ts";
import type { BatchSource } from "./batch-source.ts";
import type { DatasetSource } from "./dataset-format.ts";
import { ColumnInference } from "./infer-columns.ts";
import { checkColumns, type NativeColumn, rowsPerBatch, selectColumns, shown } from "./native-column.ts";
import type { RecordBatch, Vector } from "./record-batch.ts";

/** Rows of a stream that are looked at to infer its columns. An array is looked at whole. */
const rowsToInfer = 1000;

/** Column arrays by name, all of one length. */
export type ColumnArrays = Readonly<Record<string, ArrayLike<unknown>>>;

/** Rows of any kind of iterable, or column arrays. */
export type GivenData = Iterable<unknown> | AsyncIterable<unknown> | ColumnArrays;

/**
 * The source of rows or columns that a program gives.
 * @throws FlyteError `InvalidType` for what is neither, and for column arrays of different lengths.
 */
export function givenSource(data: GivenData, columns: readonly NativeColumn[] | undefined): BatchSource {
  if (columns !== undefined) checkColumns(columns);
  if (typeof data !== "object" || data === null) {
    throw new FlyteError("InvalidType", `a dataset is made of rows or of column arrays, not of ${shown(data)}`);
  }
  if (Array.isArray(data)) return new ArraySource(data, columns);
  if (Symbol.asyncIterator in data || Symbol.iterator in data) {
    return new StreamSource(data as Iterable<unknown> | AsyncIterable<unknown>, columns);
  }
  return new ColumnSource(data, columns);
}

/** The source of batches that a program makes; they can be read as often as their iterable allows. */
export function batchesSource(columns: readonly NativeColumn[], batches: DatasetSource["batches"]): BatchSource {
  checkColumns(columns);
  return {
    columns: async () => columns,
    async *batches(names) {
      const picks = selectColumns(columns, names, "the dataset").map((column) => columns.indexOf(column));
      for await (const batch of batches) yield names === undefined ? batch : pick(batch, picks);
    },
  };
}

/** The named ones of a batch's columns. */
function* projected(
  batches: Iterable<RecordBatch>,
  columns: readonly NativeColumn[],
  names: readonly string[] | undefined,
): Generator<RecordBatch> {
  const picks = selectColumns(columns, names, "the dataset").map((column) => columns.indexOf(column));
  for (const batch of batches) {
    yield names === undefined ? batch : pick(batch, picks);
  }
}

const pick = (batch: RecordBatch, picks: readonly number[]): RecordBatch => ({
  length: batch.length,
  columns: picks.map((at) => batch.columns[at] as Vector),
});

class ArraySource implements BatchSource {
  readonly #rows: readonly unknown[];
  #columns: readonly NativeColumn[] | undefined;

  constructor(rows: readonly unknown[], columns: readonly NativeColumn[] | undefined) {
    this.#rows = rows;
    this.#columns = columns;
  }

  async columns(): Promise<readonly NativeColumn[]> {
    if (this.#columns === undefined) {
      const inference = new ColumnInference();
      for (const [index, row] of this.#rows.entries()) inference.addRow(index, row);
      this.#columns = inference.columns();
    }
    return this.#columns;
  }

  async *batches(names?: readonly string[]): AsyncIterable<RecordBatch> {
    const columns = await this.columns();
    yield* projected(this.#all(columns), columns, names);
  }

  *#all(columns: readonly NativeColumn[]): Generator<RecordBatch> {
    const builder = new BatchBuilder(columns, Math.min(rowsPerBatch, this.#rows.length));
    for (const row of this.#rows) {
      builder.addRow(row);
      if (builder.full) yield builder.take();
    }
    if (builder.length > 0) yield builder.take();
  }
}

class ColumnSource implements BatchSource {
  readonly #data: ColumnArrays;
  readonly #length: number;
  #columns: readonly NativeColumn[] | undefined;

  constructor(data: ColumnArrays, columns: readonly NativeColumn[] | undefined) {
    let first: readonly [string, number] | undefined;
    for (const [name, values] of Object.entries(data)) {
      const length = (values as ArrayLike<unknown> | null | undefined)?.length;
      if (typeof values !== "object" || typeof length !== "number") {
        throw new FlyteError("InvalidType", `column "${name}" is ${shown(values)}; it must be an array of values`);
      }
      first ??= [name, length];
      if (length !== first[1]) {
        throw new FlyteError(
          "InvalidType",
          `column "${name}" has ${length} values and column "${first[0]}" ${first[1]}`,
        );
      }
    }
    if (columns !== undefined) {
      selectColumns(columns, Object.keys(data), "the dataset as declared");
      selectColumns(
        Object.keys(data).map((name): NativeColumn => ({ name, type: "string" })),
        columns.map(({ name }) => name),
        "the dataset as given",
      );
    }
    this.#data = data;
    this.#length = first?.[1] ?? 0;
    this.#columns = columns;
  }

  async columns(): Promise<readonly NativeColumn[]> {
    if (this.#columns === undefined) {
      const inference = new ColumnInference();
      for (const [name, values] of Object.entries(this.#data)) {
        inference.add(0, name, null);
        for (let index = 0; index < values.length; index++) inference.add(index, name, values[index]);
      }
      this.#columns = inference.columns();
    }
    return this.#columns;
  }

  async *batches(names?: readonly string[]): AsyncIterable<RecordBatch> {
    const columns = await this.columns();
    yield* projected(this.#all(columns), columns, names);
  }

  *#all(columns: readonly NativeColumn[]): Generator<RecordBatch> {
    const values = columns.map(({ name }) => this.#data[name] as ArrayLike<unknown>);
    const builder = new BatchBuilder(columns, Math.min(rowsPerBatch, this.#length));
    for (let at = 0; at < this.#length; ) {
      at += builder.addColumns(values, at, this.#length);
      yield builder.take();
    }
  }
}

/** Rows from an iterable. One that is its own iterator (a generator, a cursor) can be read once. */
class StreamSource implements BatchSource {
  readonly #data: Iterable<unknown> | AsyncIterable<unknown>;
  #columns: readonly NativeColumn[] | undefined;
  /** The iterator that inference began, and the rows that it took from it. */
  #begun: { readonly head: unknown[]; readonly rest: AsyncIterator<unknown> } | undefined;
  #inferring: Promise<readonly NativeColumn[]> | undefined;
  #used = false;

  constructor(data: Iterable<unknown> | AsyncIterable<unknown>, columns: readonly NativeColumn[] | undefined) {
    this.#data = data;
    this.#columns = columns;
  }

  columns(): Promise<readonly NativeColumn[]> {
    if (this.#columns !== undefined) return Promise.resolve(this.#columns);
    this.#inferring ??= this.#infer();
    return this.#inferring;
  }

  async *batches(names?: readonly string[]): AsyncIterable<RecordBatch> {
    const columns = await this.columns();
    const picks = selectColumns(columns, names, "the dataset").map((column) => columns.indexOf(column));
    const begun = this.#begun ?? { head: [], rest: this.#iterator() };
    this.#begun = undefined;
    try {
      const builder = new BatchBuilder(columns);
      for (const row of begun.head) {
        builder.addRow(row);
        if (builder.full) yield pick(builder.take(), picks);
      }
      for (let next = await begun.rest.next(); next.done !== true; next = await begun.rest.next()) {
        builder.addRow(next.value);
        if (builder.full) yield pick(builder.take(), picks);
      }
      if (builder.length > 0) yield pick(builder.take(), picks);
    } finally {
      await begun.rest.return?.();
    }
  }

  async #infer(): Promise<readonly NativeColumn[]> {
    const begun = { head: [] as unknown[], rest: this.#iterator() };
    const inference = new ColumnInference();
    while (begun.head.length < rowsToInfer) {
      const next = await begun.rest.next();
      if (next.done === true) break;
      inference.addRow(begun.head.length, next.value);
      begun.head.push(next.value);
    }
    this.#begun = begun;
    this.#columns = inference.columns();
    return this.#columns;
  }

  #iterator(): AsyncIterator<unknown> {
    const data = this.#data as Partial<Iterable<unknown> & AsyncIterable<unknown>>;
    const iterator = data[Symbol.asyncIterator]?.() ?? data[Symbol.iterator]?.();
    if ((iterator as unknown) === data && this.#used) {
      throw new FlyteError(
        "InvalidInput",
        "the rows of this dataset come from an iterator, which can be read once; give an array to read them again",
      );
    }
    this.#used = true;
    const next = async () => iterator?.next() ?? { done: true as const, value: undefined };
    return { next, return: async (value) => iterator?.return?.(value) ?? { done: true, value } };
  }
}
