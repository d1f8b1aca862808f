import { definePlugin, type PluginManifest, packageInfo } from "@flyte-ts/core/plugin";

/** What hosts load: the executor of the task type `sqlite`. */
const manifest: PluginManifest = definePlugin({
  specVersion: 1,
  ...packageInfo(import.meta.url),
  provides: {
    executors: {
      sqlite: async () => {
        const { Sqlite3Executor } = await import("./executor.ts");
        return new Sqlite3Executor();
      },
    },
  },
});

export default manifest;
