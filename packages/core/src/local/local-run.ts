import type { FlyteContext } from "../context/flyte-context.ts";
import type { FlyteError } from "../errors/flyte-error.ts";
import type { ExecutableTask } from "../task/executable-task.ts";
import type { AnyType } from "../types/type-transformer.ts";
import type { LiteralMap } from "../wire/messages.ts";

/** What happens to a node, for whoever shows it. */
export interface NodeEvent {
  /** The node's id, with those of the sub-workflows around it: `n0`, `n1.n0`. */
  readonly id: string;
  readonly entity: string;
  /** `skipped`: it stands in a way of a conditional that is not taken. */
  readonly phase: "running" | "succeeded" | "failed" | "skipped";
  /** The outputs, once it has succeeded. */
  readonly outputs?: LiteralMap;
  readonly error?: FlyteError;
}

/** Where and how a task of a workflow runs. */
export interface ExecutePlace {
  readonly id: string;
  readonly directory: string;
  readonly signal: AbortSignal;
  /** Which attempt it is, from 0. */
  readonly attempt?: number;
  /** The run's name. */
  readonly run?: string | undefined;
}

/** Runs one task of a workflow: literals in, literals out, files in the folder that is given. */
export type ExecuteTask = (task: ExecutableTask, inputs: LiteralMap, place: ExecutePlace) => Promise<LiteralMap>;

/** A gate that waits for a person. */
export interface WaitingGate {
  /** The node's id, with those of the sub-workflows around it. */
  readonly id: string;
  /** The gate's name: the signal's id on a cluster. */
  readonly name: string;
  /** Aborted when the gate's time is over, or the run ends. */
  readonly signal: AbortSignal;
}

/** Who decides at the gates of a workflow that runs here. */
export interface GateHandler {
  /** Whether a value may pass (`approve`). */
  approve?(gate: WaitingGate & { readonly value: unknown }): boolean | Promise<boolean>;
  /** The native value that is waited for (`waitForInput`). */
  input?(gate: WaitingGate & { readonly type: AnyType }): unknown;
}

/** How a workflow is run here. */
export interface LocalRunOptions {
  /**
   * The folder of the run; a new one below the system's temporary folder by default. Files that tasks wrote stay in it;
   * a new one without any is removed.
   */
  readonly directory?: string;
  readonly signal?: AbortSignal;
  /** The run's name; a new one by default. A run that goes on under its name finds the jobs that it has started. */
  readonly run?: string;
  readonly context?: FlyteContext;
  /** Runs the tasks; in this process by default. */
  readonly execute?: ExecuteTask;
  readonly onEvent?: (event: NodeEvent) => void;
  /** Who decides at `approve` and `waitForInput`; without, a workflow that comes to one fails. */
  readonly gates?: GateHandler;
}
