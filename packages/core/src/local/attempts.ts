import { FlyteContext } from "../context/flyte-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { NodeRun } from "../graph/node-behaviour.ts";
import type { ExecutableTask } from "../task/executable-task.ts";
import type { LiteralMap } from "../wire/messages.ts";

/** How often a task is tried, and how long one attempt may take, in milliseconds (0 or nothing: for ever). */
export interface AttemptOptions {
  readonly retries?: number | undefined;
  readonly timeout?: number | undefined;
}

/** What running attempts takes of a node's run. */
export type AttemptRun = Pick<NodeRun, "execute" | "signal" | "options">;

/**
 * Runs a task here as Flyte would: recoverable failures are tried again, and an attempt ends at its timeout; one that cleans
 * up is waited for until it has.
 * @throws FlyteError of the last attempt; `Timeout`.
 */
export async function runAttempts(
  task: ExecutableTask,
  { retries = 0, timeout = 0 }: AttemptOptions,
  inputs: LiteralMap,
  run: AttemptRun,
): Promise<LiteralMap> {
  for (let attempt = 0; ; attempt++) {
    try {
      if (timeout === 0) return await run.execute(task, inputs, undefined, { number: attempt });
      return await within(task, timeout, run, (signal) =>
        run.execute(task, inputs, undefined, { number: attempt, signal }),
      );
    } catch (thrown) {
      const error = FlyteError.from(thrown);
      if (attempt >= retries || !error.recoverable || run.signal.aborted) throw thrown;
    }
  }
}

async function within<R>(
  { name, cleansUp = false }: ExecutableTask,
  timeout: number,
  { signal, options }: AttemptRun,
  attempt: (signal: AbortSignal) => Promise<R>,
): Promise<R> {
  const { clock } = options.context ?? FlyteContext.default();
  const late = new AbortController();
  const done = new AbortController();
  const error = new FlyteError("Timeout", `task ${name} took more than its timeout of ${timeout} ms`);
  const running = attempt(AbortSignal.any([signal, late.signal]));
  const limit = clock.sleep(timeout, { signal: done.signal }).then((): never => {
    late.abort(error);
    throw error;
  });
  limit.catch(() => {});
  try {
    return await Promise.race([running, limit]);
  } catch (thrown) {
    const over = running.catch(() => {});
    // what it has left elsewhere would stay there if the process ended now
    if (cleansUp) await over;
    throw late.signal.aborted ? error : thrown;
  } finally {
    done.abort();
  }
}
