import { FlyteError } from "@flyte-ts/core/plugin";

/** How long work may go on after a signal to stop, in milliseconds, before the process ends without it. */
const graceMs = 30_000;

/** The exit code for each signal that stops the program: 128 and its number. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** What happens to the process while a command runs. */
export interface ProcessWatch {
  /** Aborted by SIGINT, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
  /** The exit code, once a signal came. */
  readonly stopped: { readonly exitCode: number } | undefined;
  /** Rejects when the process fails outside of the command's own promise, or must not wait any longer. */
  readonly failed: Promise<never>;
}

/**
 * Turns signals into an abort; a second one of the same kind ends the process at once. What fails outside of the command's
 * promise (an exception in a timer of the user's, a rejection that nobody awaits, a wait for something that cannot come)
 * fails the command.
 */
export function watchProcess(): ProcessWatch {
  const stop = new AbortController();
  const watch: { stopped: ProcessWatch["stopped"] } = { stopped: undefined };
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => {});
  const came = new Set<string>();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (came.has(name)) process.exit(exitCodes[name]);
      came.add(name);
      if (watch.stopped !== undefined) return;
      watch.stopped = { exitCode: exitCodes[name] };
      const reason = new FlyteError("Cancelled", `stopped by ${name}`);
      stop.abort(reason);
      setTimeout(() => reject(reason), graceMs).unref();
    });
  }
  const outside = (error: unknown): void => reject(FlyteError.from(error, "TaskFailed"));
  process.on("uncaughtException", outside);
  process.on("unhandledRejection", outside);
  process.on("beforeExit", () =>
    reject(
      new FlyteError("TaskFailed", "the code waits for something that can no longer happen: no work is left to do"),
    ),
  );
  // A reader that goes away (`| head`) has seen enough.
  process.stdout.on("error", (error: { code?: string }) => (error.code === "EPIPE" ? process.exit(0) : outside(error)));
  return {
    signal: stop.signal,
    get stopped() {
      return watch.stopped;
    },
    failed,
  };
}
