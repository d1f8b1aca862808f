import type { JsonObject } from "@bufbuild/protobuf";
import { FlyteError } from "../errors/flyte-error.ts";
import type { EntityOptions } from "../graph/entity.ts";
import type { Types } from "../types/type-transformer.ts";
import type { Sensor } from "./sensor.ts";
import { sensorOutputs } from "./sensor-outputs.ts";
import { type Wait, type WaitOptions, waitJson, waitOf } from "./wait-options.ts";

/** What makes a sensor's task, in either form. */
export interface SensorTaskParts {
  /** The task's name, unique in its project. */
  readonly name: string;
  readonly sensor: Sensor;
  /** What the task says to the sensor besides its inputs. */
  readonly config?: JsonObject | undefined;
  readonly wait: WaitOptions;
  /** True when a call yields the one output itself, not a record. */
  readonly unwrapped: boolean;
}

/** A sensor's task without its form: what it waits for, and how. Both forms are made of it, and wait as it says. */
export class SensorSetup {
  readonly sensor: Sensor;
  readonly config: JsonObject;
  readonly wait: Wait;
  readonly #name: string;
  readonly #unwrapped: boolean;

  /** @throws FlyteError `InvalidDefinition` that names the task and the option, or the field of the configuration. */
  constructor({ name, sensor, config = {}, wait, unwrapped }: SensorTaskParts) {
    this.#name = name;
    this.#unwrapped = unwrapped;
    this.sensor = sensor;
    this.config = config;
    this.wait = waitOf(name, wait);
    sensor.readConfig(config);
  }

  /** What makes an entity of it; the types are those of the sensor, which whoever makes the task knows. */
  entity<Inputs extends Types, Outputs extends Types>(): EntityOptions<Inputs, Outputs> {
    return {
      name: this.#name,
      inputs: this.sensor.inputs as Inputs,
      outputs: sensorOutputs(this.sensor.outputs, this.wait.softFail) as Outputs,
      unwrapped: this.#unwrapped,
    };
  }

  /** What stands in the template, for the connector that waits, or for people to read. */
  custom(): JsonObject {
    return { sensor: this.sensor.name, wait: waitJson(this.wait), config: this.config };
  }

  /**
   * What takes its place when a task is to wait in another way.
   * @throws FlyteError `InvalidDefinition` when the task's inputs or outputs would be others, and as the constructor does.
   */
  changed(parts: SensorTaskParts): SensorSetup {
    const other = new SensorSetup(parts);
    if (other.sensor.name === this.sensor.name && other.wait.softFail === this.wait.softFail) return other;
    throw new FlyteError("InvalidDefinition", `task ${parts.name}: the override waits with other inputs or outputs`);
  }
}
