import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DeckPage,
  EnvironmentSecrets,
  type FlyteContext,
  joinUri,
  type Log,
  outputUri,
  StorageCheckpoint,
  type TaskContext,
} from "@flyte-ts/core/plugin";
import { type Environment, executionIdentity } from "./environment.ts";

/** What a task's surroundings are made of. */
export interface SurroundingsOptions {
  readonly context: FlyteContext;
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly outputPrefix: string;
  readonly rawOutputPrefix: string | undefined;
  readonly checkpointPath: string | undefined;
  readonly previousCheckpoint: string | undefined;
}

/** What a task reaches while it runs, with what is left to do when it has ended. */
export interface Surroundings {
  readonly task: TaskContext;
  readonly deck: DeckPage;
  readonly checkpoint: StorageCheckpoint;
  /** Removes the local folder; nothing happens when the task never asked for it. */
  dispose(): Promise<void>;
}

/** Makes a task's context. The local folder is made when it is first asked for: a file system may be read-only. */
export function taskSurroundings(options: SurroundingsOptions): Surroundings {
  const { context, env, signal, log, outputPrefix, checkpointPath, previousCheckpoint } = options;
  const { storage, datasets, types, clock } = context;
  const rawOutputPrefix = options.rawOutputPrefix ?? joinUri(outputPrefix, "raw");
  const deck = new DeckPage();
  let folder: string | undefined;
  const workingDirectory = (): string => {
    folder ??= mkdtempSync(join(tmpdir(), "flyte-ts-task-"));
    return folder;
  };
  const checkpoint = new StorageCheckpoint({
    storage,
    destination: checkpointPath,
    previous: previousCheckpoint,
    workingDirectory,
  });
  const task: TaskContext = {
    storage,
    datasets,
    types,
    clock,
    signal,
    log,
    deck,
    checkpoint,
    rawOutputPrefix,
    secrets: new EnvironmentSecrets({ env }),
    execution: { ...executionIdentity(env), outputPrefix },
    get workingDirectory() {
      return workingDirectory();
    },
    newOutputUri: (name) => outputUri(rawOutputPrefix, name),
  };
  return {
    task,
    deck,
    checkpoint,
    dispose: async () => {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
