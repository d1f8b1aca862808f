import type { ColumnSchema, DatasetSource, RecordBatch, Vector } from "@flyte-ts/core/plugin";
import { FlyteError } from "@flyte-ts/core/plugin";
import { type Appender, appenderOf } from "./column-encoder.ts";
import { compress } from "./compression.ts";
import { type ColumnChunkInfo, fileFooter, magic, pageHeader, type RowGroupInfo } from "./footer.ts";
import { PageBuffer, rowsPerPage } from "./page-buffer.ts";
import { gathererOf, type StatisticsGatherer } from "./statistics.ts";

/** A row group ends with the page after which it has this many rows, or bytes before compression. */
const rowsPerGroup = 2 * rowsPerPage;
const bytesPerGroup = 64 << 20;
/** A page ends with the row with which a column has this many units of text (UTF-16) or bytes. */
const unitsPerPage = 4 << 20;

/** A page on its way into the file. */
interface Page {
  readonly rows: number;
  readonly nullCount: number;
  readonly size: number;
  readonly compressed: Promise<Buffer>;
}

/** What is kept for one column while its row group fills. */
class ColumnWriter {
  readonly append: Appender;
  readonly statistics: StatisticsGatherer;
  /** Two, in turn: one fills while the other is compressed. */
  readonly buffers: readonly [PageBuffer, PageBuffer] = [new PageBuffer(), new PageBuffer()];
  pages: Page[] = [];

  constructor({ type }: ColumnSchema) {
    this.append = appenderOf(type);
    this.statistics = gathererOf(type);
  }
}

/**
 * The bytes of a Parquet file with the rows of a source; returns how many there were. Every column is OPTIONAL, PLAIN and
 * compressed with Zstandard. The same rows give the same bytes, however they are cut into batches. Memory holds one row
 * group, compressed, and two pages of each column.
 */
export async function* parquetBytes(source: DatasetSource): AsyncGenerator<Uint8Array, number, undefined> {
  const file = new FileWriter(source.columns);
  yield magic;
  for await (const batch of source.batches) {
    file.check(batch);
    for (let from = 0; from < batch.length; ) {
      from = file.append(batch, from);
      if (!file.pageFull) continue;
      await file.endPage();
      if (file.groupFull) yield* file.endGroup();
    }
  }
  await file.endPage();
  yield* file.endGroup();
  yield file.footer();
  return file.rows;
}

class FileWriter {
  rows = 0;
  readonly #columns: readonly ColumnSchema[];
  readonly #writers: readonly ColumnWriter[];
  readonly #groups: RowGroupInfo[] = [];
  #offset: number = magic.length;
  #turn: 0 | 1 = 0;
  /** Of each column: units of text or bytes in the page, and 4 for the length of each. */
  readonly #units: number[];
  #pageRows = 0;
  #pageFull = false;
  #groupRows = 0;
  #groupBytes = 0;
  #compressing: Promise<unknown> = Promise.resolve();

  constructor(columns: readonly ColumnSchema[]) {
    this.#columns = columns;
    this.#writers = columns.map((column) => new ColumnWriter(column));
    this.#units = columns.map(() => 0);
  }

  get pageFull(): boolean {
    return this.#pageRows === rowsPerPage || this.#pageFull;
  }

  get groupFull(): boolean {
    return this.#groupRows >= rowsPerGroup || this.#groupBytes >= bytesPerGroup;
  }

  /** Refuses a batch that does not have the columns of the schema. */
  check({ columns }: RecordBatch): void {
    const types = columns.map(({ type }) => type).join(", ");
    const wanted = this.#columns.map(({ type }) => type).join(", ");
    if (types === wanted) return;
    throw new FlyteError("InvalidType", `a batch has columns of the types ${types}; the schema's are ${wanted}`);
  }

  /** Appends rows of a batch from `from` on, as far as the page has room; returns the row after the last of them. */
  append(batch: RecordBatch, from: number): number {
    const to = this.#fitting(batch.columns, from, Math.min(batch.length, from + rowsPerPage - this.#pageRows));
    this.#writers.forEach((writer, at) => {
      const vector = batch.columns[at] as Vector;
      writer.append(this.#page(writer), vector, from, to);
      writer.statistics.add(vector, from, to);
    });
    this.#pageRows += to - from;
    this.rows += to - from;
    return to;
  }

  /** Has the page compressed, and waits until the page before it is: its buffers are filled next. */
  async endPage(): Promise<void> {
    if (this.#pageRows === 0) return;
    const before = this.#compressing;
    const pages = this.#writers.map((writer) => {
      const buffer = this.#page(writer);
      const raw = buffer.page();
      const page = { rows: buffer.rows, nullCount: buffer.nullCount, size: raw.length, compressed: compress(raw) };
      writer.pages.push(page);
      this.#groupBytes += page.size;
      return page.compressed;
    });
    this.#compressing = Promise.all(pages);
    // A failure is met where the pages are awaited; here it must only not count as nobody's.
    this.#compressing.catch(() => {});
    await before;
    this.#turn = this.#turn === 0 ? 1 : 0;
    for (const writer of this.#writers) this.#page(writer).clear();
    this.#groupRows += this.#pageRows;
    this.#pageRows = 0;
    this.#pageFull = false;
    this.#units.fill(0);
  }

  /** The bytes of the row group that has filled. */
  async *endGroup(): AsyncGenerator<Uint8Array> {
    if (this.#groupRows === 0) return;
    const chunks: ColumnChunkInfo[] = [];
    for (const writer of this.#writers) {
      const offset = this.#offset;
      let [uncompressedSize, nullCount] = [0, 0];
      for (const page of writer.pages) {
        const compressed = await page.compressed;
        const header = pageHeader(page.rows, page.size, compressed.length);
        yield header;
        yield compressed;
        this.#offset += header.length + compressed.length;
        uncompressedSize += header.length + page.size;
        nullCount += page.nullCount;
      }
      writer.pages = [];
      const statistics = { nullCount, ...writer.statistics.take() };
      chunks.push({ offset, compressedSize: this.#offset - offset, uncompressedSize, statistics });
    }
    this.#groups.push({ rows: this.#groupRows, chunks });
    this.#groupRows = 0;
    this.#groupBytes = 0;
  }

  footer(): Uint8Array {
    return fileFooter(this.#columns, this.#groups);
  }

  #page(writer: ColumnWriter): PageBuffer {
    return writer.buffers[this.#turn];
  }

  /**
   * The row up to which the page takes rows; at least one. It depends on the rows alone, not on how they are cut into
   * batches: hence not on bytes in UTF-8 either, which only the writing shows.
   */
  #fitting(vectors: readonly Vector[], from: number, most: number): number {
    let to = most;
    vectors.forEach((vector, at) => {
      to = rowsWithin(vector, from, to, unitsPerPage - (this.#units[at] as number));
    });
    vectors.forEach((vector, at) => {
      const units = (this.#units[at] as number) + unitsOf(vector, from, to);
      this.#units[at] = units;
      if (units >= unitsPerPage) this.#pageFull = true;
    });
    return to;
  }
}

/** The row after the one with which a list of texts or bytes reaches `limit` units; `to` where it does not. */
function rowsWithin(vector: Vector, from: number, to: number, limit: number): number {
  if (vector.type !== "string" && vector.type !== "binary") return to;
  const { values, nulls } = vector;
  let units = 0;
  for (let row = from; row < to; row++) {
    units += 4 + (nulls?.[row] === 1 ? 0 : (values[row] as string | Uint8Array).length);
    if (units >= limit) return row + 1;
  }
  return to;
}

function unitsOf(vector: Vector, from: number, to: number): number {
  if (vector.type !== "string" && vector.type !== "binary") return 0;
  const { values, nulls } = vector;
  let units = 4 * (to - from);
  for (let row = from; row < to; row++) if (nulls?.[row] !== 1) units += (values[row] as string | Uint8Array).length;
  return units;
}
