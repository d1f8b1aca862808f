import type { JsonObject } from "@bufbuild/protobuf";
import type { Connector } from "../connector/connector.ts";
import { AsyncConnectorTask } from "../connector/connector-task.ts";
import type { Call } from "../graph/call.ts";
import type { CallArguments } from "../graph/entity.ts";
import type { TaskOptions } from "../task/task-metadata.ts";
import type { TemplateTaskPlugin } from "../task/template-task.ts";
import type { Types } from "../types/type-transformer.ts";
import { sensorOutputs } from "./sensor-outputs.ts";
import { otherWait, type SensorTaskParts, sensorCustom } from "./sensor-task.ts";
import { type Wait, waitOf } from "./wait-options.ts";

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
  #parts: SensorTaskParts;
  #wait: Wait;

  /** @param taskType Flyte's routing key: `flyte-ts-sensor`, or that of a plugin's own connector. */
  constructor(
    taskType: string,
    parts: SensorTaskParts,
    plugin: TemplateTaskPlugin,
    options: SensorConnectorTaskOptions = {},
  ) {
    const { name, sensor, unwrapped } = parts;
    const wait = waitOf(name, parts.wait);
    const inputs = sensor.inputs as Inputs;
    const outputs = sensorOutputs(sensor.outputs, wait.softFail) as Outputs;
    super(taskType, { name, inputs, outputs, unwrapped }, plugin, options);
    this.#parts = parts;
    this.#wait = wait;
    sensor.readConfig(parts.config ?? {});
  }

  /** What the task is made of. */
  get parts(): SensorTaskParts {
    return this.#parts;
  }

  /** How it waits. */
  get wait(): Wait {
    return this.#wait;
  }

  /**
   * Waits in another way from here on: what an override of a config does.
   * @throws FlyteError `InvalidDefinition` when the task's inputs or outputs would be others.
   */
  protected waitOtherwise(parts: SensorTaskParts): void {
    const wait = otherWait(this, parts);
    this.#parts = parts;
    this.#wait = wait;
  }

  override custom(): JsonObject {
    return sensorCustom(this.parts, this.wait);
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
