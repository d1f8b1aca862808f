import { FlyteError } from "@flyte-ts/core/plugin";

/**
 * Lets an attempt take only so long. It gets a signal that the deadline or the caller's signal aborts, and is not waited
 * for when it does not listen to that.
 * @param what names the attempt in the error.
 * @throws FlyteError `Unavailable` when the time is over; the caller's signal's reason; what the attempt throws.
 */
export async function withDeadline<T>(
  ms: number,
  what: string,
  signal: AbortSignal | undefined,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const limit = new AbortController();
  const onAbort = (): void => limit.abort(signal?.reason);
  const timer = setTimeout(() => {
    limit.abort(new FlyteError("Unavailable", `${what} gave no answer for ${ms / 1000} s`));
  }, ms);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await new Promise<T>((resolve, reject) => {
      limit.signal.addEventListener("abort", () => reject(limit.signal.reason), { once: true });
      attempt(limit.signal).then(resolve, (error: unknown) =>
        reject(limit.signal.aborted ? limit.signal.reason : error),
      );
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}
