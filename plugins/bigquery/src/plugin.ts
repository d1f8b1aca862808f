import {
  type Connector,
  ConnectorExecutor,
  definePlugin,
  type PluginManifest,
  packageInfo,
} from "@flyte-ts/core/plugin";

const connector = async (): Promise<Connector> => {
  const { BigQueryConnector } = await import("./connector.ts");
  return new BigQueryConnector();
};

/**
 * What hosts load: the connector of the task type `bigquery_query_job_task`, what drives it in a pod, and what reads
 * `bq://` datasets.
 */
const manifest: PluginManifest = definePlugin({
  specVersion: 1,
  ...packageInfo(import.meta.url),
  provides: {
    executors: {
      "bigquery_query_job_task-pod": async () => new ConnectorExecutor(connector),
    },
    connectors: {
      bigquery_query_job_task: connector,
    },
    tables: {
      bq: async () => {
        const { TableFormat } = await import("./table/table-format.ts");
        return new TableFormat();
      },
    },
  },
});

export default manifest;
