import type { Clock } from "../context/clock.ts";
import type { Log } from "../context/log.ts";
import type { SecretName } from "../context/secrets.ts";
import type { DatasetStore } from "../dataset/dataset-store.ts";
import type { StorageRegistry } from "../storage/storage-registry.ts";
import type { TypeEngine } from "../types/type-engine.ts";
import type { LiteralMap, TaskTemplate } from "../wire/messages.ts";
import type { Secret } from "./secret.ts";

/** What Flyte routes by: `TaskTemplate.type` and `task_type_version`. */
export interface TaskCategory {
  readonly name: string;
  /** 0 unless the task says otherwise; 1 for the elements of a map task. */
  readonly version: number;
}

/** The secrets of a connector: those of its own process (v1), put in place by the operator. */
export interface ConnectorSecrets {
  /** @throws FlyteError `NotFound` that lists where it was looked for (names only). */
  get(name: SecretName): Promise<Secret>;
}

/** What Flyte v2 sends with every call: secrets that the platform looked up, and settings (`core.Connection`). */
export interface Connection {
  readonly taskType: string;
  readonly secrets: Readonly<Record<string, Secret>>;
  readonly configs: Readonly<Record<string, string>>;
}

/**
 * Of `TaskExecutionMetadata`, what propeller really fills in; empty where nothing says so. Annotations and environment are
 * empty too where a job is started later than asked for, in another process: they are not kept.
 */
export interface ExecutionMetadata {
  readonly project: string;
  readonly domain: string;
  /** The execution's name. */
  readonly execution: string;
  readonly node: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Who started the execution; empty where the cluster has no authentication. */
  readonly user: string;
}

/** What every call of a connector gets. */
export interface ConnectorContext {
  readonly category: TaskCategory;
  /** The folder of the attempt's outputs, without a slash at its end. */
  readonly outputPrefix: string;
  readonly connection?: Connection | undefined;
  readonly secrets: ConnectorSecrets;
  /** Ends the call: the caller's deadline, or a shutdown. Every request to the vendor heeds it. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Lines are redacted: no secret that this call asked for appears in them. */
  readonly log: Log;
  readonly storage: StorageRegistry;
  readonly datasets: DatasetStore;
  readonly types: TypeEngine;
}

/** What `create`, `find` and `do` get. */
export interface CreateContext extends ConnectorContext {
  readonly template: TaskTemplate;
  /** The inputs as they came; by name, in no order. */
  readonly inputs: LiteralMap;
  /** The inputs as native values of the types that the template's interface guesses (integers are bigints). */
  nativeInputs(): Promise<Readonly<Record<string, unknown>>>;
  /** The same for every repetition of one attempt, 64 hexadecimal digits: what the vendor's job id or token is made of. */
  readonly idempotencyKey: string;
  /** The same for all attempts of one node, 64 hexadecimal digits. */
  readonly nodeKey: string;
  /** From 0. */
  readonly attempt: number;
  readonly metadata: ExecutionMetadata;
}

/** What the calls about a job get that `create` has returned. There is no template: what they need is in the meta. */
export interface JobContext<Meta> extends ConnectorContext {
  readonly meta: Meta;
  readonly idempotencyKey: string;
}

/** What `getMetrics` gets. */
export interface MetricsContext<Meta> extends JobContext<Meta> {
  /** The names of what is asked for. */
  readonly queries: readonly string[];
  readonly start: Date | undefined;
  readonly end: Date | undefined;
  /** Milliseconds between two values. */
  readonly stepMs: number | undefined;
}

/** What `getLogs` gets. */
export interface LogsContext<Meta> extends JobContext<Meta> {
  /** The most lines of a page; undefined for the connector's own measure. */
  readonly lines: number | undefined;
  /** Where the page begins: what the page before gave; undefined for the first. */
  readonly token: string | undefined;
}
