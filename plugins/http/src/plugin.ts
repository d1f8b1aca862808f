import { definePlugin, type PluginManifest, packageInfo } from "@flyte-ts/core/plugin";

/** What hosts load: the connector of the task type `webhook`. */
const manifest: PluginManifest = definePlugin({
  specVersion: 1,
  ...packageInfo(import.meta.url),
  provides: {
    connectors: {
      webhook: async () => {
        const { HttpConnector } = await import("./connector.ts");
        return new HttpConnector();
      },
    },
  },
});

export default manifest;
