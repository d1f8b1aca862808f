import { setImmediate as nextTurn } from "node:timers/promises";
import { type ColumnSchema, type DatasetSource, FlyteError, type RecordBatch } from "@flyte-ts/core/plugin";
import type { ResultColumn, SqliteClient, SqliteConnection } from "../client.ts";
import type { SqlParameter } from "../query/binding.ts";
import type { Query } from "../query/query.ts";
import { promisedType } from "./column-types.ts";
import { type PlannedColumn, RowGroups } from "./row-groups.ts";
import { sqlError } from "./sql-errors.ts";

/** A query that is about to run. */
export interface QueryRun {
  readonly client: SqliteClient;
  /** The database file. */
  readonly path: string;
  /** Its URI, for messages. */
  readonly database: string;
  readonly query: Query;
  readonly parameters: Readonly<Record<string, SqlParameter>>;
  /** The columns that the author declared; undefined for whatever the query yields. */
  readonly declared: readonly ColumnSchema[] | undefined;
  readonly signal: AbortSignal;
}

/** Runs a query for its effects and errors alone; rows that it yields are dropped. */
export function runForNothing(run: QueryRun): void {
  withConnection(run, (connection) => {
    const request = { sql: run.query.sql, parameters: run.parameters };
    if (connection.columns(request.sql).length === 0) return connection.run(request);
    for (const _ of connection.rows(request, [], () => false));
  });
}

/**
 * Runs a query up to its first row group, which settles the columns, and gives the rest when it is asked for. Memory does
 * not grow with the rows. When the batches are read a second time, the query runs again.
 * @throws FlyteError for the author's mistakes; `InvalidInput` for values that do not fit.
 */
export function openResult(run: QueryRun): DatasetSource {
  let begun: Begun | undefined = begin(run);
  const columns = begun.groups.schema;
  return {
    columns,
    batches: {
      async *[Symbol.asyncIterator]() {
        const { first, rest } = begun ?? begin(run);
        begun = undefined;
        try {
          for (let next = first; next.done !== true; next = rest.next()) {
            run.signal.throwIfAborted();
            yield next.value;
            await nextTurn(); // Native buffers are only given back between turns of the event loop.
          }
        } finally {
          rest.return();
        }
      },
    },
  };
}

/** A query whose first row group has been read. */
interface Begun {
  readonly groups: RowGroups;
  readonly first: IteratorResult<RecordBatch, void>;
  readonly rest: Generator<RecordBatch, void>;
}

function begin(run: QueryRun): Begun {
  const planned = withConnection(run, (connection) => plan(connection.columns(run.query.sql), run.declared));
  const groups = new RowGroups(planned.map(({ column }) => column));
  const rest = batches(
    run,
    planned.map(({ index }) => index),
    groups,
  );
  return { groups, first: rest.next(), rest };
}

function* batches(run: QueryRun, picks: readonly number[], groups: RowGroups): Generator<RecordBatch, void> {
  let connection: SqliteConnection | undefined;
  try {
    connection = run.client.open(run.path);
    const request = { sql: run.query.sql, parameters: run.parameters };
    if (connection.columns(request.sql).length === 0) connection.run(request);
    else for (const _ of connection.rows(request, picks, (values) => groups.push(values))) yield groups.take();
    const last = groups.take();
    if (last.length > 0) yield last;
  } catch (error) {
    throw sqlError(error, { query: run.query, database: run.database, connection });
  } finally {
    connection?.close();
  }
}

function withConnection<T>(run: QueryRun, use: (connection: SqliteConnection) => T): T {
  let connection: SqliteConnection | undefined;
  try {
    connection = run.client.open(run.path);
    return use(connection);
  } catch (error) {
    throw sqlError(error, { query: run.query, database: run.database, connection });
  } finally {
    connection?.close();
  }
}

/** Which columns of the result are taken, and with which types. */
function plan(
  result: readonly ResultColumn[],
  declared: readonly ColumnSchema[] | undefined,
): readonly { readonly index: number; readonly column: PlannedColumn }[] {
  const count = (name: string): number => result.filter((column) => column.name === name).length;
  const unique = (name: string): void => {
    if (count(name) > 1) {
      throw new FlyteError(
        "InvalidDefinition",
        `query: ${count(name)} columns of its result are called "${name}"; rename with AS`,
      );
    }
  };
  if (declared === undefined || result.length === 0) {
    const wanted = result.length === 0 ? (declared ?? []).map(({ name, type }) => ({ name, declared: type })) : result;
    return wanted.map((column, index) => {
      unique(column.name);
      const promised = "declaration" in column ? promisedType(column.declaration) : undefined;
      const type = "declared" in column ? column.declared : undefined;
      return { index, column: { name: column.name, declared: type, promised } };
    });
  }
  return declared.map(({ name, type }) => {
    const index = result.findIndex((column) => column.name === name);
    if (index < 0) throw missing(name, result);
    unique(name);
    return { index, column: { name, declared: type, promised: undefined } };
  });
}

function missing(name: string, result: readonly ResultColumn[]): FlyteError {
  const names = result.map((column) => column.name);
  const near = names.find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  const hint = near === undefined ? "" : `; write "${near}"`;
  return new FlyteError(
    "InvalidDefinition",
    `columns.${name}: the query yields no such column, but ${names.join(", ")}${hint}`,
  );
}
