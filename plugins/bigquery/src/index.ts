/**
 * A Flyte task that runs a BigQuery job.
 * @module
 */
export type { BigQueryConfig, CredentialsSecret, TableName } from "./config.ts";
export type { ParameterTypeName, ScalarType } from "./parameters/parameter-type.ts";
export {
  type BigQueryOutput,
  BigQueryPodTask,
  type BigQueryPodTaskOptions,
  BigQueryTask,
  type BigQueryTaskOptions,
  bigqueryTask,
} from "./task.ts";
export { useBigQueryTables } from "./use-tables.ts";
