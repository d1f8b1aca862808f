import {
  FlyteError,
  type Natives,
  type QueryOutput,
  type QueryOutputs,
  type TaskOptions,
  type Types,
} from "@flyte-ts/core";
import {
  AsyncConnectorTask,
  checkKnown,
  defined,
  formOf,
  namingTask,
  packageInfo,
  queryOutputs,
  taskOptionNames,
} from "@flyte-ts/core/plugin";
import { type AthenaConfig, type AthenaFormat, configNames, regionPattern } from "./config.ts";
import { type AthenaCustom, customOf } from "./custom.ts";
import { checkInputs, checkYieldsRows, parseQuery } from "./query/query.ts";
import { checkType } from "./query/sql-values.ts";

/** What defines a task that queries Athena. */
export interface AthenaTaskOptions<Inputs extends Types, Columns extends Types, Output extends QueryOutput>
  extends Omit<TaskOptions, "config"> {
  /** The task's name, unique in its project. */
  readonly name: string;
  /** Where the query runs. */
  readonly config?: AthenaConfig;
  /** The inputs by name; none by default. Every one must stand in the query. */
  readonly inputs?: Inputs;
  /**
   * One statement. `{{ .inputs.name }}` becomes a parameter that carries the input's value; it stands where a value
   * stands, and its text never becomes SQL.
   */
  readonly query: string;
  /** The columns of the output, which the query must yield under these names. Without them: all that it yields. */
  readonly columns?: Columns;
  /** What the output `results` is; `dataset` by default. */
  readonly output?: Output;
  /** How the rows are stored; `csv` by default, `parquet` for a schema. */
  readonly format?: AthenaFormat;
}

/** A task that queries Athena; `athenaTask` makes one. Task type `athena`. */
export class AthenaTask<Inputs extends Types, Outputs extends Types> extends AsyncConnectorTask<
  Inputs,
  Outputs,
  Natives<Outputs>
> {
  /** The query as the author wrote it. */
  readonly query: string;
  /** What the template says (`TaskTemplate.custom`). */
  readonly definition: AthenaCustom;

  constructor(
    entity: { readonly name: string; readonly inputs: Inputs; readonly outputs: Outputs },
    custom: AthenaCustom,
    options: TaskOptions,
  ) {
    const plugin = { package: packageInfo(import.meta.url), manifest: () => import("./plugin.ts") };
    super("athena", { ...entity, unwrapped: false }, plugin, options);
    this.query = custom.statement;
    this.definition = custom;
  }

  /** The keys of flytekit's `AthenaTask.get_custom`, and ours in `flyte_ts`. */
  override custom(): ReturnType<AsyncConnectorTask<Inputs, Outputs, Natives<Outputs>>["custom"]> {
    return JSON.parse(JSON.stringify(this.definition));
  }
}

/**
 * A task that runs one query on Athena and gives its rows as a dataset, `results`.
 * @throws FlyteError `InvalidDefinition` that names the task and the place in the query: a placeholder that does not
 * stand for a value or names no input, an input that is not used or is no SQL value, several statements.
 */
export function athenaTask<
  const Inputs extends Types = Record<never, never>,
  const Columns extends Types = Types,
  const Output extends QueryOutput = "dataset",
>(options: AthenaTaskOptions<Inputs, Columns, Output>): AthenaTask<Inputs, QueryOutputs<Columns, Output>> {
  return defined(() => {
    const { name, inputs = {} as Inputs, query, config = {}, columns, output = "dataset", format, ...rest } = options;
    return namingTask(name, () => {
      checkKnown(options, optionNames);
      if (typeof query !== "string") {
        throw new FlyteError(
          "InvalidDefinition",
          `query is ${JSON.stringify(query)}; it must be the text of a statement`,
        );
      }
      const parsed = parseQuery(query);
      for (const [input, { literalType }] of Object.entries(inputs)) checkType(input, literalType);
      checkInputs(parsed, Object.keys(inputs));
      checkConfig(config);
      if (output === "none" && (columns ?? format) !== undefined) {
        throw new FlyteError(
          "InvalidDefinition",
          'columns or format are given, but output is "none"; leave one of them out',
        );
      }
      if (format !== undefined && format !== "csv" && format !== "parquet") {
        throw new FlyteError("InvalidDefinition", `format is ${JSON.stringify(format)}; it must be "csv" or "parquet"`);
      }
      if (output === "schema" && format === "csv") {
        throw new FlyteError("InvalidDefinition", 'format is "csv", but output is "schema", which is Parquet always');
      }
      if (output !== "none") checkYieldsRows(parsed, format ?? "csv");
      const days = Object.keys(inputs).filter((input) => isDay(inputs[input]));
      const custom = customOf(query, config, { format: format ?? (output === "schema" ? "parquet" : "csv"), days });
      const outputs = queryOutputs(columns, output, custom.flyte_ts.format) as QueryOutputs<Columns, Output>;
      return new AthenaTask({ name, inputs, outputs }, custom, rest);
    });
  });
}

/** All that a task may say. */
const optionNames: readonly string[] = [
  ...taskOptionNames,
  ...Object.keys({ name: true, inputs: true, query: true, columns: true, output: true, format: true } satisfies Record<
    Exclude<keyof AthenaTaskOptions<Types, Types, QueryOutput>, keyof TaskOptions>,
    true
  >),
];

/** True for `t.date`, and for lists, maps and optionals of it. */
function isDay(type: Types[string] | undefined): boolean {
  if (type === undefined) return false;
  const form = formOf(type);
  return form.kind === "date" || ("item" in form && isDay(form.item));
}

function checkConfig(config: AthenaConfig): void {
  checkKnown(config, configNames, "config.");
  const { outputLocation, region, reuseMinutes, ...names } = config;
  const wrong = (key: string, value: unknown, right: string): FlyteError =>
    new FlyteError("InvalidDefinition", `config.${key} is ${JSON.stringify(value)}; it must be ${right}`);
  for (const [key, name] of Object.entries(names)) {
    if (name === undefined) continue;
    if (typeof name !== "string" || name === "") throw wrong(key, name, "a name");
    if (/\{\{/.test(name)) throw wrong(key, name, "a name without placeholders");
  }
  if (outputLocation !== undefined && !(typeof outputLocation === "string" && /^s3:\/\/[^/]+/.test(outputLocation))) {
    throw wrong("outputLocation", outputLocation, "a folder on S3, s3://…");
  }
  if (region !== undefined && !(typeof region === "string" && regionPattern.test(region)))
    throw wrong("region", region, "a region, such as eu-central-1");
  // AWS, ResultReuseByAgeConfiguration: up to seven days.
  if (reuseMinutes !== undefined && !(Number.isInteger(reuseMinutes) && reuseMinutes >= 0 && reuseMinutes <= 10_080)) {
    throw wrong("reuseMinutes", reuseMinutes, "a whole number of minutes, up to 10,080");
  }
}
