import { FlyteError, retryAfterMs } from "@flyte-ts/core/plugin";
import { networkError } from "../transfer/network-error.ts";
import { type RestAnswer, textOf } from "../transfer/rest-request.ts";

/** What Google answered instead of what was asked for. */
export class GcsFault extends Error {
  readonly status: number;
  /** Google's name of it, such as `rateLimitExceeded`; the status in words where there is none. */
  readonly reason: string;
  readonly retryAfter: string | undefined;

  constructor(status: number, reason: string, message: string, retryAfter: string | undefined) {
    super(message);
    this.name = "GcsFault";
    this.status = status;
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

/** Reads an answer's error: JSON of `{ error: { code, message, errors: [{ reason }] } }`, or text. */
export async function faultOf(answer: RestAnswer): Promise<GcsFault> {
  const text = await textOf(answer);
  let message = text.trim().slice(0, 500);
  let reason = "";
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string; errors?: { reason?: string }[] } };
    message = error?.message ?? message;
    reason = error?.errors?.[0]?.reason ?? "";
  } catch {
    // Media downloads and proxies answer with text.
  }
  return new GcsFault(answer.status, reason, message || String(answer.status), answer.headers["retry-after"]);
}

/** What an error is in our words; `what` is the request, such as `get gs://bucket/key`. */
export function gcsError(error: unknown, what: string, now: number): FlyteError {
  if (FlyteError.is(error)) return error;
  if (!(error instanceof GcsFault)) return networkError(error, what);
  const { status, reason, message } = error;
  const said = `${what}: ${message}${reason === "" ? "" : ` (${reason})`}`;
  const wait = retryAfterMs(error.retryAfter, now);
  const options = { cause: error, ...(wait === undefined ? {} : { retryAfterMs: wait }) };
  if (status === 429 || /^(userR|r)ateLimitExceeded/.test(reason)) return new FlyteError("Throttled", said, options);
  if (status === 401 || status === 403) return new FlyteError("PermissionDenied", said, options);
  // Google tells the two kinds of 404 apart by their texts alone.
  if (status === 404 && /bucket does not exist|no such bucket/i.test(message)) return noBucket(error, what);
  if (status === 404) return new FlyteError("NotFound", `${what}: there is no such object`, options);
  if (status === 412) return new FlyteError("AlreadyExists", `${what}: there is such an object already`, options);
  if (status === 413) return new FlyteError("TooLarge", said, options);
  if (status >= 500 || status === 408) return new FlyteError("Unavailable", said, options);
  return new FlyteError("InvalidInput", said, options);
}

/** The error of a bucket that is not there. */
export function noBucket(cause: GcsFault, what: string): FlyteError {
  return new FlyteError("NotFound", `${what}: there is no such bucket`, { reason: "NoSuchContainer", cause });
}
