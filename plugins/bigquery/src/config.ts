import type { ParameterTypeName } from "./parameters/parameter-type.ts";

/** A table: `project.dataset.table` or, in the job's own project, `dataset.table`. */
export type TableName = string;

/** Which secret holds the key of a service account: a group and a key, as the operator names them. */
export interface CredentialsSecret {
  /** The secret's group; none by default. */
  readonly group?: string;
  /** The key in it. */
  readonly key: string;
}

/** How a query is run: flytekit's `BigQueryConfig` with its `QueryJobConfig`, under the names of BigQuery's REST API. */
export interface BigQueryConfig {
  /** The project that the job belongs to, and that pays for it. */
  readonly project: string;
  /** Where the job runs (`US`, `europe-west4`). By default BigQuery takes it from the tables that the query reads. */
  readonly location?: string;
  /** The dataset of table names that have none: `dataset`, or `project.dataset`. */
  readonly defaultDataset?: string;
  /** The table that the rows are written to. By default BigQuery makes one, for a day, that only the job's user reads. */
  readonly destination?: TableName;
  /** What becomes of rows that the destination has; BigQuery's default is `WRITE_EMPTY`, which refuses a table with rows. */
  readonly writeDisposition?: "WRITE_EMPTY" | "WRITE_TRUNCATE" | "WRITE_APPEND";
  /** Whether a missing destination is created; it is, by default. */
  readonly createDisposition?: "CREATE_IF_NEEDED" | "CREATE_NEVER";
  /** A query that would be billed for more bytes fails, and costs nothing. */
  readonly maximumBytesBilled?: number | bigint;
  /** `BATCH` waits for idle slots; `INTERACTIVE` by default. */
  readonly priority?: "INTERACTIVE" | "BATCH";
  /** False to run a query that BigQuery has the result of. */
  readonly useQueryCache?: boolean;
  /** The job's own labels, besides those that tell Flyte's execution. */
  readonly labels?: Readonly<Record<string, string>>;
  /** BigQuery stops a job that takes longer, in milliseconds. */
  readonly jobTimeoutMs?: number;
  /** True to check the query and estimate its bytes without running it; the task must have `output: "none"` then. */
  readonly dryRun?: boolean;
  /**
   * The types of inputs' parameters where they are not to be what they are by themselves: `{ price: "NUMERIC" }` for an
   * input that is a string.
   */
  readonly parameterTypes?: Readonly<Record<string, ParameterTypeName>>;
  /**
   * The secret with the JSON key of the service account that runs the job. By default Google's chain is followed
   * (`GOOGLE_APPLICATION_CREDENTIALS`, workload identity, the machine's service account).
   */
  readonly credentials?: CredentialsSecret;
}

/** The names of all that a config has. */
export const configNames: readonly string[] = Object.keys({
  project: true,
  location: true,
  defaultDataset: true,
  destination: true,
  writeDisposition: true,
  createDisposition: true,
  maximumBytesBilled: true,
  priority: true,
  useQueryCache: true,
  labels: true,
  jobTimeoutMs: true,
  dryRun: true,
  parameterTypes: true,
  credentials: true,
} satisfies Record<keyof BigQueryConfig, true>);
