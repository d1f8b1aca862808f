import type { JsonObject } from "@bufbuild/protobuf";
import type { AsyncConnector } from "../connector/connector.ts";
import type { CreateContext, JobContext } from "../connector/connector-context.ts";
import type { Resource } from "../connector/resource.ts";
import type { ResourceMetaDeclaration } from "../connector/resource-meta.ts";
import { withConversion } from "../connector-calls/conversion-place.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";
import type { PluginSet } from "../plugin/plugin-set.ts";
import { toLiterals, toNatives } from "../types/conversion.ts";
import { LiteralMap } from "../wire/messages.ts";
import { PollScheduler } from "./poll-scheduler.ts";
import type { Sensor } from "./sensor.ts";
import { noOutputs, sensorOutputs } from "./sensor-outputs.ts";
import { SensorSet } from "./sensor-set.ts";
import { readWait, type Wait } from "./wait-options.ts";
import type { Waiting } from "./waiting.ts";

/** The task type of sensors that a connector service polls, whatever plugin they come from; `sensor` is flytekit's. */
export const sensorTaskType = "flyte-ts-sensor";

/** The most bytes of JSON that the inputs of a sensor's task may have: they stay in the workflow's resource. */
const maxInputBytes = 8_192;
/** Flyte asks every 30 seconds. What it asks for no more is another replica's, or gone. */
const leaseMs = 600_000;
/** How long an answer waits for the first poll, which is under way. */
const firstPollMs = 1_000;

/** What a restart needs to go on waiting. */
export interface SensorMeta {
  /** The task's name, for messages. */
  readonly task: string;
  readonly sensor: string;
  readonly wait: Wait;
  readonly config: JsonObject;
  /** The inputs as JSON of a `LiteralMap`. */
  readonly inputs: JsonObject;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** What makes a connector of sensors. */
export interface SensorConnectorOptions {
  readonly name: string;
  /** The sensor of a name. @throws FlyteError for one that nobody has. */
  readonly sensor: (name: string) => Promise<Sensor>;
}

/**
 * Waits for tasks in a connector service, where no container waits. What is asked for stands in the meta; the polls of all
 * tasks in the process go through one `PollScheduler`, between Flyte's questions and whether it asks or not.
 */
export class SensorConnector implements AsyncConnector<SensorMeta> {
  readonly name: string;
  readonly meta: ResourceMetaDeclaration<SensorMeta> = { version: 1, schema: metaSchema() };
  /** Asking is a look into memory: it is the scheduler that keeps to the endpoints' limits. */
  readonly requestsPerSecond = 100_000;
  /** Who waits, waits in the memory of this process. */
  readonly leavesNothing = true;
  readonly #sensor: (name: string) => Promise<Sensor>;

  constructor({ name, sensor }: SensorConnectorOptions) {
    this.name = name;
    this.#sensor = sensor;
  }

  async create(context: CreateContext): Promise<SensorMeta> {
    const { template, idempotencyKey, clock } = context;
    const task = template.id?.name ?? "";
    const custom = template.custom ?? {};
    const { sensor: name, config = {} } = custom;
    if (typeof name !== "string") {
      throw new FlyteError(
        "InvalidDefinition",
        `custom.sensor of the task ${task} is ${shown(name)}; it must be a name`,
      );
    }
    const inputs = LiteralMap.toJson(context.inputs) as JsonObject;
    const bytes = Buffer.byteLength(JSON.stringify(inputs));
    if (bytes > maxInputBytes) {
      const text = `the inputs of the task ${task} have ${bytes} bytes of JSON; a connector waits with ${maxInputBytes} at most: write them to a file, and hand over its URI`;
      throw new FlyteError("TooLarge", text);
    }
    const known = PollScheduler.of(clock).get(idempotencyKey);
    const startedAt = known?.parts.request.startedAt ?? clock.now();
    const wait = readWait(custom.wait);
    const meta = { task, sensor: name, wait, config: config as JsonObject, inputs, startedAt };
    await this.#waiting({ ...context, meta });
    return meta;
  }

  async get(context: JobContext<SensorMeta>): Promise<Resource> {
    const { clock, signal, outputPrefix, meta } = context;
    const waiting = await this.#waiting(context);
    if (!waiting.answered) {
      const done = new AbortController();
      const enough = clock.sleep(firstPollMs, { signal: AbortSignal.any([signal, done.signal]) }).catch(() => {});
      await Promise.race([waiting.polled, enough]);
      done.abort();
    }
    const { outcome, message } = waiting;
    if (outcome === undefined) {
      return { phase: "RUNNING", message: `waits for ${message === "" ? "the answer to its first poll" : message}` };
    }
    // Not thrown: what is missing here is no job that has vanished.
    if ("failed" in outcome) return { phase: "FAILED", message: outcome.failed.message };
    if ("timedOut" in outcome && !meta.wait.softFail) return { phase: "FAILED", message: outcome.timedOut.message };
    const outputs = sensorOutputs(waiting.parts.sensor.outputs, meta.wait.softFail);
    const natives = "found" in outcome ? outcome.found : noOutputs(outputs);
    return {
      phase: "SUCCEEDED",
      message: "found" in outcome ? undefined : outcome.timedOut.message,
      outputs: await withConversion(context, outputPrefix, signal, (place) => toLiterals(natives, outputs, place)),
    };
  }

  async delete({ clock, idempotencyKey }: JobContext<SensorMeta>): Promise<void> {
    PollScheduler.of(clock).remove(idempotencyKey);
  }

  /** Nothing is kept outside the process: what waits here is known by its key, and repeating `create` finds it. */
  endpoint(): string {
    return this.name;
  }

  /** What waits for a task; after a restart it begins again from the meta. */
  async #waiting(context: JobContext<SensorMeta>): Promise<Waiting> {
    const { clock, log, storage, datasets, types, secrets, connection, meta, idempotencyKey } = context;
    const scheduler = PollScheduler.of(clock);
    const known = scheduler.get(idempotencyKey);
    if (known !== undefined) {
      // Only what came with the call can be another than last time.
      if (connection !== undefined) known.surroundings = { ...known.surroundings, secrets, connection };
      return known;
    }
    const { task, wait, startedAt } = meta;
    const sensor = await this.#sensor(meta.sensor);
    const config = sensor.readConfig(meta.config);
    const { literals } = LiteralMap.fromJson(meta.inputs);
    const inputs = await withConversion(context, context.outputPrefix, context.signal, (place) =>
      toNatives(literals, sensor.inputs, place),
    );
    const request = { inputs, config, startedAt, memory: undefined };
    const surroundings = { clock, log, storage, datasets, types, secrets, connection };
    return scheduler.add(idempotencyKey, { task, sensor, request, wait, surroundings, lease: leaseMs });
  }
}

/**
 * The sensor engine: the connector of `flyte-ts-sensor`, which finds a sensor by the name under which a plugin's manifest
 * has it. Nothing that a template names is ever imported.
 * @throws FlyteError `InvalidDefinition` when two plugins have a sensor of one name.
 */
export function sensorEngine(plugins: PluginSet): SensorConnector {
  const sensors = new SensorSet(plugins);
  return new SensorConnector({ name: "flyte-ts sensors", sensor: (name) => sensors.get(name) });
}

function metaSchema(): ResourceMetaDeclaration<SensorMeta>["schema"] {
  const validate = (value: unknown) => {
    const { task, sensor, wait, config, inputs, startedAt } = (value ?? {}) as Partial<SensorMeta>;
    const isRecord = (part: unknown): part is JsonObject => typeof part === "object" && part !== null;
    const wrong = (field: keyof SensorMeta, right: string) => ({
      issues: [{ message: `it must be ${right}`, path: [field] }],
    });
    if (typeof task !== "string") return wrong("task", "the task's name");
    if (typeof sensor !== "string") return wrong("sensor", "the sensor's name");
    if (!isRecord(config)) return wrong("config", "an object");
    if (!isRecord(inputs)) return wrong("inputs", "an object");
    if (typeof startedAt !== "number") return wrong("startedAt", "milliseconds since 1970");
    try {
      return { value: { task, sensor, wait: readWait(wait), config, inputs, startedAt } };
    } catch (error) {
      return { issues: [{ message: (error as Error).message }] };
    }
  };
  return { "~standard": { version: 1, vendor: "flyte-ts", validate } };
}
