import type { Connector } from "../connector/connector.ts";
import type { DatasetFormat } from "../dataset/dataset-format.ts";
import type { Sensor } from "../sensor/sensor.ts";
import type { ShimTaskExecutor } from "../task/shim-task-executor.ts";

/** The versions of the plugin contracts that this release serves. */
export const servedSpecVersions: readonly number[] = [1];

/** What a plugin brings, each part loaded when it is first needed. */
export interface PluginProvides {
  /** Shim executors by task type. */
  readonly executors?: Readonly<Record<string, () => Promise<ShimTaskExecutor>>>;
  /** Connectors by task type; never of a type that ends in `-pod`. A service loads them when it starts. */
  readonly connectors?: Readonly<Record<string, () => Promise<Connector>>>;
  /** Sensors by name, which the sensor engine polls for tasks of the type `flyte-ts-sensor`. */
  readonly sensors?: Readonly<Record<string, () => Promise<Sensor>>>;
  /**
   * Tables of a database by the scheme of the dataset URIs that name them, such as `bq` of `bq://project:dataset.table`:
   * what reads their rows. Never a scheme of files.
   */
  readonly tables?: Readonly<Record<string, () => Promise<DatasetFormat>>>;
}

/** A plugin's manifest: what its `./plugin` entry exports as default. Making one has no side effects. */
export interface PluginManifest {
  /** The version of the contracts that the plugin was written for. */
  readonly specVersion: 1;
  /** The package's name. */
  readonly name: string;
  /** The package's version. */
  readonly version: string;
  readonly provides: PluginProvides;
}

/** Declares a plugin; checks nothing that the compiler checks. */
export function definePlugin(manifest: PluginManifest): PluginManifest {
  return manifest;
}
