import { FlyteError } from "../errors/flyte-error.ts";
import { nearest } from "../errors/nearest.ts";
import type { PluginManifest } from "../plugin/define-plugin.ts";
import type { PluginSet } from "../plugin/plugin-set.ts";
import type { Sensor } from "./sensor.ts";

/** The sensors of a process's plugins, by name. */
export class SensorSet {
  readonly #plugins: PluginSet;
  readonly #owners = new Map<string, PluginManifest>();
  readonly #loaded = new Map<string, Promise<Sensor>>();

  /** @throws FlyteError `InvalidDefinition` when two plugins have a sensor of one name. */
  constructor(plugins: PluginSet) {
    this.#plugins = plugins;
    for (const plugin of plugins.plugins) {
      for (const name of Object.keys(plugin.provides.sensors ?? {})) {
        const other = this.#owners.get(name);
        if (other !== undefined) {
          const text = `the plugins ${other.name} and ${plugin.name} both have a sensor "${name}": keep one of them (FLYTE_TS_PLUGINS names those to load)`;
          throw new FlyteError("InvalidDefinition", text, { kind: "system" });
        }
        this.#owners.set(name, plugin);
      }
    }
  }

  /**
   * The sensor of a name, loaded once.
   * @throws FlyteError `NotFound` that lists the sensors that are present and the plugins that are broken;
   * `MissingPackage` when the plugin cannot load its own sensor.
   */
  get(name: string): Promise<Sensor> {
    const plugin = this.#owners.get(name);
    const load = plugin?.provides.sensors?.[name];
    if (plugin === undefined || load === undefined) return Promise.reject(this.#unknown(name));
    let sensor = this.#loaded.get(name);
    if (sensor === undefined) {
      sensor = load().catch((cause: unknown) => {
        this.#loaded.delete(name);
        const text = `the plugin ${plugin.name} cannot load its sensor "${name}": ${(cause as Error)?.message ?? cause}`;
        throw new FlyteError("MissingPackage", text, { cause });
      });
      this.#loaded.set(name, sensor);
    }
    return sensor;
  }

  #unknown(name: string): FlyteError {
    const names = [...this.#owners.keys()].sort();
    const near = nearest(name, names);
    const broken = this.#plugins.broken.map(({ error }) => `; ${error.message}`).join("");
    return new FlyteError(
      "NotFound",
      `no plugin here has a sensor "${name}"${near === undefined ? "" : `; did you mean "${near}"?`}; present are ${
        names.length === 0 ? "none" : names.map((each) => `"${each}"`).join(", ")
      }${broken}`,
    );
  }
}
