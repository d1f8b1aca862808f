import {
  askedWait,
  type Clock,
  type ColumnSchema,
  type DatasetFormat,
  type DatasetFormatContext,
  type DatasetReader,
  FlyteError,
  type RecordBatch,
  systemClock,
} from "@flyte-ts/core/plugin";
import {
  type BigQueryClient,
  type CallOptions,
  type ClientFactory,
  endpointVariable,
  type RowPage,
  type Table,
  type TableReference,
} from "../client.ts";
import { type CellColumn, vectorOf } from "./cells.ts";
import { columnOf } from "./column-types.ts";
import { tableOfUri, tableUri } from "./table-name.ts";

/** How tables are read. */
export interface TableFormatOptions {
  /** The address of an emulator; the variable `FLYTE_TS_BIGQUERY_ENDPOINT` by default, and without it BigQuery itself. */
  readonly endpoint?: string | undefined;
  readonly client?: ClientFactory;
  readonly clock?: Clock;
  /** The most rows of one page. BigQuery ends a page at some 10 MB by itself. */
  readonly rowsPerPage?: number;
}

const attempts = 5;
const firstWaitMs = 1_000;

/**
 * The rows of tables, for datasets with the scheme `bq`: read page by page over `tabledata.list`, the next page under way
 * while the last one is used, with Google's chain of credentials. Reading a table costs nothing and is not limited by the
 * query that made it.
 */
export class TableFormat implements DatasetFormat {
  readonly format = "";
  readonly #options: TableFormatOptions;
  #client: Promise<BigQueryClient> | undefined;

  constructor(options: TableFormatOptions = {}) {
    this.#options = options;
  }

  /** @throws FlyteError `Unsupported`: rows come into a table by a query. */
  async write(uri: string): Promise<never> {
    throw new FlyteError(
      "Unsupported",
      `${uri} cannot be written as a dataset; a query with a destination writes tables`,
    );
  }

  /** @throws FlyteError `NotFound`, `PermissionDenied`; `Unsupported` for a view, which has no rows of its own. */
  async open(
    uri: string,
    { signal = new AbortController().signal }: DatasetFormatContext,
    declared?: readonly ColumnSchema[],
  ): Promise<DatasetReader> {
    const reference = tableOfUri(uri);
    const call: CallOptions = { signal, clock: this.#options.clock ?? systemClock };
    const client = await this.#connected();
    const table = await repeated(() => client.getTable(reference, call), call);
    if (table.type === "VIEW" || table.type === "EXTERNAL") {
      throw new FlyteError(
        "Unsupported",
        `${uri} is of the type ${table.type}, whose rows only a query can read: select from it in a task of BigQuery`,
      );
    }
    const maxRows = this.#options.rowsPerPage ?? 50_000;
    return new TableReader({ client, call, reference, table, maxRows }, declared);
  }

  #connected(): Promise<BigQueryClient> {
    const { client = sdk, endpoint = process.env[endpointVariable] || undefined } = this.#options;
    this.#client ??= client({ endpoint });
    this.#client.catch(() => {
      this.#client = undefined;
    });
    return this.#client;
  }
}

const sdk: ClientFactory = async (options) => (await import("../sdk-client.ts")).sdkClient(options);

/** A table that is being read. */
interface OpenTable {
  readonly client: BigQueryClient;
  readonly call: CallOptions;
  readonly reference: TableReference;
  readonly table: Table;
  readonly maxRows: number;
}

class TableReader implements DatasetReader {
  readonly columns: readonly ColumnSchema[];
  readonly rows: number | undefined;
  readonly #open: OpenTable;

  constructor(open: OpenTable, declared: readonly ColumnSchema[] | undefined) {
    this.#open = open;
    this.columns = open.table.fields.map((field) => columnOf(field, declared));
    this.rows = open.table.rows;
  }

  async *batches({ columns: names }: { readonly columns?: readonly string[] } = {}): AsyncIterable<RecordBatch> {
    const { fields } = this.#open.table;
    const picked = this.#picked(names);
    // Cells come in the table's order, whatever order is asked for. A page without columns would have no rows.
    const selected = fields.filter(({ name }) => picked.includes(name)).map(({ name }) => name);
    const asked = selected.length === 0 ? fields.slice(0, 1).map(({ name }) => name) : selected;
    const cells = picked.map((name): CellColumn => {
      const at = fields.findIndex((field) => field.name === name);
      return {
        field: fields[at] as CellColumn["field"],
        column: this.columns[at] as ColumnSchema,
        at: asked.indexOf(name),
      };
    });
    let offset = 0;
    for (let next: Promise<RowPage> | undefined = this.#page(asked, undefined); next !== undefined; ) {
      const { rows, nextToken }: RowPage = await next;
      next = nextToken === undefined ? undefined : this.#page(asked, nextToken);
      next?.catch(() => {});
      if (rows.length === 0) continue;
      yield { length: rows.length, columns: cells.map((column) => vectorOf(rows, column, offset)) };
      offset += rows.length;
    }
  }

  #picked(names: readonly string[] | undefined): readonly string[] {
    const all = this.columns.map(({ name }) => name);
    const unknown = names?.find((name) => !all.includes(name));
    if (unknown === undefined) return names ?? all;
    const table = tableUri(this.#open.reference);
    throw new FlyteError("InvalidInput", `${table} has no column "${unknown}"; it has ${all.join(", ")}`);
  }

  #page(fields: readonly string[], token: string | undefined): Promise<RowPage> {
    const { client, call, reference, table, maxRows } = this.#open;
    const all = fields.length === table.fields.length ? undefined : fields;
    return repeated(() => client.listRows(reference, { fields: all, token, maxRows }, call), call);
  }
}

/** A request that changes nothing, again after a fault that passes. */
async function repeated<T>(ask: () => Promise<T>, { clock, signal }: CallOptions): Promise<T> {
  for (let attempt = 1, waitMs = firstWaitMs; ; attempt++, waitMs *= 2) {
    try {
      return await ask();
    } catch (error) {
      const passes = FlyteError.is(error) && (error.code === "Unavailable" || error.code === "Throttled");
      if (!passes || attempt === attempts) throw error;
      await clock.sleep(askedWait(error) ?? waitMs * (0.5 + Math.random() / 2), { signal });
    }
  }
}
