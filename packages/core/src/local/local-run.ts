import type { FlyteContext } from "../context/flyte-context.ts";
import type { FlyteError } from "../errors/flyte-error.ts";
import type { ExecutableTask } from "../task/executable-task.ts";
import type { LiteralMap } from "../wire/messages.ts";

/** What happens to a node, for whoever shows it. */
export interface NodeEvent {
  /** The node's id, with those of the sub-workflows around it: `n0`, `n1.n0`. */
  readonly id: string;
  readonly entity: string;
  readonly phase: "running" | "succeeded" | "failed";
  /** The outputs, once it has succeeded. */
  readonly outputs?: LiteralMap;
  readonly error?: FlyteError;
}

/** Runs one task of a workflow: literals in, literals out, files in the folder that is given. */
export type ExecuteTask = (
  task: ExecutableTask,
  inputs: LiteralMap,
  place: { readonly id: string; readonly directory: string; readonly signal: AbortSignal },
) => Promise<LiteralMap>;

/** How a workflow is run here. */
export interface LocalRunOptions {
  /** The folder of the run; a new one below the system's temporary folder by default. Outputs stay in it. */
  readonly directory?: string;
  readonly signal?: AbortSignal;
  readonly context?: FlyteContext;
  /** Runs the tasks; in this process by default. */
  readonly execute?: ExecuteTask;
  readonly onEvent?: (event: NodeEvent) => void;
}
