import {
  columnsOf,
  Dataset,
  FlyteError,
  type ShimTaskExecutor,
  type TaskContext,
  type TaskTemplate,
} from "@flyte-ts/core/plugin";
import { betterSqlite3, type SqliteClient } from "./client.ts";
import type { Sqlite3Config } from "./config.ts";
import { databaseFile } from "./database-file.ts";
import { bindParameters } from "./query/binding.ts";
import { checkInputs, parseQuery } from "./query/query.ts";
import { openResult, runForNothing } from "./result/query-result.ts";

/**
 * Runs tasks of the type `sqlite` from their templates: our own, and those of flytekit's `SQLite3Task`, whose `custom`
 * has the same keys (`query_template`, `uri`, `compressed`).
 */
export class Sqlite3Executor implements ShimTaskExecutor {
  readonly #client: () => Promise<SqliteClient>;

  /** @param client the way to SQLite, better-sqlite3 by default; loaded when a task first runs. */
  constructor(client: () => Promise<SqliteClient> = betterSqlite3) {
    this.#client = client;
  }

  async executeFromModel(
    template: TaskTemplate,
    inputs: Readonly<Record<string, unknown>>,
    context: TaskContext,
  ): Promise<Readonly<Record<string, unknown>>> {
    context.signal.throwIfAborted();
    const config = configOf(template);
    const types = Object.fromEntries(
      Object.entries(template.interface?.inputs?.variables ?? {}).flatMap(([name, { type }]) =>
        type ? [[name, type]] : [],
      ),
    );
    const output = outputOf(template, context);
    const query = parseQuery(config.query);
    checkInputs(query, Object.keys(types), { lenient: true });
    const parameters = bindParameters(query, types, inputs);
    const [client, path] = await Promise.all([this.#client(), databaseFile(config, context)]);
    const { signal } = context;
    const run = { client, path, database: config.uri, query, parameters, declared: output?.columns, signal };
    if (output !== undefined) return { results: Dataset.fromBatches(openResult(run)) };
    runForNothing(run);
    return {};
  }
}

/** What flytekit's and our own templates carry. */
function configOf({ custom }: TaskTemplate): Required<Sqlite3Config> & { readonly query: string } {
  const { query_template: query, uri, compressed = false } = custom ?? {};
  const wrong = (key: string, value: unknown, right: string): FlyteError =>
    new FlyteError(
      "InvalidDefinition",
      `custom.${key} of the task's template is ${JSON.stringify(value)}; it must be ${right}`,
    );
  if (typeof query !== "string") throw wrong("query_template", query, "the text of the query");
  if (typeof uri !== "string" || uri.trim() === "") throw wrong("uri", uri, "the URI or path of the database");
  if (typeof compressed !== "boolean") throw wrong("compressed", compressed, "true or false");
  return { query, uri, compressed };
}

/** The columns of the output `results`, undefined for any; or undefined for a template without outputs. */
function outputOf(template: TaskTemplate, context: TaskContext) {
  const variables = template.interface?.outputs?.variables ?? {};
  const { results, ...others } = variables;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new FlyteError(
      "InvalidDefinition",
      `outputs.${other}: a task of the type sqlite has the one output "results"`,
    );
  }
  if (results?.type === undefined) return undefined;
  const columns = columnsOf(context.types.guess(results.type));
  if (columns !== undefined) return { columns: columns.length === 0 ? undefined : columns };
  throw new FlyteError("InvalidDefinition", "outputs.results must be a structured dataset or a schema");
}
