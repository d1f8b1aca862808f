import {
  ConnectorRegistry,
  FlyteError,
  type Log,
  type PluginSet,
  sensorEngine,
  sensorTaskType,
} from "@flyte-ts/core/plugin";
import type { ConnectorHealth } from "../health/connector-health.ts";

/** What is served, and from where. */
export interface LoadOptions {
  readonly plugins?: PluginSet | undefined;
  readonly registry?: ConnectorRegistry | undefined;
  readonly strict?: boolean | undefined;
}

/**
 * Loads the connectors of plugins into a registry, beside those that are given, and notes in the health which of them
 * serve: under `connector/<task type>`, and under `plugin/<package>`.
 * @throws FlyteError for a connector that does not load, if `strict`; for a task type that is given twice.
 */
export async function loadConnectors(
  { plugins, registry, strict = false }: LoadOptions,
  health: ConnectorHealth,
  log: Log,
): Promise<ConnectorRegistry> {
  const all = new ConnectorRegistry();
  for (const { connector, taskTypes } of registry?.list() ?? []) {
    for (const taskType of taskTypes) {
      all.register(taskType, connector);
      health.add(taskType, "", true);
    }
  }
  for (const { name, error } of plugins?.broken ?? []) {
    if (strict) throw error;
    health.addBroken(name);
  }
  const loads = (plugins?.connectorTaskTypes ?? []).map(async (taskType) => {
    const plugin = plugins?.connectorPlugin(taskType)?.name ?? "";
    try {
      const connector = await plugins?.connector(taskType);
      if (connector !== undefined) all.register(taskType, connector);
      health.add(taskType, plugin, true);
    } catch (thrown) {
      const error = FlyteError.from(thrown);
      if (strict) throw error;
      log.error(error.message, { plugin, taskType });
      health.add(taskType, plugin, false);
    }
  });
  await Promise.all(loads);
  for (const { name } of plugins?.plugins ?? []) health.addPlugin(name);
  // Sensors of plugins need no connector of their own: the engine polls for all of them.
  if (plugins?.plugins.some(({ provides }) => provides.sensors !== undefined)) {
    all.register(sensorTaskType, sensorEngine(plugins));
    health.add(sensorTaskType, "", true);
  }
  return all;
}
