import {
  ConnectorRegistry,
  FlyteError,
  type Log,
  type PluginSet,
  sensorEngine,
  sensorTaskType,
} from "@flyte-ts/core/plugin";
import type { ServiceHealth } from "../health/service-health.ts";

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
  health: ServiceHealth,
  log: Log,
): Promise<ConnectorRegistry> {
  const all = new ConnectorRegistry();
  for (const { connector, taskTypes } of registry?.list() ?? []) {
    for (const taskType of taskTypes) {
      all.register(taskType, connector);
      health.set(connectorHealth(taskType), true);
    }
  }
  for (const { name, error } of plugins?.broken ?? []) {
    if (strict) throw error;
    health.set(pluginHealth(name), false);
  }
  const serving = new Map<string, boolean>();
  const loads = (plugins?.connectorTaskTypes ?? []).map(async (taskType) => {
    const plugin = plugins?.connectorPlugin(taskType)?.name ?? "";
    try {
      const connector = await plugins?.connector(taskType);
      if (connector !== undefined) all.register(taskType, connector);
      health.set(connectorHealth(taskType), true);
      serving.set(plugin, serving.get(plugin) ?? true);
    } catch (thrown) {
      const error = FlyteError.from(thrown);
      if (strict) throw error;
      log.error(error.message, { plugin, taskType });
      health.set(connectorHealth(taskType), false);
      serving.set(plugin, false);
    }
  });
  await Promise.all(loads);
  // Sensors of plugins need no connector of their own: the engine polls for all of them.
  if (plugins?.plugins.some(({ provides }) => provides.sensors !== undefined)) {
    all.register(sensorTaskType, sensorEngine(plugins));
    health.set(connectorHealth(sensorTaskType), true);
  }
  for (const [plugin, serves] of serving) health.set(pluginHealth(plugin), serves);
  return all;
}

/** The name under which the health of a task type's connector is asked for. */
const connectorHealth = (taskType: string): string => `connector/${taskType}`;

/** The name under which the health of a plugin is asked for: serving when all its connectors do. */
const pluginHealth = (plugin: string): string => `plugin/${plugin}`;
