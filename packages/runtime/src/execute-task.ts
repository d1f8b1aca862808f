import {
  type FastRegistration,
  FlyteContext,
  type LiteralMap,
  type Log,
  type ResolverContext,
  settingsFrom,
  settingsVariable,
} from "@flyte-ts/core/plugin";
import {
  distributedWorker,
  type Environment,
  failsOnError,
  graceMs,
  offloadingLimits,
} from "./container/environment.ts";
import { ResultFiles } from "./container/result-files.ts";
import { asSystemFault } from "./container/system-fault.ts";
import { type LoadedTask, type Result, TaskRun } from "./container/task-run.ts";
import { type Surroundings, taskSurroundings } from "./container/task-surroundings.ts";

/** The exit code of a process that was asked to stop: 128 + SIGTERM. */
export const stoppedExitCode = 143;

/** One task to run, and where its files are. */
export interface ExecuteTaskOptions {
  /** Finds the task. What it throws is the task's failure. */
  readonly load: (context: ResolverContext) => Promise<LoadedTask>;
  /** The URI of `inputs.pb`. */
  readonly inputs: string;
  /** The folder's URI for the result. */
  readonly outputPrefix: string;
  /** The folder's URI for big outputs; by default `raw` below the output prefix. */
  readonly rawOutputPrefix?: string | undefined;
  readonly checkpointPath?: string | undefined;
  readonly previousCheckpoint?: string | undefined;
  /** The folder that modules are relative to. */
  readonly projectDirectory: string;
  /** Where the code was fetched from: tasks that this one makes fetch it, too. */
  readonly distribution?: FastRegistration | undefined;
  readonly env: Environment;
  /** Aborted when the task is to stop. */
  readonly signal: AbortSignal;
  /** Rejects when the process fails outside of the task's own promise: an uncaught exception, say. */
  readonly crashed?: Promise<never> | undefined;
  /** Storage, datasets, types and clock; the default context's without it. */
  readonly context?: FlyteContext | undefined;
  /** The log that the task writes to. */
  readonly log: Log;
  /** Our own log; that of the task without it. */
  readonly ownLog?: Log | undefined;
}

/**
 * Runs one task and writes its result.
 * @returns the exit code: 0 when `outputs.pb` or `error.pb` is written for good; 1 after a written error when
 * `FLYTE_FAIL_ON_ERROR` asks for it; 143 when the task was stopped (nothing is written then, so that Flyte starts another
 * attempt).
 * @throws FlyteError when not even `error.pb` could be written.
 */
export async function executeTask(options: ExecuteTaskOptions): Promise<number> {
  const { env, signal, log, context = FlyteContext.default(), ownLog = log, outputPrefix } = options;
  const files = new ResultFiles({
    storage: context.storage,
    outputPrefix,
    worker: distributedWorker(env),
    log: ownLog,
    now: () => context.clock.now(),
  });
  const surroundings = taskSurroundings({
    context,
    env,
    signal,
    log,
    outputPrefix,
    rawOutputPrefix: options.rawOutputPrefix,
    checkpointPath: options.checkpointPath,
    previousCheckpoint: options.previousCheckpoint,
  });
  files.removeStale();
  try {
    const { load, inputs, projectDirectory, crashed, distribution } = options;
    const settings = () => {
      const { project, domain, version } = surroundings.task.execution;
      const code = distribution === undefined ? {} : { fastRegistration: distribution };
      return settingsFrom(env[settingsVariable], { project, domain, version, ...code });
    };
    const place = { projectDirectory, signal, context, surroundings, settings };
    const run = new TaskRun({ load, inputs, crashed, log: ownLog, ...place });
    const result = await Promise.race([run.result, run.stopped(graceMs(env))]);
    if (result === undefined || signal.aborted) {
      if (result !== undefined) await run.stopped(graceMs(env));
      ownLog.warn("the task was stopped; nothing is written, so that another attempt may follow");
      return stoppedExitCode;
    }
    return await new Ending(run, surroundings, files, env, ownLog).write(result);
  } finally {
    await surroundings.dispose().catch((error: Error) => ownLog.warn(`the task's folder stays: ${error.message}`));
  }
}

/** Writes what came of a task. From here on a signal to stop comes too late. */
class Ending {
  readonly #run: TaskRun;
  readonly #surroundings: Surroundings;
  readonly #files: ResultFiles;
  readonly #env: Environment;
  readonly #log: Log;

  constructor(run: TaskRun, surroundings: Surroundings, files: ResultFiles, env: Environment, log: Log) {
    this.#run = run;
    this.#surroundings = surroundings;
    this.#files = files;
    this.#env = env;
    this.#log = log;
  }

  /** @returns the exit code. */
  async write(result: Result): Promise<number> {
    if (result.kind === "ignored") {
      this.#log.warn("the task asked for its outputs to be ignored; nothing is written");
      return 0;
    }
    const error = result.kind === "error" ? result.error : await this.#writeResult(result);
    if (error !== undefined) {
      const { code, kind, recoverable, stack } = error;
      const message = this.#run.task === undefined ? `the task could not be loaded: ${error.message}` : error.message;
      this.#log.error(message, { code, kind, recoverable, stack });
      await this.#files.writeError(error);
    }
    await this.#writeDeck();
    return error !== undefined && failsOnError(this.#env) ? 1 : 0;
  }

  /** @returns what kept the result from being written. */
  async #writeResult(result: Exclude<Result, { kind: "error" | "ignored" }>) {
    try {
      if (result.kind === "outputs") await this.#files.writeOutputs(await this.#offloaded(result.outputs));
      else await this.#files.writeFutures(result.futures);
      return undefined;
    } catch (error) {
      return asSystemFault(error, "the outputs cannot be written");
    }
  }

  /** The outputs, with large ones written apart where the backend wants that. */
  async #offloaded(outputs: LiteralMap): Promise<LiteralMap> {
    const limits = offloadingLimits(this.#env);
    if (limits === undefined) return outputs;
    const { offloaded } = await import("./container/offloading.ts");
    const { storage } = this.#surroundings.task;
    return offloaded(outputs, {
      limits,
      storage,
      outputPrefix: this.#files.outputPrefix,
      types: this.#run.task?.outputTypes ?? {},
    });
  }

  async #writeDeck(): Promise<void> {
    const { deck } = this.#surroundings;
    if (deck.empty && this.#run.task?.generatesDeck !== true) return;
    try {
      await this.#files.writeDeck(deck.html());
    } catch (error) {
      this.#log.warn(`the deck is lost: ${(error as Error).message}`);
    }
  }
}
