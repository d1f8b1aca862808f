import { type Clock, FlyteError, withinTime } from "@flyte-ts/core/plugin";
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
  const late = (): FlyteError =>
    new FlyteError("Unavailable", `Athena: cannot ${doing}: no answer within ${callMs / 1000} s`);
  try {
    return await withinTime(call, { clock, signal, ms: callMs, late });
  } catch (error) {
    signal.throwIfAborted();
    throw vendorError(error, doing);
  }
}
