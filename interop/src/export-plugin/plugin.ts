/** A plugin with a sensor of its own and no connector: the sensor engine polls for its tasks. */
import { definePlugin } from "@flyte-ts/core/plugin";

// biome-ignore lint/style/noDefaultExport: a manifest is its module's default export
export default definePlugin({
  specVersion: 1,
  name: "@flyte-ts/export-plugin",
  version: "0.0.0",
  provides: { sensors: { export: async () => new (await import("./export-sensor.ts")).ExportSensor() } },
});
