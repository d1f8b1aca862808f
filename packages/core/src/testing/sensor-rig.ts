import assert from "node:assert/strict";
import { ConnectorRegistry } from "../connector/connector-registry.ts";
import type { JobAnswer } from "../connector-calls/host-request.ts";
import { ConnectorHost } from "../connector-host/connector-host.ts";
import { FlyteContext } from "../context/flyte-context.ts";
import { silentLog } from "../context/log.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { localTaskContext } from "../local/local-context.ts";
import { SensorConnector, sensorTaskType } from "../sensor/sensor-connector.ts";
import { SensorConnectorTask } from "../sensor/sensor-connector-task.ts";
import { SensorTask } from "../sensor/sensor-task.ts";
import type { WaitOptions } from "../sensor/wait-options.ts";
import type { Types } from "../types/type-transformer.ts";
import type { LiteralMap } from "../wire/messages.ts";
import { taskRequest } from "./connector-calls.ts";
import { ManualClock } from "./manual-clock.ts";
import type { SensorSubject } from "./sensor-subject.ts";

/** How a wait has ended. */
export type WaitEnd = { readonly outputs: LiteralMap } | { readonly error: FlyteError };

/** A task that waits, in one of the two forms. */
export interface RiggedWait {
  /** How it has ended, as far as anybody can know; undefined while it waits. */
  ended(): Promise<WaitEnd | undefined>;
  /** Another process goes on with it, after so many milliseconds. */
  restart(afterMs: number): Promise<void>;
  /** It is aborted, and waited for. */
  abort(): Promise<void>;
}

/** How tasks of the cases wait: a poll every ten seconds, for an hour. */
const wait = { pollInterval: 10_000, jitter: 0, timeout: 3_600_000, pollTimeout: 5000 };

/** A sensor in both forms, with clocks that stand still. */
export class SensorRig {
  readonly subject: SensorSubject;
  clock: ManualClock = new ManualClock();

  constructor(subject: SensorSubject) {
    this.subject = subject;
  }

  /** Begins to wait. */
  async begin(form: "container" | "connector", options: WaitOptions = {}): Promise<RiggedWait> {
    const started = form === "container" ? this.#inContainer(options) : await this.#byConnector(options);
    await this.clock.pass(0);
    return started;
  }

  #parts(options: WaitOptions) {
    const { sensor, config } = this.subject;
    return { name: "contract.sensor", sensor, config, wait: { ...wait, ...options }, unwrapped: false };
  }

  #context(): FlyteContext {
    const { storage } = this.subject;
    return new FlyteContext({ clock: this.clock, log: silentLog, ...(storage === undefined ? {} : { storage }) });
  }

  #inContainer(options: WaitOptions): RiggedWait {
    const task = new SensorTask<Types, Types, unknown>("contract-sensor-pod", this.#parts(options));
    let end: WaitEnd | undefined;
    let stop = new AbortController();
    let running: Promise<void>;
    let kept: Uint8Array | undefined;
    const run = async (): Promise<void> => {
      const { signal } = stop;
      await using place = await localTaskContext({ task: task.name, context: this.#context(), signal });
      // Only what the platform repeats keeps a checkpoint, and one is all that a lost container leaves.
      const checkpoint = {
        ...place.checkpoint,
        read: async () => kept,
        write: async (bytes: Uint8Array) => {
          kept = bytes;
        },
      };
      const context = {
        ...place,
        workingDirectory: "",
        rawOutputPrefix: "",
        checkpoint,
        execution: { ...place.execution, project: "contract" },
      };
      const ended = await task.dispatchExecute(context, this.subject.inputs).then(
        (outputs) => ({ outputs }),
        (thrown: unknown) => ({ error: FlyteError.from(thrown) }),
      );
      if (!signal.aborted) end = ended;
    };
    running = run();
    const abort = async (): Promise<void> => {
      stop.abort(new FlyteError("Cancelled", "the suite ends it"));
      await running;
    };
    return {
      ended: async () => end,
      abort,
      restart: async (afterMs) => {
        await abort();
        stop = new AbortController();
        this.clock = new ManualClock(this.clock.now() + afterMs);
        running = run();
        await this.clock.pass(0);
      },
    };
  }

  async #byConnector(options: WaitOptions): Promise<RiggedWait> {
    const none = { package: { name: "contract", version: "1.0.0" }, manifest: () => Promise.reject(new Error()) };
    const task = new SensorConnectorTask<Types, Types, unknown>(sensorTaskType, this.#parts(options), none);
    const template = task.template({ project: "contract", domain: "d", version: "v", module: "" });
    const request = taskRequest(template, {
      inputs: this.subject.inputs,
      outputPrefix: "/tmp/contract-sensor",
      metadata: { project: "contract", execution: "suite" },
    });
    const { category } = request;
    const start = (): ConnectorHost => {
      const registry = new ConnectorRegistry();
      registry.register(
        sensorTaskType,
        new SensorConnector({ name: "contract", sensor: async () => this.subject.sensor }),
      );
      const { storage, types, datasets } = this.#context();
      const { clock } = this;
      return new ConnectorHost({ registry, storage, types, datasets, clock, log: silentLog, limits: { cacheMs: 0 } });
    };
    let host = start();
    const resourceMeta = await this.#settled(host.create(request, { deadlineMs: 10_000 }));
    // A lost answer is repeated: it must be one wait.
    assert.deepEqual(await this.#settled(host.create(request, { deadlineMs: 10_000 })), resourceMeta);
    const job = { category, resourceMeta };
    const get = (): Promise<JobAnswer> => this.#settled(host.get(job, { deadlineMs: 10_000 }));
    return {
      ended: async () => {
        const { phase, outputs, message } = await get();
        if (phase === "SUCCEEDED" && outputs !== undefined) return { outputs };
        if (phase === "RUNNING" || phase === "QUEUED" || phase === "INITIALIZING") return undefined;
        return { error: new FlyteError("TaskFailed", message) };
      },
      abort: async () => {
        await this.#settled(host.delete(job, { deadlineMs: 10_000 }));
        await this.#settled(host.delete(job, { deadlineMs: 10_000 }));
      },
      restart: async (afterMs) => {
        this.clock = new ManualClock(this.clock.now() + afterMs);
        host = start();
        await get();
      },
    };
  }

  /** Lets time pass while something waits for it: ten seconds at most, as long as a caller waits. */
  async #settled<R>(promise: Promise<R>): Promise<R> {
    let over = false;
    const ended = promise.finally(() => {
      over = true;
    });
    ended.catch(() => {});
    for (let step = 0; step < 100; step++) {
      await this.clock.pass(0);
      if (over) break;
      await this.clock.pass(100);
    }
    return ended;
  }
}
