import { FlyteError, type Natives, type QueryOutput, type QueryOutputs, type Types } from "@flyte-ts/core";
import {
  defined,
  namingTask,
  packageInfo,
  queryOutputs,
  TemplateTask,
  type TemplateTaskOptions,
} from "@flyte-ts/core/plugin";
import type { Sqlite3Config } from "./config.ts";
import { inputKind } from "./query/binding.ts";
import { checkInputs, parseQuery } from "./query/query.ts";

/** What defines a task that queries an SQLite database. */
export interface Sqlite3TaskOptions<Inputs extends Types, Columns extends Types, Output extends QueryOutput>
  extends TemplateTaskOptions {
  /** The task's name, unique in its project. */
  readonly name: string;
  /** Where the database is. */
  readonly config: Sqlite3Config;
  /** The inputs by name; none by default. Every one must stand in the query. */
  readonly inputs?: Inputs;
  /**
   * One statement. `{{ .inputs.name }}` becomes a parameter that the input's value is bound to; it stands where a value
   * stands, and its text never becomes SQL.
   */
  readonly query: string;
  /**
   * The columns of the output, which the query must yield under these names. Without them the output has all the columns
   * that the query yields, typed as the tables declare them or as their first values are.
   */
  readonly columns?: Columns;
  /** What the output `results` is; `dataset` by default. */
  readonly output?: Output;
}

/** A task that queries an SQLite database; `sqlite3Task` makes one. Task type `sqlite`, as flytekit's `SQLite3Task`. */
export class Sqlite3Task<Inputs extends Types, Outputs extends Types> extends TemplateTask<
  Inputs,
  Outputs,
  Natives<Outputs>
> {
  override readonly config: Sqlite3Config;
  /** The query as the author wrote it. */
  readonly query: string;

  constructor(
    {
      name,
      config,
      query,
      ...options
    }: Omit<Sqlite3TaskOptions<Types, Types, QueryOutput>, "inputs" | "columns" | "output">,
    inputs: Inputs,
    outputs: Outputs,
  ) {
    const plugin = { package: packageInfo(import.meta.url), manifest: () => import("./plugin.ts") };
    super("sqlite", { name, inputs, outputs, unwrapped: false }, plugin, options);
    this.config = config;
    this.query = query;
  }

  /** The keys of flytekit's `SQLite3Task.get_custom`. */
  override custom(): { query_template: string; uri: string; compressed: boolean } {
    return { query_template: this.query, uri: this.config.uri, compressed: this.config.compressed ?? false };
  }
}

/**
 * A task that runs one query on an SQLite database and gives its rows as a dataset, `results`.
 * @throws FlyteError `InvalidDefinition` that names the task and the place in the query: a placeholder that does not
 * stand for a value or names no input, an input that is not used or is no SQL value, several statements.
 */
export function sqlite3Task<
  const Inputs extends Types = Record<never, never>,
  const Columns extends Types = Types,
  const Output extends QueryOutput = "dataset",
>(options: Sqlite3TaskOptions<Inputs, Columns, Output>): Sqlite3Task<Inputs, QueryOutputs<Columns, Output>> {
  return defined(() => {
    const { inputs = {} as Inputs, columns, output = "dataset", ...rest } = options;
    namingTask(rest.name, () => {
      if (typeof rest.config?.uri !== "string" || rest.config.uri.trim() === "") {
        throw new FlyteError(
          "InvalidDefinition",
          `config.uri is ${JSON.stringify(rest.config?.uri)}; it must be the URI or path of a database`,
        );
      }
      const query = parseQuery(rest.query);
      for (const [name, { literalType }] of Object.entries(inputs)) inputKind(name, literalType);
      checkInputs(query, Object.keys(inputs));
      if (output === "none" && columns !== undefined) {
        throw new FlyteError("InvalidDefinition", 'columns are declared, but output is "none"; leave one of them out');
      }
    });
    return new Sqlite3Task(rest, inputs, queryOutputs(columns, output) as QueryOutputs<Columns, Output>);
  });
}
