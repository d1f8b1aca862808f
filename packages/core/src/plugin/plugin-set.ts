import type { Connector } from "../connector/connector.ts";
import { connectorIssue } from "../connector/connector-issue.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { ShimTaskExecutor } from "../task/shim-task-executor.ts";
import type { PluginManifest } from "./define-plugin.ts";

/** A plugin that could not be loaded. */
export interface BrokenPlugin {
  /** Its package's name. */
  readonly name: string;
  readonly error: FlyteError;
}

/** The plugins of a process, and what they provide by task type. */
export class PluginSet {
  readonly plugins: readonly PluginManifest[];
  readonly broken: readonly BrokenPlugin[];
  readonly #executors = new Map<string, PluginManifest>();
  readonly #connectors = new Map<string, PluginManifest>();
  readonly #loaded = new Map<string, Promise<ShimTaskExecutor>>();
  readonly #loadedConnectors = new Map<string, Promise<Connector>>();

  /** @throws FlyteError `InvalidDefinition` when two of the plugins have one name, or provide one task type. */
  constructor(plugins: readonly PluginManifest[], broken: readonly BrokenPlugin[] = []) {
    this.plugins = plugins;
    this.broken = broken;
    const names = new Set<string>();
    for (const plugin of plugins) {
      if (names.has(plugin.name)) throw duplicate(`two plugins have the name ${plugin.name}`);
      names.add(plugin.name);
      for (const taskType of Object.keys(plugin.provides.executors ?? {})) {
        const other = this.#executors.get(taskType);
        if (other !== undefined) {
          throw duplicate(`the plugins ${other.name} and ${plugin.name} both run the task type "${taskType}"`);
        }
        this.#executors.set(taskType, plugin);
      }
      for (const taskType of Object.keys(plugin.provides.connectors ?? {})) {
        const other = this.#connectors.get(taskType);
        if (other !== undefined) {
          throw duplicate(`the plugins ${other.name} and ${plugin.name} both have a connector for "${taskType}"`);
        }
        this.#connectors.set(taskType, plugin);
      }
    }
  }

  /** The task types that connectors serve, in the order of their names. */
  get connectorTaskTypes(): readonly string[] {
    return [...this.#connectors.keys()].sort();
  }

  /** The plugin that has the connector for a task type; undefined where none has. */
  connectorPlugin(taskType: string): PluginManifest | undefined {
    return this.#connectors.get(taskType);
  }

  /**
   * The connector of a task type, loaded once.
   * @throws FlyteError `UnknownTaskType` that lists the types that are present and the plugins that are broken;
   * `MissingPackage` when the plugin cannot load its own connector, `InvalidDefinition` when what it loads is none.
   */
  async connector(taskType: string): Promise<Connector> {
    const plugin = this.#connectors.get(taskType);
    const load = plugin?.provides.connectors?.[taskType];
    if (plugin === undefined || load === undefined) throw this.#unknown(taskType, this.connectorTaskTypes);
    let connector = this.#loadedConnectors.get(taskType);
    if (connector === undefined) {
      connector = Promise.resolve()
        .then(load)
        .catch((cause: unknown) => {
          throw new FlyteError(
            "MissingPackage",
            `the plugin ${plugin.name} cannot load its connector of the task type "${taskType}": ${(cause as Error)?.message ?? cause}`,
            { cause },
          );
        })
        .then((loaded) => checkedConnector(loaded, plugin.name, taskType));
      this.#loadedConnectors.set(taskType, connector);
    }
    return connector;
  }

  /** The task types that shim executors run, in the order of their names. */
  get executorTaskTypes(): readonly string[] {
    return [...this.#executors.keys()].sort();
  }

  /**
   * The shim executor of a task type.
   * @throws FlyteError `UnknownTaskType` that lists the types that are present and the plugins that are broken;
   * `MissingPackage` when the plugin cannot load its own executor.
   */
  async executor(taskType: string): Promise<ShimTaskExecutor> {
    const plugin = this.#executors.get(taskType);
    const load = plugin?.provides.executors?.[taskType];
    if (plugin === undefined || load === undefined) throw this.#unknown(taskType, this.executorTaskTypes);
    let executor = this.#loaded.get(taskType);
    if (executor === undefined) {
      executor = load().catch((cause: unknown) => {
        throw new FlyteError(
          "MissingPackage",
          `the plugin ${plugin.name} cannot load its executor of the task type "${taskType}": ${(cause as Error)?.message ?? cause}`,
          { cause },
        );
      });
      this.#loaded.set(taskType, executor);
    }
    return executor;
  }

  #unknown(taskType: string, present: readonly string[]): FlyteError {
    const types = present.map((type) => `"${type}"`).join(", ");
    const broken = this.broken.map(({ error }) => `; ${error.message}`).join("");
    return new FlyteError(
      "UnknownTaskType",
      `no plugin here runs the task type "${taskType}"; present are ${types === "" ? "none" : types}${broken}. ` +
        "Name the plugin's package in FLYTE_TS_PLUGINS, or depend on it",
    );
  }
}

/** What a manifest's connector loads is another package's code: what it lacks is said here, not at the first request. */
function checkedConnector(loaded: Connector, plugin: string, taskType: string): Connector {
  const issue = connectorIssue(loaded);
  if (issue === undefined) return loaded;
  throw new FlyteError(
    "InvalidDefinition",
    `what the plugin ${plugin} loads for the task type "${taskType}" is no connector: ${issue}`,
    { kind: "system" },
  );
}

function duplicate(what: string): FlyteError {
  return new FlyteError("InvalidDefinition", `${what}: keep one of them (FLYTE_TS_PLUGINS names those to load)`, {
    kind: "system",
  });
}
