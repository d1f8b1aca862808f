import { FlyteError } from "@flyte-ts/core/plugin";
import { withDeadline } from "../transfer/deadline.ts";
import { type RetryPolicy, retrying } from "../transfer/retry.ts";
import type { ObjectAddress, ObjectClient, ObjectWrite, UploadedPart } from "./object-client.ts";

/** The limit of parts of one upload: S3's, the lowest of all. */
export const maxParts = 10_000;

/** How long the removal of a failed upload's parts may take, in milliseconds. */
const abortMs = 15_000;

/** A part of an upload, and how it gets into the store; that may be repeated. */
export interface PartToSend {
  /** From 1. */
  readonly number: number;
  send(uploadId: string, signal: AbortSignal): Promise<UploadedPart>;
}

/** How parts are sent. */
export interface PartsPolicy {
  readonly retry: RetryPolicy;
  /** How long one request may take, in milliseconds. */
  readonly requestMs: number;
  /** How many parts are sent at once. */
  readonly concurrency: number;
}

/**
 * Makes an object of parts, which are taken as they can be sent; of none, nothing. After an error, also one of theirs, and
 * after an abort the parts that the store has are removed before this rejects. (The SDK's own uploader removes them behind
 * the caller's back, and lets parts go on after an abort.)
 * @param parts gets a signal that ends when nothing more will be taken.
 * @throws FlyteError; what `parts` throws; the signal's reason.
 */
export async function uploadParts(
  client: ObjectClient,
  address: ObjectAddress,
  parts: (ended: AbortSignal) => AsyncIterable<PartToSend>,
  write: ObjectWrite,
  { retry, requestMs, concurrency }: PartsPolicy,
  signal: AbortSignal | undefined,
): Promise<void> {
  const halt = new AbortController();
  const ended = signal === undefined ? halt.signal : AbortSignal.any([signal, halt.signal]);
  const uri = address.root + address.key;
  const again = <T>(attempt: (signal: AbortSignal) => Promise<T>, until: AbortSignal = ended): Promise<T> =>
    retrying(retry, until, () => withDeadline(requestMs, `write ${uri}`, until, attempt));
  // An abort waits for the upload's id, without which it could not be removed; but not for ever.
  const linger = new AbortController();
  const onAbort = (): void => void setTimeout(() => linger.abort(ended.reason), abortMs).unref();
  ended.addEventListener("abort", onAbort, { once: true });
  const sending = new Set<Promise<void>>();
  const done: UploadedPart[] = [];
  let uploadId: string | undefined;
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const { number, send } of parts(ended)) {
      if (number > maxParts) {
        const advice = "a larger partBytes allows for more";
        throw new FlyteError("TooLarge", `${uri} has more than ${maxParts} parts; ${advice}`);
      }
      uploadId ??= await again((limit) => client.createUpload(address, write, limit), linger.signal);
      ended.throwIfAborted();
      const id = uploadId;
      const sent: Promise<void> = again((signal) => send(id, signal))
        .then(
          (part) => void done.push(part),
          (error: unknown) => {
            failure ??= { error };
            halt.abort(error);
          },
        )
        .finally(() => sending.delete(sent));
      sending.add(sent);
      if (sending.size >= concurrency) await Promise.race(sending);
      if (failure !== undefined) throw failure.error;
    }
    const id = uploadId;
    if (id === undefined) return;
    await Promise.all(sending);
    if (failure !== undefined) throw failure.error;
    done.sort((a, b) => a.number - b.number);
    const end = await again((signal) => client.completeUpload(address, id, done, write, signal));
    // The store knows no such upload any more: it is the object, or it is lost.
    if (end === "unknown" && (await again((signal) => client.head(address, signal)))?.mark !== write.mark) {
      throw new FlyteError("Unavailable", `${uri}: the store lost the upload before it was whole`);
    }
  } catch (error) {
    halt.abort(error);
    await Promise.all(sending);
    const id = uploadId;
    if (id !== undefined) {
      const limit = AbortSignal.timeout(abortMs);
      await retrying(retry, limit, () => client.abortUpload(address, id, limit)).catch(() => {});
    }
    throw error;
  }
}
