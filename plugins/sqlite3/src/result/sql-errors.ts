import { FlyteError, positionOf, significant } from "@flyte-ts/core/plugin";
import type { SqliteConnection } from "../client.ts";
import type { Query } from "../query/query.ts";
import { type SqlToken, tokenize } from "../query/sql-tokens.ts";

/** What an error of SQLite's is told about. */
export interface SqlErrorSubject {
  readonly query: Query;
  /** The database's URI. */
  readonly database: string;
  /** The connection, if it could be opened: it is asked where the mistake is. */
  readonly connection?: SqliteConnection | undefined;
}

/**
 * An error of SQLite's in our words: the author's mistakes (USER, not to be tried again) with their place in the query;
 * a busy or unreadable disk is the system's. Errors that are ours pass.
 */
export function sqlError(error: unknown, subject: SqlErrorSubject): FlyteError {
  if (FlyteError.is(error)) return error;
  const { code = "", message } = error as Error & { readonly code?: string };
  const options = { cause: error };
  const { database, query, connection } = subject;
  if (/^SQLITE_(?:CORRUPT|NOTADB|FORMAT)/.test(code)) {
    return new FlyteError("InvalidInput", `the database ${database} is damaged (SQLite: ${message})`, options);
  }
  if (/^SQLITE_(?:READONLY|PERM)/.test(code)) {
    return new FlyteError(
      "InvalidInput",
      `query: it changes the database, which a task only reads (SQLite: ${message})`,
      options,
    );
  }
  if (/^SQLITE_(?:CANTOPEN|BUSY|LOCKED|IOERR|FULL|PROTOCOL)/.test(code)) {
    return new FlyteError(
      "Unavailable",
      `the database ${database} cannot be read now (SQLite: ${message}, ${code})`,
      options,
    );
  }
  if (/^SQLITE_(?:NOMEM|TOOBIG)/.test(code))
    return new FlyteError("TooLarge", `query: SQLite: ${message} (${code})`, options);
  if (code.startsWith("SQLITE_")) return queryError(error as Error, query, connection);
  return FlyteError.from(error);
}

function queryError(error: Error, query: Query, connection: SqliteConnection | undefined): FlyteError {
  const tokens = significant(tokenize(query.sql));
  const offset = offsetOf(error.message, query, tokens, connection);
  const place = offset === undefined ? "" : `, ${positionOf(query.template, query.templateOffset(offset))}`;
  const options = { cause: error };
  const parameter = /^near ":(.*)": syntax error$/.exec(error.message)?.[1];
  const input = query.parameters.find(({ name }) => name === parameter)?.input;
  if (input !== undefined) {
    const text = `{{ .inputs.${input} }} stands where SQLite takes no value. An input cannot become SQL text`;
    return new FlyteError("InvalidInput", `query${place}: ${text}`, options);
  }
  const missing = /^no such (?:table|view)/.test(error.message);
  const known = missing && connection !== undefined ? `; ${tablesOf(connection)}` : "";
  return new FlyteError(
    missing ? "NotFound" : "InvalidInput",
    `query${place}: SQLite: ${error.message}${known}`,
    options,
  );
}

/** Where the mistake stands in the statement. SQLite names the token, and reading a shorter text tells which one it is. */
function offsetOf(
  message: string,
  query: Query,
  tokens: readonly SqlToken[],
  connection: SqliteConnection | undefined,
): number | undefined {
  if (message === "incomplete input") return tokens.at(-1)?.end ?? 0;
  const unknown = /^unrecognized token: "(.*)"$/s.exec(message)?.[1];
  if (unknown !== undefined) return found(query.sql.indexOf(unknown));
  const near = /^near "(.*)": syntax error$/s.exec(message)?.[1];
  if (near !== undefined) {
    const candidates = tokens.filter(({ text }) => text === near);
    const guilty = candidates.find(
      ({ end }) => candidates.length === 1 || failsAt(query.sql.slice(0, end), message, connection),
    );
    return guilty?.start;
  }
  const name = /^(?:no such (?:table|column|function)|ambiguous column name): "?([^"]+?)"?(?: - .*)?$/.exec(
    message,
  )?.[1];
  if (name === undefined) return undefined;
  const last = name.split(".").at(-1)?.toLowerCase();
  const named = tokens.filter(({ kind, text }) => (kind === "word" || kind === "name") && unquoted(text) === last);
  return named.length === 1 ? named[0]?.start : undefined;
}

function failsAt(sql: string, message: string, connection: SqliteConnection | undefined): boolean {
  try {
    connection?.columns(sql);
    return false;
  } catch (error) {
    return (error as Error).message === message;
  }
}

function tablesOf(connection: SqliteConnection): string {
  const shown = 20;
  const names: string[] = [];
  const sql =
    "select name from sqlite_schema where type in ('table', 'view') and name not like 'sqlite~_%' escape '~' order by name";
  for (const _ of connection.rows({ sql, parameters: {} }, [0], ([name]) => names.push(String(name)) < 0));
  if (names.length === 0) return "the database has no tables";
  return `the database has ${names.slice(0, shown).join(", ")}${names.length > shown ? " and others" : ""}`;
}

const found = (index: number): number | undefined => (index < 0 ? undefined : index);
const unquoted = (text: string): string => (/^["[`]/.test(text) ? text.slice(1, -1) : text).toLowerCase();
