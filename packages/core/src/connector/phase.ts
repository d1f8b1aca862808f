/**
 * How far a job is (`flyteidl.core.TaskExecution.Phase`, without UNDEFINED, which no connector may answer: Flyte v1
 * reads it as a failure, v2 as a fault). Propeller records the log links and the custom info of the first answer in each
 * phase, and nothing of QUEUED.
 */
export type Phase =
  | "QUEUED"
  | "WAITING_FOR_RESOURCES"
  | "INITIALIZING"
  | "RUNNING"
  | "SUCCEEDED"
  | "ABORTED"
  | "FAILED"
  | "RETRYABLE_FAILED";

/** The numbers of `flyteidl.core.TaskExecution.Phase`; v1's and v2's are the same. */
export const phaseNumbers: Readonly<Record<Phase, number>> = {
  QUEUED: 1,
  RUNNING: 2,
  SUCCEEDED: 3,
  ABORTED: 4,
  FAILED: 5,
  INITIALIZING: 6,
  WAITING_FOR_RESOURCES: 7,
  RETRYABLE_FAILED: 8,
};

const terminal: ReadonlySet<Phase> = new Set<Phase>(["SUCCEEDED", "ABORTED", "FAILED", "RETRYABLE_FAILED"]);

/** True for a phase that a job does not leave. */
export function isTerminal(phase: Phase): boolean {
  return terminal.has(phase);
}
