import type { JsonObject } from "@bufbuild/protobuf";
import type { Connection } from "../connector/connector-context.ts";
import type { Secret } from "../connector/secret.ts";
import type { Clock } from "../context/clock.ts";
import type { Log } from "../context/log.ts";
import type { SecretName } from "../context/secrets.ts";
import type { DatasetStore } from "../dataset/dataset-store.ts";
import type { StorageRegistry } from "../storage/storage-registry.ts";
import type { TypeEngine } from "../types/type-engine.ts";
import type { Types } from "../types/type-transformer.ts";

/** What a sensor waited for is there; the outputs by name. */
export interface Found<Outputs = Readonly<Record<string, unknown>>> {
  readonly found: Outputs;
}

/** It is not there yet. */
export interface NotYet {
  /** What is missing, in a few words: `2 of 3 files`. People read it while they wait, and when the time is up. */
  readonly waitingFor: string;
  /** Ask again after so many milliseconds, where that is sooner than the interval: when a file gets old enough, say. */
  readonly againInMs?: number | undefined;
}

/** What one poll says. */
export type PollAnswer<Outputs = Readonly<Record<string, unknown>>> = Found<Outputs> | NotYet;

/** The answer of a poll that has found what the sensor waits for. */
export function found<const Outputs>(outputs: Outputs): Found<Outputs> {
  return { found: outputs };
}

/** The answer of a poll that has not. */
export function notYet(waitingFor: string, options: { readonly againInMs?: number | undefined } = {}): NotYet {
  return { waitingFor, ...options };
}

/** What a poll asks for. The same object comes with every poll of one waiting task. */
export interface PollRequest<Inputs = Readonly<Record<string, unknown>>, Config = unknown, Memory = unknown> {
  /** Native values by name. */
  readonly inputs: Inputs;
  /** What `readConfig` made of the task's configuration. */
  readonly config: Config;
  /** When the task began to wait, in milliseconds since the epoch. A restart does not change it. */
  readonly startedAt: number;
  /**
   * What this sensor remembers from poll to poll; undefined at first, and again after a restart. It must never be what
   * makes an answer right: only later.
   */
  memory: Memory | undefined;
}

/** What a poll can reach. */
export interface PollContext {
  /** Ends the poll: its time is up, or the task was aborted. Every request heeds it. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  readonly storage: StorageRegistry;
  readonly datasets: DatasetStore;
  readonly types: TypeEngine;
  /** The secrets of the container, or of the connector service. */
  readonly secrets: { get(name: SecretName): Promise<Secret> };
  /** What Flyte v2 sends to connectors. */
  readonly connection?: Connection | undefined;
  /**
   * A poll stands for one request to its endpoint. Before each one more it waits for its turn, so that the endpoint's
   * limit holds.
   */
  turn(): Promise<void>;
}

/** A sensor as hosts see it, whatever it waits for; `BaseSensor` is what authors extend. */
export interface Sensor {
  readonly name: string;
  readonly inputs: Types;
  readonly outputs: Types;
  /** Requests a second to one endpoint. */
  readonly requestsPerSecond: number;
  readConfig(config: JsonObject): unknown;
  poll(request: PollRequest, context: PollContext): Promise<PollAnswer>;
  endpoint(request: PollRequest): string;
  group(request: PollRequest): string | undefined;
  pollTogether(requests: readonly PollRequest[], context: PollContext): readonly Promise<PollAnswer>[];
  watch(request: PollRequest, changed: () => void): Disposable | undefined;
}
