import { FlyteError, type ReadOptions } from "@flyte-ts/core/plugin";
import { isPassing, pauseBeforeRetry, type RetryPolicy } from "./retry.ts";

/** One answer that carries an object's bytes, or a part of them. */
export interface OpenedBody {
  /** Where in the object the body begins; less than what was asked for where the server knows no ranges. */
  readonly first: number;
  /** The byte after the body's last one; undefined where the server does not say. */
  readonly end: number | undefined;
  /** The whole object's bytes; undefined where the server does not say. */
  readonly total: number | undefined;
  /** Says which version of the object this is (an ETag); undefined where the server has none to rely on. */
  readonly validator: string | undefined;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Ends the body; whoever waits for its next chunk gets `error`. */
  close(error?: Error): void;
}

/** An object that can be opened at any byte. */
export interface ResumableObject {
  /** How messages name it; without secrets. */
  readonly name: string;
  /**
   * Opens the bytes from `start` to before `end`. With a validator, only if the object is still that version: otherwise
   * the whole object, with its own validator.
   * @returns undefined when the object ends before `start`.
   * @throws anything; `asError` reads it.
   */
  open(start: number, end: number | undefined, validator: string | undefined): Promise<OpenedBody | undefined>;
  /** What `open` or a body threw, as an error of ours. */
  asError(error: unknown): FlyteError;
}

/** How `resumedRead` behaves. */
export interface ResumePolicy {
  readonly retry: RetryPolicy;
  /** How long to wait for the next bytes, in milliseconds, before the body counts as cut off. */
  readonly stallMs: number;
}

/**
 * Reads a range of an object. A body that stalls or is cut off is continued where it stopped, as long as the object is
 * still the same; it is never a short read.
 * @throws FlyteError what the last attempt gave, or `Unavailable` when the object changed; the signal's reason.
 */
export async function* resumedRead(
  object: ResumableObject,
  { start = 0, end, etag, signal }: ReadOptions,
  { retry, stallMs }: ResumePolicy,
): AsyncIterable<Uint8Array> {
  let at = start;
  let validator: string | undefined;
  let failures = 0;
  while (end === undefined || at < end) {
    signal?.throwIfAborted();
    const before = at;
    let failure: unknown;
    let opened: OpenedBody | undefined;
    try {
      opened = await object.open(at, end, at > start ? validator : etag);
      if (opened === undefined && at === start) return;
    } catch (error) {
      failure = error ?? new Error("nothing was said");
    }
    if (failure === undefined) {
      const expected = at > start ? validator : etag;
      const body =
        at > start || etag !== undefined ? continued(object, opened, expected, at, start) : (opened as OpenedBody);
      validator = body.validator;
      const goal = Math.min(end ?? Infinity, body.total ?? body.end ?? Infinity);
      try {
        let position = body.first;
        for await (const chunk of watched(body, stallMs, signal, object.name)) {
          const from = Math.max(0, at - position);
          const to = Math.min(chunk.byteLength, (end ?? Infinity) - position);
          position += chunk.byteLength;
          if (to <= from) continue;
          at += to - from;
          yield chunk.subarray(from, to);
          if (at === end) return;
        }
        if (goal === Infinity || at >= goal) return;
        // A server may answer with less than was asked for (RFC 9110, 15.3.7); what is left is asked for at once.
        if (at > before && at === body.end) continue;
        throw new FlyteError("Unavailable", `${object.name} was cut off after ${at} of ${body.total ?? goal} bytes`);
      } catch (error) {
        failure = error;
      } finally {
        body.close();
      }
    }
    signal?.throwIfAborted();
    failures = at > before ? 1 : failures + 1;
    const error = object.asError(failure);
    if (at > start && validator === undefined && isPassing(error)) throw cannotContinue(object, at, error);
    await pauseBeforeRetry(retry, failures, error, signal);
  }
}

/** The body that continues at `at`, if it is one of the version of the object that is wanted. */
function continued(
  { name }: ResumableObject,
  opened: OpenedBody | undefined,
  validator: string | undefined,
  at: number,
  start: number,
): OpenedBody {
  if (opened !== undefined && opened.validator === validator && opened.first <= at) return opened;
  opened?.close();
  throw new FlyteError(
    "Unavailable",
    at > start
      ? `${name} changed while it was read: it was cut off after ${at} bytes and is another now`
      : `${name} is not the version that was asked for (ETag ${validator}) any more`,
  );
}

function cannotContinue({ name }: ResumableObject, at: number, cause: FlyteError): FlyteError {
  const why = "the server gives no ETag or Last-Modified by which the rest could be told to be of the same object";
  return new FlyteError(
    "Unavailable",
    `${name} was cut off after ${at} bytes (${cause.message}) and cannot be continued: ${why}`,
    {
      cause,
    },
  );
}

/** The chunks of a body; waiting too long for one, or the signal, ends it. Time that the reader takes does not count. */
async function* watched(
  body: OpenedBody,
  stallMs: number,
  signal: AbortSignal | undefined,
  name: string,
): AsyncIterable<Uint8Array> {
  const chunks = body.chunks[Symbol.asyncIterator]();
  const onAbort = (): void => body.close(new Error("aborted"));
  signal?.addEventListener("abort", onAbort, { once: true });
  const onStall = (): void => {
    body.close(new FlyteError("Unavailable", `${name}: nothing arrived for ${stallMs / 1000} s`));
  };
  try {
    for (;;) {
      const timer = setTimeout(onStall, stallMs);
      const next = await chunks.next().finally(() => clearTimeout(timer));
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}
