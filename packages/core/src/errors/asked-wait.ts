import type { FlyteError } from "./flyte-error.ts";

/** The longest wait that another side is granted, in milliseconds: 15 minutes. */
const longestAskedWaitMs = 900_000;

/**
 * How long the other side asks to be left alone, in milliseconds (`Retry-After`); undefined where it names no time. What
 * asks for days would stop all work for them, and is asked again after 15 minutes.
 */
export function askedWait({ retryAfterMs }: Pick<FlyteError, "retryAfterMs">): number | undefined {
  if (retryAfterMs === undefined || Number.isNaN(retryAfterMs)) return undefined;
  return Math.min(Math.max(retryAfterMs, 0), longestAskedWaitMs);
}
