import { type Clock, FlyteError, systemClock } from "@flyte-ts/core/plugin";

/** How what failed for a passing reason is repeated. */
export interface RetryOptions {
  /** Repetitions after the first attempt; progress of a download starts the count anew. */
  readonly retries?: number;
  /** Milliseconds before the first repetition; each further one waits twice as long, up to `maxBackoffMs`. */
  readonly backoffMs?: number;
  /** The longest pause in milliseconds, 20,000 by default. A server that asks for more gets its error thrown. */
  readonly maxBackoffMs?: number;
  /** Where time comes from. */
  readonly clock?: Clock;
  /** Numbers from 0 to below 1 that spread the pauses; `Math.random` by default. */
  readonly random?: () => number;
}

/** `RetryOptions` with nothing left out. */
export type RetryPolicy = Readonly<Required<RetryOptions>>;

/** Fills in what the options leave out. */
export function retryPolicy(options: RetryOptions): RetryPolicy {
  const backoffMs = options.backoffMs ?? 250;
  return {
    retries: options.retries ?? 5,
    backoffMs,
    maxBackoffMs: options.maxBackoffMs ?? Math.max(20_000, backoffMs),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
}

/** True for an error that a repetition may mend. */
export function isPassing(error: FlyteError): boolean {
  return error.code === "Unavailable" || error.code === "Throttled";
}

/**
 * Waits before repetition number `failures` (from 1), between half and the whole of the exponential pause so that many
 * clients do not come back at once, and never less than what the server asked for.
 * @throws the error itself where a pause would be of no use: it is not a passing one, or was the last; the signal's reason.
 */
export async function pauseBeforeRetry(
  policy: RetryPolicy,
  failures: number,
  error: FlyteError,
  signal: AbortSignal | undefined,
): Promise<void> {
  const asked = error.retryAfterMs ?? 0;
  if (!isPassing(error) || failures > policy.retries || asked > policy.maxBackoffMs) throw error;
  const pause = Math.min(policy.maxBackoffMs, policy.backoffMs * 2 ** (failures - 1));
  await policy.clock.sleep(Math.max(asked, pause * (0.5 + policy.random() / 2)), { signal });
}

/**
 * Repeats what fails for a passing reason.
 * @throws what the last attempt threw, or the signal's reason.
 */
export async function retrying<T>(
  policy: RetryPolicy,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let failures = 1; ; failures++) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      await pauseBeforeRetry(policy, failures, FlyteError.from(error), signal);
    }
  }
}
