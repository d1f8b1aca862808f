import type { DatasetStore } from "../dataset/dataset-store.ts";
import type { StorageRegistry } from "../storage/storage-registry.ts";
import type { TypeEngine } from "../types/type-engine.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";
import type { Secrets } from "./secrets.ts";

/** What turning literals into native values, and back, needs. */
export interface ConversionContext {
  readonly storage: StorageRegistry;
  readonly datasets: DatasetStore;
  readonly types: TypeEngine;
  /** Ends whatever is under way. */
  readonly signal: AbortSignal;
  /** A local folder for temporary files, gone after the task. */
  readonly workingDirectory: string;
  /** A new URI below the raw output prefix, `<prefix>/<32 hex>` with `/<name>` if one is given. Never the same twice. */
  newOutputUri(name?: string): string;
}

/** Which execution a task runs in. Empty strings where nothing says so (a local run has no project, say). */
export interface ExecutionIdentity {
  readonly project: string;
  readonly domain: string;
  /** The execution's name. */
  readonly name: string;
  /** The task's own name. */
  readonly task: string;
  /** The task's version. */
  readonly version: string;
  /** From 0. */
  readonly attempt: number;
  /** The workflow that the execution runs; left out where nobody says so, as are the next two. */
  readonly workflow?: string;
  readonly launchPlan?: string;
  /** The page of the execution in Flyte's console. */
  readonly consoleUrl?: string;
  /** What tells this run from others whose execution has the same name: locally each is called "local". */
  readonly run?: string;
  /** The node's id, with those of the sub-workflows around it, where the run knows it. */
  readonly node?: string;
  /** The folder of the attempt's outputs on a cluster. */
  readonly outputPrefix?: string;
}

/** A page of HTML that Flyte's console shows beside the task. */
export interface Deck {
  /** Adds a named part; parts stand in the order in which they came. */
  add(name: string, html: string): void;
}

/** What a task can reach while it runs. */
export interface TaskContext extends ConversionContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: Secrets;
  readonly execution: ExecutionIdentity;
  /** Where big outputs go. */
  readonly rawOutputPrefix: string;
  readonly checkpoint: Checkpoint;
  readonly deck: Deck;
}
