import type { JsonObject } from "@bufbuild/protobuf";
import type { Connector } from "../connector/connector.ts";
import { AsyncConnectorTask } from "../connector-task/connector-task.ts";
import type { Call } from "../graph/call.ts";
import type { CallArguments } from "../graph/entity.ts";
import type { TaskOptions } from "../task/task-metadata.ts";
import type { TemplateTaskPlugin } from "../task/template-task.ts";
import type { Types } from "../types/type-transformer.ts";
import type { Sensor } from "./sensor.ts";
import { SensorSetup, type SensorTaskParts } from "./sensor-setup.ts";

/** What a sensor's task that a connector serves may say besides how it waits. */
export type SensorConnectorTaskOptions = Omit<TaskOptions, "timeout">;

/** The call signature, which the class's instances have. */
export interface SensorConnectorTask<Inputs extends Types, Outputs extends Types, Result> {
  (...args: CallArguments<Inputs>): Call<Outputs, Result>;
}

/** A task that waits in a connector service, and holds no container meanwhile. Locally it waits in this process. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds the call signature that Entity provides
export class SensorConnectorTask<Inputs extends Types, Outputs extends Types, Result> extends AsyncConnectorTask<
  Inputs,
  Outputs,
  Result
> {
  #setup: SensorSetup;

  /** @param taskType Flyte's routing key: `flyte-ts-sensor`, or that of a plugin's own connector. */
  constructor(
    taskType: string,
    parts: SensorTaskParts,
    plugin: TemplateTaskPlugin,
    options: SensorConnectorTaskOptions = {},
  ) {
    const setup = new SensorSetup(parts);
    super(taskType, setup.entity<Inputs, Outputs>(), plugin, options);
    this.#setup = setup;
  }

  /** What it waits with: what the manifest of a plugin names (`provides.sensors`). */
  get sensor(): Sensor {
    return this.#setup.sensor;
  }

  /**
   * Waits in another way from here on: what an override of a config does.
   * @throws FlyteError `InvalidDefinition` when the task's inputs or outputs would be others.
   */
  protected waitOtherwise(parts: SensorTaskParts): void {
    this.#setup = this.#setup.changed(parts);
  }

  override custom(): JsonObject {
    return this.#setup.custom();
  }

  protected override async connector(): Promise<Connector> {
    const [{ sensorEngine, sensorTaskType }, { PluginSet }] = await Promise.all([
      import("./sensor-connector.ts"),
      import("../plugin/plugin-set.ts"),
    ]);
    if (this.taskType !== sensorTaskType) return super.connector();
    const { default: manifest } = await this.plugin.manifest();
    return sensorEngine(new PluginSet([manifest]));
  }
}
