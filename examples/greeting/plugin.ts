import { definePlugin, type PluginManifest } from "@flyte-ts/core/plugin";

/** What the image loads: who runs the task type. A package says where it is: `"flyte-ts": { "plugin": "./plugin" }`. */
const manifest: PluginManifest = definePlugin({
  specVersion: 1,
  name: "greeting",
  version: "1.0.0",
  provides: {
    executors: {
      greeting: async () => {
        const { GreetingExecutor } = await import("./executor.ts");
        return new GreetingExecutor();
      },
    },
  },
});

export default manifest;
