import { type Clock, FlyteError } from "@flyte-ts/core/plugin";

/**
 * What a call comes to, within its time. The SDK has neither a deadline nor a way to end a request, so whoever waits stops
 * waiting; the SDK's own time-out closes the connection later.
 * @throws the signal's reason; FlyteError `Unavailable` when the time has passed.
 */
export async function withinDeadline<T>(
  call: () => Promise<T>,
  {
    signal,
    clock,
    ms,
    doing,
  }: { readonly signal: AbortSignal; readonly clock: Clock; readonly ms: number; readonly doing: string },
): Promise<T> {
  signal.throwIfAborted();
  const over = new AbortController();
  const ends = AbortSignal.any([signal, over.signal]);
  const timeUp = clock.sleep(ms, { signal: ends }).then(
    () => {
      throw new FlyteError("Unavailable", `BigQuery: cannot ${doing}: no answer within ${ms / 1000} s`);
    },
    () => {
      signal.throwIfAborted();
      return new Promise<never>(() => {});
    },
  );
  try {
    return await Promise.race([call(), timeUp]);
  } finally {
    over.abort();
    timeUp.catch(() => {});
  }
}
