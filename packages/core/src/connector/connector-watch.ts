import type { FlyteError } from "../errors/flyte-error.ts";

/**
 * Who is told whether the vendors of connectors that run jobs can be asked, for whom that is more than a job's trouble. What
 * answers at once is left out: it may be another service for every task.
 */
export interface ConnectorWatch {
  /** The vendor has answered, whatever it said: that a query is wrong, that there are too many requests. */
  answered(taskType: string): void;
  /** It could not be asked: no answer, one of its own faults, credentials that it refuses or that are not there. */
  unanswered(taskType: string, error: FlyteError): void;
}
