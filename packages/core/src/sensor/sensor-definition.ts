import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";
import type { Natives } from "../graph/call.ts";
import { defined } from "../graph/defined.ts";
import type { AnyEntity } from "../graph/entity.ts";
import type { AcceptedOutputs } from "../task/function-task.ts";
import type { TemplateTaskPlugin } from "../task/template-task.ts";
import type { AcceptedOf, AnyType, NativeOf, Types } from "../types/type-transformer.ts";
import { BaseSensor } from "./base-sensor.ts";
import { found, notYet, type PollAnswer, type PollContext, type PollRequest, type Sensor } from "./sensor.ts";
import { SensorConnectorTask } from "./sensor-connector-task.ts";
import type { Optional, SoftOutputs } from "./sensor-outputs.ts";
import { type SensorContainerOptions, SensorTask } from "./sensor-task.ts";
import type { WaitOptions } from "./wait-options.ts";

/** Asks once, for the function form: native inputs by name, and what a poll can reach. */
export type PollFunction<Inputs extends Types, Answer> = (
  inputs: Natives<Inputs>,
  context: PollContext,
) => Answer | Promise<Answer>;

/** What every sensor's task may say. */
export interface SensorDefinition<Soft extends boolean> extends WaitOptions, Omit<SensorContainerOptions, "config"> {
  /** The task's name, unique in its project. */
  readonly name: string;
  readonly softFail?: Soft;
  /**
   * The plugin whose manifest names the sensor (`provides.sensors`), under the sensor's own name; that of a function is
   * the task's, and the task has it (`task.sensor`). The task is then one that a connector service polls for, and has no
   * container. Without it the task waits in a container.
   */
  readonly servedBy?: TemplateTaskPlugin;
}

/** A sensor from a function. */
interface PolledDefinition<Inputs extends Types, Soft extends boolean> extends SensorDefinition<Soft> {
  /** The inputs by name; none by default. */
  readonly inputs?: Inputs;
  readonly sensor?: never;
}

/** True when it is there. */
interface PolledForNothing<Inputs extends Types> {
  readonly output?: never;
  readonly outputs?: never;
  readonly poll: PollFunction<Inputs, boolean>;
}

/** The value that was found; undefined when there is none yet. */
interface PolledForOne<Inputs extends Types, Output extends AnyType> {
  readonly output: Output;
  readonly outputs?: never;
  readonly poll: PollFunction<Inputs, AcceptedOf<Output> | undefined>;
}

/** The record that was found; undefined when there is none yet. */
interface PolledForRecord<Inputs extends Types, Outputs extends Types> {
  readonly output?: never;
  readonly outputs: Outputs;
  readonly poll: PollFunction<Inputs, AcceptedOutputs<Outputs> | undefined>;
}

/** A task of either form. */
export type AnySensorTask<Inputs extends Types, Outputs extends Types, Result> =
  | SensorTask<Inputs, Outputs, Result>
  | SensorConnectorTask<Inputs, Outputs, Result>;

/** The type of one output that may be missing. */
type SoftOutput<Output extends AnyType, Soft extends boolean> = Soft extends true ? Optional<Output> : Output;

/** Whatever `sensor` takes. */
interface AnySensorDefinition extends SensorDefinition<boolean> {
  readonly inputs?: Types;
  readonly output?: AnyType;
  readonly outputs?: Types;
  readonly poll?: PollFunction<never, unknown>;
}

/**
 * A task that waits until `poll` says that what it waits for is there. `poll` gives true, or the output, or the record of
 * outputs; false, or undefined, for not yet. What it throws says that this will never be, or that asking failed: see
 * `BaseSensor.poll`.
 * @throws FlyteError `InvalidDefinition` that names the task and the option.
 */
export function sensor<const Inputs extends Types = Record<never, never>>(
  definition: PolledDefinition<Inputs, boolean> & PolledForNothing<Inputs>,
): AnySensorTask<Inputs, Record<never, never>, undefined>;
export function sensor<
  const Output extends AnyType,
  const Inputs extends Types = Record<never, never>,
  const Soft extends boolean = false,
>(
  definition: PolledDefinition<Inputs, Soft> & PolledForOne<Inputs, Output>,
): AnySensorTask<Inputs, { readonly o0: SoftOutput<Output, Soft> }, NativeOf<SoftOutput<Output, Soft>>>;
export function sensor<
  const Outputs extends Types,
  const Inputs extends Types = Record<never, never>,
  const Soft extends boolean = false,
>(
  definition: PolledDefinition<Inputs, Soft> & PolledForRecord<Inputs, Outputs>,
): AnySensorTask<Inputs, SoftOutputs<Outputs, Soft>, Natives<SoftOutputs<Outputs, Soft>>>;
export function sensor(definition: AnySensorDefinition): AnyEntity {
  const { name, inputs = {}, output, outputs, poll, ...rest } = definition;
  return defined(() => {
    if (output !== undefined && outputs !== undefined) {
      throw new FlyteError("InvalidDefinition", `task ${name}: give output or outputs, not both`);
    }
    if (typeof poll !== "function") {
      throw new FlyteError("InvalidDefinition", `task ${name}: poll is ${shown(poll)}; it must be a function`);
    }
    const polled = poll as PollFunction<Types, unknown>;
    const unwrapped = outputs === undefined;
    const types = output === undefined ? (outputs ?? {}) : { o0: output };
    return sensorTask(new FunctionSensor(name, inputs, types, unwrapped, polled), { name, ...rest }, unwrapped);
  });
}

/** What defines a task from a sensor that is a class. */
export interface BaseSensorDefinition<Config, Soft extends boolean> extends SensorDefinition<Soft> {
  /** What the task says to the sensor besides its inputs; JSON, which `readConfig` checks. */
  readonly config?: Config & object;
}

/** Of a sensor: the types of its inputs and outputs. */
interface TypedSensor<Inputs extends Types, Outputs extends Types> extends Sensor {
  readonly inputs: Inputs;
  readonly outputs: Outputs;
}

/**
 * A task that waits with a sensor that is a class.
 * @throws FlyteError `InvalidDefinition` that names the task and the option.
 */
export function sensorTaskOf<Inputs extends Types, Outputs extends Types, const Soft extends boolean = false>(
  base: TypedSensor<Inputs, Outputs>,
  definition: BaseSensorDefinition<object, Soft>,
): AnySensorTask<Inputs, SoftOutputs<Outputs, Soft>, Natives<SoftOutputs<Outputs, Soft>>> {
  return defined(() => sensorTask(base, definition, false)) as AnySensorTask<
    Inputs,
    SoftOutputs<Outputs, Soft>,
    Natives<SoftOutputs<Outputs, Soft>>
  >;
}

/** What only a container has. */
const ofContainers = ["image", "resources", "environment", "secrets", "podTemplate", "podTemplateName"] as const;

function sensorTask(base: Sensor, definition: BaseSensorDefinition<object, boolean>, unwrapped: boolean): AnyEntity {
  const { name, config, servedBy, pollInterval, backoff, jitter, timeout, pollTimeout, softFail, ...options } =
    definition;
  const given = { pollInterval, backoff, jitter, timeout, pollTimeout, softFail };
  const wait = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as WaitOptions;
  const parts = { name, sensor: base, config: config as never, wait, unwrapped };
  if (servedBy === undefined) return new SensorTask<Types, Types, unknown>("flyte-ts-sensor-pod", parts, options);
  const container = ofContainers.find((option) => options[option] !== undefined);
  if (container !== undefined) {
    throw new FlyteError(
      "InvalidDefinition",
      `task ${name}: ${container} says something of a container; a task with servedBy has none`,
    );
  }
  return new SensorConnectorTask<Types, Types, unknown>("flyte-ts-sensor", parts, servedBy, options);
}

/** A sensor whose poll is a function of its author's. */
class FunctionSensor extends BaseSensor<Types, Types> {
  readonly name: string;
  readonly inputs: Types;
  readonly outputs: Types;
  readonly #unwrapped: boolean;
  readonly #poll: PollFunction<Types, unknown>;

  constructor(name: string, inputs: Types, outputs: Types, unwrapped: boolean, poll: PollFunction<Types, unknown>) {
    super();
    this.name = name;
    this.inputs = inputs;
    this.outputs = outputs;
    this.#unwrapped = unwrapped;
    this.#poll = poll;
  }

  async poll({ inputs }: PollRequest<Natives<Types>>, context: PollContext): Promise<PollAnswer> {
    const answer = await this.#poll(inputs, context);
    const missing = notYet(`what ${this.name} polls for`);
    if (Object.keys(this.outputs).length === 0) {
      if (typeof answer === "boolean") return answer ? found({}) : missing;
      throw new FlyteError("UnknownOutput", `poll of ${this.name} gave ${shown(answer)}; it must be true or false`, {
        recoverable: false,
      });
    }
    if (answer === undefined) return missing;
    return found(this.#unwrapped ? { o0: answer } : (answer as Readonly<Record<string, unknown>>));
  }
}
