import { FlyteError } from "../errors/flyte-error.ts";
import type { BatchSource } from "./batch-source.ts";
import { castable, castVector } from "./cast.ts";
import type { DatasetFormatContext, DatasetReader } from "./dataset-format.ts";
import type { DatasetStore } from "./dataset-store.ts";
import { checkColumns, type NativeColumn, selectColumns } from "./native-column.ts";
import type { RecordBatch, Vector } from "./record-batch.ts";

/** What reading and writing datasets needs; a `ConversionContext` has it all. */
export interface DatasetContext extends DatasetFormatContext {
  readonly datasets: DatasetStore;
}

/** A dataset in a storage, opened when first read. Declared columns choose, order and convert what is there. */
export class StoredSource implements BatchSource {
  readonly #uri: string;
  readonly #format: string;
  readonly #declared: readonly NativeColumn[] | undefined;
  readonly #context: DatasetContext;
  #reader: Promise<DatasetReader> | undefined;

  constructor(uri: string, format: string, declared: readonly NativeColumn[] | undefined, context: DatasetContext) {
    if (declared !== undefined) checkColumns(declared);
    this.#uri = uri;
    this.#format = format;
    this.#declared = declared;
    this.#context = context;
  }

  async columns(): Promise<readonly NativeColumn[]> {
    const { columns: present } = await this.#open();
    if (this.#declared === undefined) return present;
    const found = selectColumns(
      present,
      this.#declared.map(({ name }) => name),
      this.#uri,
    );
    this.#declared.forEach(({ name, type }, at) => {
      const stored = found[at]?.type ?? type;
      if (castable(stored, type)) return;
      throw new FlyteError("InvalidType", `column "${name}" of ${this.#uri} is ${stored}, where ${type} is declared`);
    });
    return this.#declared;
  }

  async *batches(names?: readonly string[]): AsyncIterable<RecordBatch> {
    const reader = await this.#open();
    const wanted = selectColumns(await this.columns(), names, this.#uri);
    let offset = 0;
    for await (const batch of reader.batches({ columns: wanted.map(({ name }) => name) })) {
      const columns = batch.columns.map((vector, at): Vector => {
        const { name, type } = wanted[at] as NativeColumn;
        return castVector(vector, batch.length, type, name, offset);
      });
      yield { length: batch.length, columns };
      offset += batch.length;
    }
  }

  #open(): Promise<DatasetReader> {
    if (this.#reader === undefined) {
      const opened = this.#context.datasets.open(this.#uri, this.#format, this.#context, this.#declared);
      this.#reader = opened;
      opened.catch(() => {
        this.#reader = undefined;
      });
    }
    return this.#reader;
  }
}
