import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EnvironmentSecrets } from "../context/environment-secrets.ts";
import { FlyteContext } from "../context/flyte-context.ts";
import { StorageCheckpoint } from "../context/storage-checkpoint.ts";
import type { Deck, TaskContext } from "../context/task-context.ts";
import { outputUri } from "../storage/unique-name.ts";

/** What a task's context is made of when it runs here. */
export interface LocalContextOptions {
  /** The task's name. */
  readonly task: string;
  /** The task's version. */
  readonly version?: string;
  /** The folder of this run; a new one below the system's temporary folder by default. Outputs stay in it. */
  readonly directory?: string;
  readonly signal?: AbortSignal;
  readonly context?: FlyteContext;
}

const noDeck: Deck = { add() {} };

/** The context of a task that runs in this process. */
export async function localTaskContext(options: LocalContextOptions): Promise<TaskContext> {
  const { task, version = "", directory = await runDirectory(), signal, context = FlyteContext.default() } = options;
  const rawOutputPrefix = join(directory, "raw");
  const workingDirectory = join(directory, "work");
  await mkdir(workingDirectory, { recursive: true });
  const { storage, datasets, types, clock, log } = context;
  return {
    storage,
    datasets,
    types,
    clock,
    log,
    signal: signal ?? new AbortController().signal,
    workingDirectory,
    rawOutputPrefix,
    newOutputUri: (name) => outputUri(rawOutputPrefix, name),
    secrets: new EnvironmentSecrets({ env: process.env, local: true }),
    execution: { project: "", domain: "", name: "local", task, version, attempt: 0 },
    checkpoint: new StorageCheckpoint({
      storage,
      destination: join(directory, "checkpoint"),
      previous: undefined,
      workingDirectory: () => workingDirectory,
    }),
    deck: noDeck,
  };
}

/** A folder for one run here. */
export function runDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), "flyte-ts-"));
}
