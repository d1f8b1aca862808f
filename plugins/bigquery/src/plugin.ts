import { definePlugin, type PluginManifest, packageInfo } from "@flyte-ts/core/plugin";

/** What hosts load: the connector of the task type `bigquery_query_job_task`, and what reads `bq://` datasets. */
const manifest: PluginManifest = definePlugin({
  specVersion: 1,
  ...packageInfo(import.meta.url),
  provides: {
    connectors: {
      bigquery_query_job_task: async () => {
        const { BigQueryConnector } = await import("./connector.ts");
        return new BigQueryConnector();
      },
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
