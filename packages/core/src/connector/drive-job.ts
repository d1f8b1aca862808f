import type { TaskContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { LiteralMap, TaskTemplate } from "../wire/messages.ts";
import type { AsyncConnector, SyncConnector } from "./connector.ts";

/** A task, and what it is called with. */
export interface JobRequest {
  readonly template: TaskTemplate;
  readonly inputs: LiteralMap;
}

/**
 * Runs a job from here to its end: creates it, asks for it, and deletes it when the signal is aborted or the process is
 * told to end.
 * @throws FlyteError of the job: `TaskFailed`, `Recoverable` for RETRYABLE_FAILED, `Cancelled`.
 */
export async function driveJob(
  connector: AsyncConnector,
  _request: JobRequest,
  _context: TaskContext,
): Promise<LiteralMap> {
  throw new FlyteError("Unsupported", `${connector.name} does not run here yet`);
}

/** Calls a connector that answers at once. */
export async function driveSync(
  connector: SyncConnector,
  _request: JobRequest,
  _context: TaskContext,
): Promise<LiteralMap> {
  throw new FlyteError("Unsupported", `${connector.name} does not run here yet`);
}
