import type BetterSqlite3 from "better-sqlite3";
import type { SqlParameter } from "./query/binding.ts";
import type { SqlValue } from "./result/column-types.ts";

/** A column of a statement's result. */
export interface ResultColumn {
  readonly name: string;
  /** The type in the `create table` of the column that it comes from; null for expressions, and where there is none. */
  readonly declaration: string | null;
}

/** What a connection is asked to run. */
export interface StatementRequest {
  /** One statement, without a semicolon. */
  readonly sql: string;
  readonly parameters: Readonly<Record<string, SqlParameter>>;
}

/**
 * A connection to one database file, for reading. Errors are thrown as SQLite's driver makes them: with a `code` such as
 * `SQLITE_ERROR`, and SQLite's message.
 */
export interface SqliteConnection {
  /** The columns of a statement's result; none for a statement that returns nothing. Nothing is run. */
  columns(sql: string): readonly ResultColumn[];
  /** Runs a statement that returns nothing. */
  run(request: StatementRequest): void;
  /**
   * Runs a statement and hands every row, in order, to `push`; pauses (yields) where `push` answered true.
   * @param picks the columns that are wanted, by their place; their values are handed over in this order.
   */
  rows(
    request: StatementRequest,
    picks: readonly number[],
    push: (values: readonly SqlValue[]) => boolean,
  ): Iterable<void>;
  /** The SQLite library's version. */
  readonly version: string;
  close(): void;
}

/** Opens database files. */
export interface SqliteClient {
  /** Opens a file that exists, read-only. */
  open(path: string): SqliteConnection;
}

/** The client over better-sqlite3, which is loaded here. */
export async function betterSqlite3(): Promise<SqliteClient> {
  const { default: Database } = await import("better-sqlite3");
  return {
    open: (path) => new BetterSqlite3Connection(new Database(path, { readonly: true, fileMustExist: true })),
  };
}

/** SQLite's limit on a function's arguments (SQLITE_MAX_FUNCTION_ARG in this build). */
const maxArguments = 1000;

class BetterSqlite3Connection implements SqliteConnection {
  readonly #database: BetterSqlite3.Database;

  constructor(database: BetterSqlite3.Database) {
    this.#database = database;
  }

  get version(): string {
    return this.#database.prepare("select sqlite_version()").pluck().get() as string;
  }

  columns(sql: string): readonly ResultColumn[] {
    const statement = this.#database.prepare(sql);
    return statement.reader ? statement.columns().map(({ name, type }) => ({ name, declaration: type })) : [];
  }

  run({ sql, parameters }: StatementRequest): void {
    this.#database.prepare(sql).run(...bindings(parameters));
  }

  rows(
    request: StatementRequest,
    picks: readonly number[],
    push: (values: readonly SqlValue[]) => boolean,
  ): Iterable<void> {
    return this.#pushedRows(request, picks, push) ?? this.#steppedRows(request, picks, push);
  }

  /**
   * The fast way: the rows never come out of SQLite one by one. A function of ours takes each row's columns as arguments
   * in a WHERE, and SQLite returns a row (of no use in itself) only when that function wants a pause. `limit -1` keeps
   * the planner from merging the two queries, which could change the order of the rows.
   *
   * Undefined for statements that cannot stand in a common table expression: PRAGMA, EXPLAIN.
   */
  #pushedRows(
    { sql, parameters }: StatementRequest,
    picks: readonly number[],
    push: (values: readonly SqlValue[]) => boolean,
  ): Iterable<void> | undefined {
    if (picks.length === 0 || picks.length > maxArguments) return undefined;
    const unique = uniqueName(sql);
    const names = this.columns(sql).map((_, index) => `c${index}`);
    const picked = picks.map((index) => `c${index}`).join(", ");
    const wrapped =
      `with ${unique}(${names.join(", ")}) as (${sql}\n) ` +
      `select 1 from (select * from ${unique} limit -1) where ${unique}_push(${picked})`;
    const options = { varargs: true, safeIntegers: true, directOnly: true };
    this.#database.function(`${unique}_push`, options, (...values: SqlValue[]) => (push(values) ? 1 : 0));
    try {
      const statement = this.#database.prepare(wrapped);
      if (!statement.readonly) return undefined;
      return pauses(statement.raw().iterate(...bindings(parameters)));
    } catch (error) {
      if ((error as { code?: string }).code === "SQLITE_ERROR") return undefined;
      throw error;
    }
  }

  *#steppedRows(
    { sql, parameters }: StatementRequest,
    picks: readonly number[],
    push: (values: readonly SqlValue[]) => boolean,
  ): Generator<void> {
    const statement = this.#database.prepare(sql).raw().safeIntegers();
    for (const row of statement.iterate(...bindings(parameters)) as Iterable<SqlValue[]>) {
      if (push(picks.map((index) => row[index] ?? null))) yield;
    }
  }

  close(): void {
    this.#database.close();
  }
}

function* pauses(rows: Iterable<unknown>): Generator<void> {
  for (const _ of rows) yield;
}

/** A name that the statement does not use. */
function uniqueName(sql: string): string {
  const lower = sql.toLowerCase();
  for (let number = 0; ; number++) {
    const name = number === 0 ? "flyte_rows" : `flyte_rows_${number}`;
    if (!lower.includes(name)) return name;
  }
}

const bindings = (parameters: Readonly<Record<string, SqlParameter>>): Readonly<Record<string, SqlParameter>>[] =>
  Object.keys(parameters).length === 0 ? [] : [parameters];
