import { definePlugin, type PluginManifest, packageInfo } from "@flyte-ts/core/plugin";
import { connectorTaskType } from "./task-types.ts";

/** What hosts load: the connector of the task type `object-store-sensor-connector`. */
const manifest: PluginManifest = definePlugin({
  specVersion: 1,
  ...packageInfo(import.meta.url),
  provides: {
    connectors: {
      [connectorTaskType]: async () => {
        const [{ SensorConnector }, { sensorOf }] = await Promise.all([
          import("@flyte-ts/core/plugin"),
          import("./sensor.ts"),
        ]);
        return new SensorConnector({ name: "object store sensor", sensor: async (name) => sensorOf(name) });
      },
    },
  },
});

export default manifest;
