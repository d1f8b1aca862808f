import { type Clock, FlyteError } from "@flyte-ts/core/plugin";
import { vendorError } from "./vendor-error.ts";

/** Milliseconds that a call to Athena may take; the SDK itself waits for ever. */
const callMs = 20_000;

/**
 * Calls Athena with a deadline of its own, beside the caller's signal.
 * @param doing such as `start the query`, for messages.
 * @throws FlyteError `Unavailable` after the deadline; what `vendorError` makes of everything else.
 */
export async function calling<T>(
  doing: string,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const over = new AbortController();
  const done = new AbortController();
  clock.sleep(callMs, { signal: done.signal }).then(
    () => over.abort(),
    () => undefined,
  );
  try {
    return await call(AbortSignal.any([signal, over.signal]));
  } catch (error) {
    signal.throwIfAborted();
    if (over.signal.aborted) {
      throw new FlyteError("Unavailable", `Athena: cannot ${doing}: no answer within ${callMs / 1000} s`, {
        cause: error,
      });
    }
    throw vendorError(error, doing);
  } finally {
    done.abort();
  }
}
