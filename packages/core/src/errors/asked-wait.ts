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

/**
 * Milliseconds that a `Retry-After` header asks for (RFC 9110, 10.2.3: seconds or a date); undefined without a valid one.
 * @param now what a date is measured from, in milliseconds since the epoch.
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
