import type { Clock } from "../context/clock.ts";
import type { FlyteError } from "../errors/flyte-error.ts";

/** How long a call may take, and who waits for it. */
export interface TimeLimit {
  /** Counts the time. */
  readonly clock: Clock;
  /** The caller's: aborted when nobody waits any more. */
  readonly signal: AbortSignal;
  /** Milliseconds from the beginning of the call. */
  readonly ms: number;
  /** What is thrown when the time has passed. */
  readonly late: () => FlyteError;
}

/**
 * What a call comes to, within its time: for SDKs that would wait for ever. Whoever waits stops waiting then, also for a
 * call that does not heed its signal.
 * @param call gets a signal that is aborted when the time has passed, or the caller's is.
 * @throws what the call throws; the reason of the caller's signal; that of `late`.
 */
export async function withinTime<T>(
  call: (signal: AbortSignal) => Promise<T>,
  { clock, signal, ms, late }: TimeLimit,
): Promise<T> {
  signal.throwIfAborted();
  const over = new AbortController();
  const done = new AbortController();
  const timeUp = clock.sleep(ms, { signal: AbortSignal.any([signal, done.signal]) }).then(
    () => {
      over.abort(late());
      throw over.signal.reason;
    },
    () => {
      signal.throwIfAborted();
      return new Promise<never>(() => {});
    },
  );
  timeUp.catch(() => {});
  try {
    return await Promise.race([call(AbortSignal.any([signal, over.signal])), timeUp]);
  } catch (error) {
    signal.throwIfAborted();
    over.signal.throwIfAborted();
    throw error;
  } finally {
    done.abort();
  }
}
