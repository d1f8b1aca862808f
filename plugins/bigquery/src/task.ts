import {
  FlyteError,
  type Natives,
  type QueryOutput,
  type QueryOutputs,
  type SerializationSettings,
  type TaskContext,
  type TaskOptions,
  type Types,
} from "@flyte-ts/core";
import {
  AsyncConnectorTask,
  checkKnown,
  containerOptionNames,
  defined,
  type LiteralMap,
  namingTask,
  packageInfo,
  queryOutputs,
  TaskTemplate,
  TemplateTask,
  type TemplateTaskOptions,
  type TemplateTaskPlugin,
  taskOptionNames,
} from "@flyte-ts/core/plugin";
import { type BigQueryConfig, configNames } from "./config.ts";
import { customOf, type DeclaredParameter } from "./custom.ts";
import { namedType, parameterType } from "./parameters/parameter-type.ts";
import { checkInputs, parseQuery } from "./query/query.ts";
import { readTables } from "./use-tables.ts";

/** What a task's output is: a dataset, or nothing at all. */
export type BigQueryOutput = Exclude<QueryOutput, "schema">;

/** What defines a job of BigQuery, wherever it is driven from. */
interface JobOptions<Inputs extends Types, Columns extends Types, Output extends BigQueryOutput> {
  /** The task's name, unique in its project. */
  readonly name: string;
  /** The project, and how the query is run. */
  readonly config: BigQueryConfig;
  /** The inputs by name; none by default. Every one must stand in the query. */
  readonly inputs?: Inputs;
  /**
   * GoogleSQL. `{{ .inputs.name }}` and `@name` are the input's value, bound as a named parameter; its text never becomes
   * SQL.
   */
  readonly query: string;
  /** The columns of the output, which the query must yield under these names. Any columns by default. */
  readonly columns?: Columns;
  /** `dataset` (the default) gives the rows as `results`; `none` is for statements without rows. */
  readonly output?: Output;
}

/** What defines a task that a connector service runs. */
export interface BigQueryTaskOptions<Inputs extends Types, Columns extends Types, Output extends BigQueryOutput>
  extends JobOptions<Inputs, Columns, Output>,
    Omit<TaskOptions, "config"> {
  /** `connector` (the default): Flyte's connector service starts the job, and no pod waits for it. */
  readonly runAs?: "connector";
}

/** What defines a task that runs its job from a pod. */
export interface BigQueryPodTaskOptions<Inputs extends Types, Columns extends Types, Output extends BigQueryOutput>
  extends JobOptions<Inputs, Columns, Output>,
    Omit<TemplateTaskOptions, "config"> {
  /** `pod`: a pod of this package's image starts the job, waits for it and stops it when it is stopped itself. */
  readonly runAs: "pod";
}

/** What a template's `custom` holds: JSON. */
type Custom = NonNullable<TaskTemplate["custom"]>;

/** Flyte's routing key of these tasks; a pod's has a suffix, and no connector service serves it. */
const taskType = "bigquery_query_job_task";

const plugin: TemplateTaskPlugin = {
  package: packageInfo(import.meta.url),
  manifest: () => import("./plugin.ts"),
};

/** A task that runs a query as a job; `bigqueryTask` makes one. Task type `bigquery_query_job_task`, as flytekit's. */
export class BigQueryTask<Inputs extends Types, Outputs extends Types> extends AsyncConnectorTask<
  Inputs,
  Outputs,
  Natives<Outputs>
> {
  /** The project, and how the query is run. */
  override readonly config: BigQueryConfig;
  /** The query as the author wrote it. */
  readonly query: string;

  constructor(
    { name, config, query, ...options }: Omit<BigQueryTaskOptions<Types, Types, BigQueryOutput>, "inputs" | "columns">,
    inputs: Inputs,
    outputs: Outputs,
  ) {
    super(taskType, { name, inputs, outputs, unwrapped: false }, plugin, options);
    this.config = config;
    this.query = query;
  }

  /** The keys of flytekit's `BigQueryTask.get_custom`, and the types of the parameters; `Domain` stands in the template. */
  override custom(): Custom {
    return customOf(this.config, declaredParameters(this.inputs, this.config));
  }

  /** Locally the rows are read in this process too, whose plugins nobody has named. */
  override dispatchExecute(context: TaskContext, inputs: LiteralMap): Promise<LiteralMap> {
    readTables(context.datasets);
    return super.dispatchExecute(context, inputs);
  }

  /** The statement stands in `sql`, as flytekit has it. */
  override template(settings: SerializationSettings): TaskTemplate {
    const template = withDomain(super.template(settings), settings);
    const { target } = TaskTemplate.create({
      target: { case: "sql", value: { statement: parseQuery(this.query).sql, dialect: ansi } },
    });
    return { ...template, target };
  }
}

/** A task that runs a query as a job from a pod; `bigqueryTask` with `runAs: "pod"` makes one. */
export class BigQueryPodTask<Inputs extends Types, Outputs extends Types> extends TemplateTask<
  Inputs,
  Outputs,
  Natives<Outputs>
> {
  /** The project, and how the query is run. */
  override readonly config: BigQueryConfig;
  /** The query as the author wrote it. */
  readonly query: string;
  /** A run that ends early stops its job first. */
  readonly cleansUp: boolean = true;

  constructor(
    {
      name,
      config,
      query,
      runAs: _,
      ...options
    }: Omit<BigQueryPodTaskOptions<Types, Types, BigQueryOutput>, "inputs" | "columns">,
    inputs: Inputs,
    outputs: Outputs,
  ) {
    const { credentials } = config;
    const { secrets = [] } = options;
    const asked = secrets.some(({ group, key }) => group === credentials?.group && key === credentials?.key);
    const needed = credentials === undefined || asked ? secrets : [...secrets, credentials];
    super(`${taskType}-pod`, { name, inputs, outputs, unwrapped: false }, plugin, { ...options, secrets: needed });
    this.config = config;
    this.query = query;
  }

  /** The task's `custom` as a connector would have it, with the statement, for which a container leaves no other place. */
  override custom(): Custom {
    const custom = customOf(this.config, declaredParameters(this.inputs, this.config));
    return { ...custom, statement: parseQuery(this.query).sql };
  }

  /** Locally the rows are read in this process too, whose plugins nobody has named. */
  override dispatchExecute(context: TaskContext, inputs: LiteralMap): Promise<LiteralMap> {
    readTables(context.datasets);
    return super.dispatchExecute(context, inputs);
  }

  /** A container of this package's image. */
  override template(settings: SerializationSettings): TaskTemplate {
    return withDomain(super.template(settings), settings);
  }
}

/** `Sql.Dialect.ANSI`, which flytekit says as well. */
const ansi = 1;

const withDomain = (template: TaskTemplate, { domain }: SerializationSettings): TaskTemplate => ({
  ...template,
  custom: { ...template.custom, Domain: domain },
});

/** The inputs as parameters without values: days and moments look the same on the wire, and a struct's fields have an order. */
function declaredParameters(inputs: Types, { parameterTypes = {} }: BigQueryConfig): DeclaredParameter[] {
  return Object.entries(inputs).map(([name, type]) => {
    const own = parameterType(name, type.literalType, type);
    const wanted = Object.hasOwn(parameterTypes, name) ? parameterTypes[name] : undefined;
    return { name, parameterType: wanted === undefined ? own : namedType(name, wanted, own) };
  });
}

/**
 * A task that runs a query as a BigQuery job and gives the table of its rows as a dataset, `results`.
 * @throws FlyteError `InvalidDefinition` that names the task and the field or place in the query: a placeholder that does
 * not stand for a value or names no input, an input that is not used or is no value of BigQuery, a label, name or limit
 * that BigQuery would refuse.
 */
export function bigqueryTask<
  const Inputs extends Types = Record<never, never>,
  const Columns extends Types = Types,
  const Output extends BigQueryOutput = "dataset",
>(options: BigQueryPodTaskOptions<Inputs, Columns, Output>): BigQueryPodTask<Inputs, QueryOutputs<Columns, Output>>;
/** The same, run by Flyte's connector service. */
export function bigqueryTask<
  const Inputs extends Types = Record<never, never>,
  const Columns extends Types = Types,
  const Output extends BigQueryOutput = "dataset",
>(options: BigQueryTaskOptions<Inputs, Columns, Output>): BigQueryTask<Inputs, QueryOutputs<Columns, Output>>;
export function bigqueryTask(
  options: BigQueryPodTaskOptions<Types, Types, BigQueryOutput> | BigQueryTaskOptions<Types, Types, BigQueryOutput>,
): BigQueryPodTask<Types, Types> | BigQueryTask<Types, Types> {
  return defined(() => {
    const { inputs = {}, columns, output = "dataset", ...rest } = options;
    const outputs = namingTask(rest.name, () => {
      check(options, inputs);
      return outputsOf(columns, output, rest.config);
    });
    return rest.runAs === "pod" ? new BigQueryPodTask(rest, inputs, outputs) : new BigQueryTask(rest, inputs, outputs);
  });
}

/** What both kinds of task may say, beside the options of every task. */
const jobOptionNames: readonly string[] = Object.keys({
  name: true,
  config: true,
  inputs: true,
  query: true,
  columns: true,
  output: true,
  runAs: true,
} satisfies Record<keyof JobOptions<Types, Types, BigQueryOutput> | "runAs", true>);

function check(
  options: BigQueryPodTaskOptions<Types, Types, BigQueryOutput> | BigQueryTaskOptions<Types, Types, BigQueryOutput>,
  inputs: Types,
): void {
  const { config, query }: Partial<typeof options> = options;
  const runAs: string | undefined = options.runAs;
  if (typeof config !== "object" || config === null) throw bad("config is missing; it must name a project");
  checkKnown(config, configNames, "config.");
  const ofPods = Object.keys(options).find(
    (name) => containerOptionNames.includes(name) && !taskOptionNames.includes(name),
  );
  if (ofPods !== undefined && runAs !== "pod") throw bad(`${ofPods} goes with runAs: "pod" alone`);
  checkKnown(options, [...jobOptionNames, ...containerOptionNames]);
  if (runAs !== undefined && runAs !== "connector" && runAs !== "pod") {
    throw bad(`runAs is ${JSON.stringify(runAs)}; it must be "connector" or "pod"`);
  }
  if (typeof query !== "string") throw bad(`query is ${JSON.stringify(query)}; it must be GoogleSQL`);
  checkInputs(parseQuery(query), Object.keys(inputs));
  const unknown = Object.keys(config.parameterTypes ?? {}).find((name) => !Object.hasOwn(inputs, name));
  if (unknown !== undefined) throw bad(`config.parameterTypes.${unknown} names no input`);
  customOf(config, declaredParameters(inputs, config));
}

function outputsOf(columns: Types | undefined, output: BigQueryOutput, { dryRun }: BigQueryConfig): Types {
  if (output !== "none" && output !== "dataset") {
    throw bad(`output is ${JSON.stringify(output)}; it must be "dataset" or "none"`);
  }
  if (output === "dataset" && dryRun === true) throw bad('config.dryRun yields no rows; declare output: "none"');
  if (output === "dataset") return queryOutputs(columns);
  if (columns !== undefined) throw bad('columns are declared, but output is "none"; leave one of them out');
  return {};
}

const bad = (message: string): FlyteError => new FlyteError("InvalidDefinition", message);
