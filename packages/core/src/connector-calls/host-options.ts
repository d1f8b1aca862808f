import type { ConnectorSecrets } from "../connector/connector-context.ts";
import type { ConnectorRegistry } from "../connector/connector-registry.ts";
import type { ConnectorWatch } from "../connector/connector-watch.ts";
import type { Clock } from "../context/clock.ts";
import type { Log } from "../context/log.ts";
import type { DatasetStore } from "../dataset/dataset-store.ts";
import type { StorageRegistry } from "../storage/storage-registry.ts";
import type { TypeEngine } from "../types/type-engine.ts";

/** The times and sizes that a host keeps to. */
export interface ConnectorHostLimits {
  /** The part of a caller's time after which it is answered with what is known; 0.8. */
  readonly deadlineShare: number;
  /** Milliseconds that a caller without a deadline waits; 10,000. */
  readonly defaultDeadlineMs: number;
  /** Milliseconds that one call of a connector may take, whoever waits for it; 60,000. */
  readonly callMs: number;
  /** Milliseconds for which an answer of a vendor is good; 500. */
  readonly cacheMs: number;
  /** Milliseconds of passing faults in a row after which a job is given up; an hour. */
  readonly passingFaultMs: number;
  /** Milliseconds of unforeseen faults in a row after which a job is given up; five minutes. */
  readonly unforeseenFaultMs: number;
  /** Milliseconds for which a vendor may not find a job that it had, before that is taken to have vanished; a minute. */
  readonly missingMs: number;
  /** The wait after a first fault in milliseconds; it doubles with every further one. 1,000. */
  readonly backoffMs: number;
  /** The longest wait after a fault that names none, in milliseconds; 60,000. */
  readonly longestBackoffMs: number;
  /** The most bytes of outputs in an answer; more are written to `outputs.pb`. 2 MiB, as Flyte takes at most 4 MiB. */
  readonly maxOutputBytes: number;
  /** The most bytes (base64) of a packed request inside a pending job's meta; more are written beside the outputs. */
  readonly maxInlineRequestBytes: number;
  /** How many jobs are remembered; one that was forgotten is asked for again. */
  readonly maxJobs: number;
}

/** The limits that hold where a host is given no others. */
export const defaultLimits: ConnectorHostLimits = {
  deadlineShare: 0.8,
  defaultDeadlineMs: 10_000,
  callMs: 60_000,
  cacheMs: 500,
  passingFaultMs: 3_600_000,
  unforeseenFaultMs: 300_000,
  missingMs: 60_000,
  backoffMs: 1_000,
  longestBackoffMs: 60_000,
  maxOutputBytes: 2 * 1024 * 1024,
  maxInlineRequestBytes: 8_192,
  maxJobs: 50_000,
};

/** What a host is made of; what is left out is the default context's. */
export interface ConnectorHostOptions {
  readonly registry: ConnectorRegistry;
  readonly storage?: StorageRegistry;
  readonly datasets?: DatasetStore;
  readonly types?: TypeEngine;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Where connectors find secrets; the process's variables and files, as Flyte puts them there, by default. */
  readonly secrets?: ConnectorSecrets;
  readonly limits?: Partial<ConnectorHostLimits>;
  /** A number from 0 up to 1, for the jitter of waits; `Math.random` by default. */
  readonly random?: () => number;
  /** Told whether the vendors can be asked; nobody by default. */
  readonly watch?: ConnectorWatch;
}
