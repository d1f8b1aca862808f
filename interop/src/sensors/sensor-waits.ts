import { FlyteContext, FlyteError } from "@flyte-ts/core";
import {
  type Clock,
  ConnectorHost,
  ConnectorRegistry,
  LiteralMap,
  localTaskContext,
  silentLog,
  systemClock,
} from "@flyte-ts/core/plugin";
import { taskRequest } from "@flyte-ts/core/testing";
import { type ObjectStoreWait, waitForObjectStoreFile } from "@flyte-ts/object-store-sensor";
import manifest from "@flyte-ts/object-store-sensor/plugin";
import { settings } from "../module-task.ts";
import type { SensorStore } from "./sensor-stores.ts";

/** A task that waits: how it ends, and how its process ends before. */
export interface Wait {
  /** The output, or what it failed with; of several paths, those that are there, with commas between them. */
  readonly ended: Promise<string>;
  /** Its process ends, and another goes on. */
  restart(): Promise<Wait>;
  abort(): Promise<void>;
}

/** What a task waits for, and how. */
export interface Waited {
  readonly store: SensorStore;
  /** One, or those of a task with `paths`. */
  readonly path: string | readonly string[];
  readonly options?: ObjectStoreWait;
  /** Waits share their polls by clock: one of its own, as unless given, is a process of its own. */
  readonly clock?: Clock;
}

const wait = { pollInterval: 60, jitter: 0, timeout: 30_000 };

/** The inputs of a task that waits. */
export function inputsOf(path: Waited["path"]): LiteralMap {
  const literal = (stringValue: string) => ({ scalar: { primitive: { stringValue } } });
  const literals =
    typeof path === "string" ? { path: literal(path) } : { paths: { collection: { literals: path.map(literal) } } };
  return LiteralMap.fromJson({ literals });
}

/** The path that is among the outputs of one, or the paths. */
export function pathIn(outputs: LiteralMap): string {
  return [...JSON.stringify(LiteralMap.toJson(outputs)).matchAll(/"stringValue":"([^"]*)"/g)]
    .map(([, text]) => text)
    .join();
}

const contextOf = ({ store: { storage }, clock = { ...systemClock } }: Waited) =>
  new FlyteContext({ storage, log: silentLog, clock });

/** Waits as a container does. */
export function inContainer(waited: Waited, kept?: Uint8Array): Wait {
  const task = waitForObjectStoreFile({ name: "sensor", ...wait, ...waited.options });
  const stop = new AbortController();
  let checkpoint = kept;
  const run = async (): Promise<string> => {
    await using place = await localTaskContext({ task: task.name, context: contextOf(waited), signal: stop.signal });
    const repeated = {
      ...place,
      workingDirectory: "",
      rawOutputPrefix: "",
      execution: { ...place.execution, project: "p" },
      checkpoint: {
        ...place.checkpoint,
        read: async () => checkpoint,
        write: async (bytes: Uint8Array) => {
          checkpoint = bytes;
        },
      },
    };
    return pathIn(await task.dispatchExecute(repeated, inputsOf(waited.path)));
  };
  const ended = run();
  ended.catch(() => {});
  const abort = async (): Promise<void> => {
    stop.abort(new FlyteError("Cancelled", "the test ends it"));
    await ended.catch(() => {});
  };
  const restart = async (): Promise<Wait> => {
    await abort();
    return inContainer(waited, checkpoint);
  };
  return { ended, abort, restart };
}

/** Waits as a connector service does. */
export async function byConnector(waited: Waited): Promise<Wait> {
  const task = waitForObjectStoreFile({ name: "sensor", ...wait, ...waited.options, runsIn: "connector" });
  const connector = await manifest.provides.connectors?.[task.taskType]?.();
  if (connector === undefined) throw new Error(`the plugin serves no ${task.taskType}`);
  const start = (): ConnectorHost => {
    const registry = new ConnectorRegistry();
    registry.register(task.taskType, connector);
    const { storage, types, datasets, clock } = contextOf(waited);
    return new ConnectorHost({ registry, storage, types, datasets, clock, log: silentLog, limits: { cacheMs: 0 } });
  };
  const host = start();
  const request = taskRequest(task.template(settings), {
    inputs: inputsOf(waited.path),
    outputPrefix: `/tmp/none/${crypto.randomUUID()}`,
  });
  const resourceMeta = await host.create(request);
  const job = { category: request.category, resourceMeta };
  const watched = (at: ConnectorHost): Wait => {
    let left = false;
    const ask = async (): Promise<string> => {
      for (;;) {
        const { phase, message, outputs } = await at.get(job);
        if (phase === "SUCCEEDED" && outputs !== undefined) return pathIn(outputs);
        if (phase === "FAILED" || left) throw new Error(message);
        if (phase === "RETRYABLE_FAILED") throw new Error(`may be tried again: ${message}`);
        await systemClock.sleep(20);
      }
    };
    const ended = ask();
    ended.catch(() => {});
    const abort = async (): Promise<void> => {
      left = true;
      await at.delete(job);
    };
    const restart = async (): Promise<Wait> => {
      await abort();
      return watched(start());
    };
    return { ended, abort, restart };
  };
  return watched(host);
}
