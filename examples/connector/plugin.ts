import { definePlugin, type PluginManifest } from "@flyte-ts/core/plugin";

/** What a connector service loads: `flyte-ts serve connector` serves the types of every plugin that it is given. */
const manifest: PluginManifest = definePlugin({
  specVersion: 1,
  name: "tutorial-connectors",
  version: "1.0.0",
  provides: {
    connectors: {
      bigquery: async () => {
        const [{ BigQueryConnector }, { Warehouse }] = await Promise.all([
          import("./bigquery-connector.ts"),
          import("./services.ts"),
        ]);
        return new BigQueryConnector(new Warehouse());
      },
      openai: async () => {
        const { OpenAIConnector } = await import("./openai-connector.ts");
        return new OpenAIConnector();
      },
    },
  },
});

export default manifest;
