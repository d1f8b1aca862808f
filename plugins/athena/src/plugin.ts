import { type Connector, definePlugin, type PluginManifest, packageInfo } from "@flyte-ts/core/plugin";

/** Each task type's connector has a name of its own, by which `GetAgent` finds it. */
const named = (name: string) => async (): Promise<Connector> => {
  const { AthenaConnector } = await import("./connector.ts");
  return new AthenaConnector({ name });
};

/** What hosts load: the connector of the task type `athena`, and of those that flytekit's tasks have. */
const manifest: PluginManifest = definePlugin({
  specVersion: 1,
  ...packageInfo(import.meta.url),
  provides: {
    connectors: {
      athena: named("Athena"),
      presto: named("Athena, for flytekit's AthenaTask"),
      hive: named("Athena, for flytekit's HiveTask"),
    },
  },
});

export default manifest;
