import { mkdirSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EnvironmentSecrets } from "../context/environment-secrets.ts";
import { FlyteContext } from "../context/flyte-context.ts";
import { StorageCheckpoint } from "../context/storage-checkpoint.ts";
import type { Deck, TaskContext } from "../context/task-context.ts";
import { outputUri, uniqueName } from "../storage/unique-name.ts";
import { removeEmptyFolders } from "./empty-folders.ts";

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
  /** Which attempt it is, from 0. */
  readonly attempt?: number | undefined;
  /** Tells the run from every other; a new name by default. */
  readonly run?: string | undefined;
  /** The node's id, with those of the sub-workflows around it. */
  readonly node?: string | undefined;
}

const noDeck: Deck = { add() {} };

/**
 * The context of a task that runs in this process. Folders are made when something first asks for them; disposing of the
 * context removes its working folder, and leaves the outputs: of a folder of its own that holds none, nothing is left.
 */
export async function localTaskContext(options: LocalContextOptions): Promise<TaskContext & AsyncDisposable> {
  const { task, version = "", signal, context = FlyteContext.default() } = options;
  let { directory } = options;
  let working: string | undefined;
  const runFolder = (): string => {
    directory ??= mkdtempSync(join(tmpdir(), "flyte-ts-"));
    return directory;
  };
  const workingDirectory = (): string => {
    if (working === undefined) {
      mkdirSync(runFolder(), { recursive: true });
      working = mkdtempSync(join(runFolder(), "work-"));
    }
    return working;
  };
  const rawOutputPrefix = (): string => join(runFolder(), "raw");
  const { storage, datasets, types, clock, log } = context;
  return {
    storage,
    datasets,
    types,
    clock,
    log,
    signal: signal ?? new AbortController().signal,
    get workingDirectory() {
      return workingDirectory();
    },
    get rawOutputPrefix() {
      return rawOutputPrefix();
    },
    newOutputUri: (name) => outputUri(rawOutputPrefix(), name),
    secrets: new EnvironmentSecrets({ env: process.env, local: true }),
    execution: {
      project: "",
      domain: "",
      name: "local",
      task,
      version,
      attempt: options.attempt ?? 0,
      run: options.run ?? uniqueName(),
      node: options.node ?? "",
    },
    get checkpoint() {
      const destination = join(runFolder(), "checkpoint");
      return new StorageCheckpoint({ storage, destination, previous: undefined, workingDirectory });
    },
    deck: noDeck,
    async [Symbol.asyncDispose]() {
      if (working !== undefined) await rm(working, { recursive: true, force: true });
      working = undefined;
      if (directory !== options.directory && directory !== undefined) await removeEmptyFolders(directory);
    },
  };
}
