import type { BatchSource } from "./batch-source.ts";
import type { DatasetSource } from "./dataset-format.ts";
import { batchesSource, type GivenData, givenSource } from "./given-source.ts";
import { namesFile } from "./names-file.ts";
import type { CellValue, NativeColumn } from "./native-column.ts";
import type { ColumnSchema, RecordBatch } from "./record-batch.ts";
import { RowIterator } from "./row-iterator.ts";
import { appendColumns, batchRows } from "./rows.ts";
import { type DatasetContext, StoredSource } from "./stored-source.ts";

const marker = Symbol.for("flyte-ts.dataset");

/** How a dataset's columns are declared. */
export interface DatasetOptions {
  /** The columns. Where they are not given, a file's own are taken, and those of given rows are inferred. */
  readonly columns?: readonly NativeColumn[] | undefined;
}

/** How a stored dataset is opened. */
export interface OpenDatasetOptions extends DatasetOptions {
  /** The format's name; `parquet` by default, and none for a table of a database. */
  readonly format?: string | undefined;
}

/** A row of which nothing is known. */
export type AnyRow = Record<string, CellValue>;

/**
 * Rows with named and typed columns, read when they are asked for: what a task receives for `t.dataset` and may return.
 * Values are as `CellValue` says.
 *
 * Rows that are given are kept in memory (an array) or passed through (an iterable, read once); `store` writes them.
 */
export class Dataset<Row extends object = AnyRow> {
  readonly #given: BatchSource;
  readonly #uri: string | undefined;
  readonly #format: string | undefined;
  /** What was given without a declaration of its columns. */
  readonly #undeclared: GivenData | undefined;
  #stored: Dataset<Row> | undefined;
  #storing: { readonly format: string; readonly done: Promise<Dataset<Row>> } | undefined;

  private constructor(source: BatchSource, uri?: string, format?: string, undeclared?: GivenData) {
    this.#given = source;
    this.#uri = uri;
    this.#format = format;
    this.#undeclared = undeclared;
    Object.defineProperty(this, marker, { value: true });
  }

  /**
   * A dataset in a storage. Nothing is read until it is needed. Declared columns choose and order what is read; a value
   * is converted where that is exact (an integer that pandas wrote as float, say).
   */
  static open<Row extends object = AnyRow>(
    uri: string,
    { format, columns }: OpenDatasetOptions,
    context: DatasetContext,
  ): Dataset<Row> {
    const name = format === undefined && !namesFile(uri) ? "" : formatName(format);
    return new Dataset<Row>(new StoredSource(uri, name, columns, context), uri, name);
  }

  /**
   * A dataset from rows (an array, iterable or async iterable of objects) or from an object of column arrays.
   * Without `columns` they are inferred from the values: all of an array's, the first 1,000 rows of an iterable.
   * A number column is `integer` when all its numbers are safe integers, and a Date makes `datetime`.
   * @throws FlyteError `InvalidType` here for what is neither rows nor columns; when the rows are read or stored for a
   * value that does not fit, naming its row, column, and what would be right.
   */
  static from<Row extends object>(rows: Iterable<Row> | AsyncIterable<Row>, options?: DatasetOptions): Dataset<Row>;
  static from<Row extends object>(
    columns: { readonly [K in keyof Row]: ArrayLike<Row[K]> },
    options?: DatasetOptions,
  ): Dataset<Row>;
  static from<Row extends object>(data: GivenData, { columns }: DatasetOptions = {}): Dataset<Row> {
    return new Dataset<Row>(givenSource(data, columns), undefined, undefined, columns === undefined ? data : undefined);
  }

  /**
   * A dataset from batches: the fastest way for whoever makes typed arrays already, an executor for instance.
   * @throws FlyteError `InvalidDefinition` for two columns of one name.
   */
  static fromBatches<Row extends object = AnyRow>(source: {
    readonly columns: readonly NativeColumn[];
    readonly batches: DatasetSource["batches"];
  }): Dataset<Row> {
    return new Dataset<Row>(batchesSource(source.columns, source.batches));
  }

  /**
   * The same rows under declared columns, where they were given without a declaration; any other dataset comes back as
   * it is. The type of a task's output declares what the task returns in this way.
   */
  declared(columns: readonly NativeColumn[]): Dataset<Row> {
    if (this.#undeclared === undefined || columns.length === 0 || this.uri !== undefined) return this;
    return new Dataset<Row>(givenSource(this.#undeclared, columns));
  }

  /** True for a dataset, of whichever copy of the package. */
  static is(value: unknown): value is Dataset {
    return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[marker] === true;
  }

  /** Where it is stored; undefined until it is. */
  get uri(): string | undefined {
    return this.#uri ?? this.#stored?.uri;
  }

  /** The format in which it is stored; undefined until it is, and empty for a table of a database. */
  get format(): string | undefined {
    return this.#format ?? this.#stored?.format;
  }

  /** The columns. Reads a stored dataset's footer, and the first rows of what is inferred. */
  get schema(): Promise<readonly ColumnSchema[]> {
    return this.#source.columns().then((columns) => columns.map(({ name, type }) => ({ name, type })));
  }

  /** The rows, one after another, each an object of its own. Memory does not grow with the rows. */
  rows(): AsyncIterableIterator<Row, undefined> {
    return new RowIterator<Row>(
      () => this.#source.columns(),
      () => this.#source.batches(),
    );
  }

  /** All rows in memory. */
  async toArray(): Promise<Row[]> {
    const columns = await this.#source.columns();
    const rows: Row[] = [];
    for await (const batch of this.#source.batches()) {
      for (const row of batchRows(batch, columns, rows.length)) rows.push(row as Row);
    }
    return rows;
  }

  /**
   * The values of the named columns (all by default), whole, in memory.
   * @throws FlyteError `InvalidInput` for a name that is no column.
   */
  async columns<K extends keyof Row & string = keyof Row & string>(
    names?: readonly K[],
  ): Promise<{ [P in K]: Row[P][] }> {
    const all = await this.#source.columns();
    const wanted =
      names?.map((name) => all.find((column) => column.name === name) ?? { name, type: "string" as const }) ?? all;
    const values = wanted.map((): CellValue[] => []);
    let offset = 0;
    for await (const batch of this.#source.batches(names)) {
      appendColumns(batch, wanted, offset, values);
      offset += batch.length;
    }
    return Object.fromEntries(wanted.map(({ name }, at) => [name, values[at]])) as { [P in K]: Row[P][] };
  }

  /**
   * The rows as typed arrays, the fastest way to read: of the named columns (all by default), in the order asked for.
   * A batch is only good until the next one is asked for.
   */
  batches(options: { readonly columns?: readonly string[] } = {}): AsyncIterable<RecordBatch> {
    return this.#source.batches(options.columns);
  }

  /**
   * Writes the dataset below the folder `uri` and returns it as it is stored there. One that is stored in this format
   * already is returned as it is: nothing is written twice, whichever `uri` is given then.
   * @throws FlyteError `InvalidType` for a value that does not fit its column; nothing is left behind then.
   */
  store(context: DatasetContext, uri: string, format?: string): Promise<Dataset<Row>> {
    const wanted = formatName(format);
    if (this.#format === wanted) return Promise.resolve(this);
    if (this.#storing?.format === wanted) return this.#storing.done;
    const done = this.#write(context, uri, wanted);
    this.#storing = { format: wanted, done };
    done.catch(() => {
      this.#storing = undefined;
    });
    return done;
  }

  async #write(context: DatasetContext, uri: string, format: string): Promise<Dataset<Row>> {
    const source = this.#source;
    const columns = await source.columns();
    const schema = columns.map(({ name, type }) => ({ name, type }));
    await context.datasets.write(uri, format, { columns: schema, batches: source.batches() }, context);
    this.#stored = Dataset.open<Row>(uri, { format, columns }, context);
    return this.#stored;
  }

  /** What is stored can be read again, where given rows may have been passed through. */
  get #source(): BatchSource {
    return this.#stored === undefined ? this.#given : this.#stored.#given;
  }
}

const formatName = (format: string | undefined): string =>
  format === undefined || format === "" ? "parquet" : format.toLowerCase();
