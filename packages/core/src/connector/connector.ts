import type { JsonObject } from "@bufbuild/protobuf";
import type { CreateContext, JobContext, LogsContext, MetricsContext } from "./connector-context.ts";
import type { LogLink, Resource } from "./resource.ts";
import type { ResourceMetaDeclaration } from "./resource-meta.ts";

/** One metric of a job (`flyteidl.core.ExecutionMetricResult`). */
export interface MetricResult {
  readonly metric: string;
  /** In the shape of Prometheus's range queries. */
  readonly data: JsonObject;
}

/** A line of a job's log. */
export interface LogLine {
  readonly timestamp: Date | undefined;
  /** The text, without the end of the line. */
  readonly message: string;
  readonly originator?: "user" | "system";
}

/** Lines of a job's log, and where the next ones begin. */
export interface LogPage {
  readonly lines: readonly LogLine[];
  /** Nothing when this is the last page. */
  readonly nextToken?: string | undefined;
}

/**
 * Runs tasks of a type as jobs of a service. One instance serves every task of its type, many at once, and keeps nothing
 * between calls: what `get` and `delete` need is in the meta.
 *
 * What its methods throw decides what becomes of the task. The host takes
 *
 * - a `FlyteError` of kind system that is recoverable (`Unavailable`, `Throttled` with `retryAfterMs`, `Cancelled`) as a
 *   passing fault: it tries again, and meanwhile tells Flyte what was known last;
 * - one of kind user that is recoverable (`Recoverable`) as RETRYABLE_FAILED;
 * - `NotFound` from `get`, for a minute, as a job that has vanished: RETRYABLE_FAILED;
 * - `PermissionDenied`, `MissingPackage` and `Timeout` from `get` as a fault of the asking: the job may run on, so it tries
 *   again for five minutes, then RETRYABLE_FAILED, upon which Flyte has the job deleted;
 * - any other `FlyteError` as FAILED, with its message; a job that `get` says this of is deleted;
 * - anything else as a fault of the connector: it tries again for five minutes, then RETRYABLE_FAILED.
 */
export interface AsyncConnector<Meta = unknown> {
  /** For people and for `GetAgent` and `GetConnector`. */
  readonly name: string;
  readonly meta: ResourceMetaDeclaration<Meta>;
  /**
   * Starts the job, or adopts the one that an earlier call with the same `idempotencyKey` started: the call is repeated
   * after a lost answer, a passed deadline and a restart. It returns as soon as the vendor has the job, and waits for
   * nothing else.
   */
  create(context: CreateContext): Promise<Meta>;
  /** Asks once how the job is. */
  get(context: JobContext<Meta>): Promise<Resource>;
  /**
   * Stops the job and cleans up after it, if it still runs. Called for jobs that have ended and for jobs that have been
   * deleted too: then it does nothing, and leaves results and logs as they are.
   */
  delete(context: JobContext<Meta>): Promise<void>;
  /**
   * The job of an `idempotencyKey`, if the vendor has one: for vendors that can be asked by a key. The host calls it
   * before it starts a job again, and so as to delete the job of an attempt whose `create` never came to an answer.
   * Without it, `create` is repeated there, and each job is noted below its output prefix (`flyte-ts-job`) for the next
   * attempt, which deletes one whose `create` Flyte never got an answer to.
   */
  find?(context: CreateContext): Promise<Meta | undefined>;
  /** True where a job that nobody asks for any more costs nothing and does nothing: then it is not noted. */
  readonly leavesNothing?: boolean;
  /** The job's page, from the meta alone: shown with the job's first answer, whatever the vendor says then. */
  logLinks?(meta: Meta): readonly LogLink[];
  /**
   * The endpoint and credential that a job's requests go to, as one text. Jobs of one endpoint share a limit of requests
   * a second, and what a 429 asks for. The connector's name by default.
   */
  endpoint?(meta: Meta): string;
  /** Requests a second to one endpoint; 10 by default. */
  readonly requestsPerSecond?: number;
  getMetrics?(context: MetricsContext<Meta>): Promise<readonly MetricResult[]>;
  getLogs?(context: LogsContext<Meta>): Promise<LogPage>;
}

/** Runs tasks of a type as one call: a request that is answered within seconds. */
export interface SyncConnector {
  readonly name: string;
  /**
   * Runs the task. What it throws becomes the phase, as with `AsyncConnector`; a passing fault is RETRYABLE_FAILED.
   * Flyte v2, and v1 for the elements of map tasks, know only jobs: there the call is one, which has ended when it is known,
   * and may be repeated with the same `idempotencyKey` when it takes longer than a caller waits, unless `repeatable` forbids it.
   */
  do(context: CreateContext): Promise<Resource>;
  /**
   * False for a call that must not be made twice, since the other side would do it twice. Then one of which nobody knows
   * what came of it (its time was over, its process was killed) is FAILED, and no other process makes it again. True by
   * default.
   */
  repeatable?(context: CreateContext): boolean;
}

/** Any connector. */
export type Connector = AsyncConnector | SyncConnector;

/** True for a connector that answers at once. */
export function isSyncConnector(connector: Connector): connector is SyncConnector {
  return "do" in connector;
}
