import type { JsonObject } from "@bufbuild/protobuf";
import { Secret } from "../connector/secret.ts";
import type { TaskContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { Call, Natives } from "../graph/call.ts";
import type { CallArguments } from "../graph/entity.ts";
import { uniqueName } from "../storage/unique-name.ts";
import type { ContainerOptions } from "../task/container-options.ts";
import { InstanceTask } from "../task/instance-task.ts";
import type { Types } from "../types/type-transformer.ts";
import type { Sensor } from "./sensor.ts";
import { noOutputs } from "./sensor-outputs.ts";
import { SensorSetup, type SensorTaskParts } from "./sensor-setup.ts";
import type { WaitOutcome } from "./waiting.ts";

/** What a sensor's task in a container may say besides how it waits. */
export type SensorContainerOptions = Omit<ContainerOptions, "timeout">;

/** The call signature, which the class's instances have. */
export interface SensorTask<Inputs extends Types, Outputs extends Types, Result> {
  (...args: CallArguments<Inputs>): Call<Outputs, Result>;
}

/**
 * A task that waits in a container of the author's: it polls there until the sensor has found what it waits for, until it
 * is certain that this will never be, or until the time is up.
 * @throws FlyteError `Timeout`, and whatever the sensor throws that is not recoverable.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds the call signature that Entity provides
export class SensorTask<Inputs extends Types, Outputs extends Types, Result> extends InstanceTask<
  Inputs,
  Outputs,
  Result
> {
  #setup: SensorSetup;

  /** @param taskType Flyte's routing key; a connector that serves the same sensor has another. */
  constructor(taskType: string, parts: SensorTaskParts, options: SensorContainerOptions = {}) {
    const setup = new SensorSetup(parts);
    super(taskType, setup.entity<Inputs, Outputs>(), options);
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

  override async execute(inputs: Natives<Inputs>, context: TaskContext): Promise<unknown> {
    const outcome = await this.#waitHere(inputs, context);
    if ("failed" in outcome) throw outcome.failed;
    if ("timedOut" in outcome && !this.#setup.wait.softFail) throw outcome.timedOut;
    const outputs = "found" in outcome ? outcome.found : noOutputs(this.outputs);
    return this.unwrapped ? Object.values(outputs)[0] : outputs;
  }

  async #waitHere(inputs: Natives<Inputs>, context: TaskContext): Promise<WaitOutcome> {
    const { clock, log, storage, datasets, types, signal, secrets } = context;
    signal.throwIfAborted();
    const { PollScheduler } = await import("./poll-scheduler.ts");
    const { sensor, config, wait } = this.#setup;
    const startedAt = await firstStart(context);
    const scheduler = PollScheduler.of(clock);
    const key = uniqueName();
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      const waiting = scheduler.add(key, {
        task: this.name,
        sensor,
        request: { inputs, config: sensor.readConfig(config), startedAt, memory: undefined },
        wait,
        surroundings: {
          clock,
          log,
          storage,
          datasets,
          types,
          secrets: { get: async (name) => new Secret(await secrets.get(name)) },
        },
      });
      return await Promise.race([waiting.ended, aborted.promise]);
    } finally {
      signal.removeEventListener("abort", onAbort);
      scheduler.remove(key);
    }
  }
}

/**
 * When the task began to wait: an attempt that follows one whose container was lost goes on with that one's time. Only a
 * platform repeats containers; a local run would leave the note behind.
 */
async function firstStart({ checkpoint, clock, execution, log }: TaskContext): Promise<number> {
  const now = clock.now();
  if (execution.project === "") return now;
  try {
    const kept = await checkpoint.read();
    const { startedAt } = (kept === undefined ? {} : JSON.parse(new TextDecoder().decode(kept))) as {
      startedAt?: number;
    };
    const start = typeof startedAt === "number" ? startedAt : now;
    await checkpoint.write(new TextEncoder().encode(JSON.stringify({ startedAt: start })));
    return start;
  } catch (error) {
    if (!FlyteError.is(error) || error.code !== "Unsupported") {
      log.warn(`the time at which the wait began is not kept: ${(error as Error).message}`);
    }
    return now;
  }
}
