import { abortable, FlyteError } from "@flyte-ts/core/plugin";
import { withDeadline } from "../transfer/deadline.ts";
import { type RetryPolicy, retrying } from "../transfer/retry.ts";
import type { ObjectAddress, ObjectClient, ObjectWrite, UploadedPart } from "./object-client.ts";

/** The limit of parts of one upload: S3's, the lowest of all. */
const maxParts = 10_000;

/** Bytes that are set aside for the first part at first. */
const firstBytes = 2 ** 16;

/** How long the removal of a failed upload's parts may take, in milliseconds. */
const abortMs = 15_000;

/** How an upload is cut and sent. */
export interface UploadPolicy {
  readonly retry: RetryPolicy;
  /** How long one request may take, in milliseconds, besides what its bytes take. */
  readonly timeoutMs: number;
  /** Bytes of the first parts. */
  readonly partBytes: number;
  /** How many parts are sent at once. */
  readonly concurrency: number;
}

/**
 * The size of a part, from 1: it doubles after every thousand, up to eight times the first, so that 10,000 parts hold
 * some 500 GiB at the default while a small upload's memory stays small.
 */
function partSize(number: number, partBytes: number): number {
  return partBytes * 2 ** Math.min(3, Math.floor((number - 1) / 1000));
}

/**
 * Writes an object from a stream of unknown length: at once if it fits into one part, else in parts, of which never more
 * than `concurrency` and the one that is being filled are in memory. After an error, also one of the stream, and after an
 * abort the parts that the store has are removed before this rejects. (The SDK's own uploader removes them behind the
 * caller's back, lets parts go on after an abort, and waits for a stream that hangs.)
 * @throws FlyteError; what the stream throws; the signal's reason.
 */
export async function uploadStream(
  client: ObjectClient,
  address: ObjectAddress,
  body: AsyncIterable<Uint8Array>,
  write: ObjectWrite,
  { retry, timeoutMs, partBytes, concurrency }: UploadPolicy,
  signal: AbortSignal | undefined,
): Promise<void> {
  const halt = new AbortController();
  const ended = signal === undefined ? halt.signal : AbortSignal.any([signal, halt.signal]);
  const uri = address.root + address.key;
  const again = <T>(attempt: (signal: AbortSignal) => Promise<T>, until: AbortSignal | undefined = ended): Promise<T> =>
    retrying(retry, until, () => withDeadline(timeoutMs + partBytes / 6, `write ${uri}`, until, attempt));
  // An abort waits for the upload's id, without which it could not be removed; but not for ever.
  const linger = new AbortController();
  const onAbort = (): void => void setTimeout(() => linger.abort(ended.reason), abortMs).unref();
  ended.addEventListener("abort", onAbort, { once: true });
  const sending = new Set<Promise<void>>();
  const parts: UploadedPart[] = [];
  // Memory of parts that the store has, for further ones: what is allocated anew each time keeps the collector busy.
  const free: Buffer<ArrayBuffer>[] = [];
  let uploadId: string | undefined;
  let failure: { readonly error: unknown } | undefined;
  let size = 0;
  try {
    let number = 0;
    for await (const { bytes, last } of partsOf(body, partBytes, free, ended)) {
      number++;
      const offset = size;
      size += bytes.byteLength;
      if (number === 1 && last) return await again((signal) => client.put(address, bytes, write, signal));
      if (number > maxParts) {
        const advice = "a larger partBytes allows for more";
        throw new FlyteError("TooLarge", `${uri} has more than ${maxParts} parts; ${advice}`);
      }
      uploadId ??= await again((limit) => client.createUpload(address, write, limit), linger.signal);
      ended.throwIfAborted();
      const id = uploadId;
      const part = { number, offset, bytes, last };
      const sent: Promise<void> = again((signal) => client.uploadPart(address, id, part, signal))
        .then(
          (done) => {
            parts.push(done);
            if (!last) free.push(bytes);
          },
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
    await Promise.all(sending);
    if (failure !== undefined) throw failure.error;
    parts.sort((a, b) => a.number - b.number);
    const id = uploadId ?? "";
    const end = await again((signal) => client.completeUpload(address, id, parts, write, signal));
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

/** Gathers a stream into parts; an empty stream is one empty part. */
async function* partsOf(
  body: AsyncIterable<Uint8Array>,
  partBytes: number,
  free: Buffer<ArrayBuffer>[],
  signal: AbortSignal,
): AsyncIterable<{ readonly bytes: Buffer<ArrayBuffer>; readonly last: boolean }> {
  let number = 1;
  // Most streams end within the first part, so its memory grows as it is filled.
  let part = Buffer.allocUnsafeSlow(Math.min(firstBytes, partBytes));
  let filled = 0;
  for await (const chunk of abortable(body, signal)) {
    for (let offset = 0; offset < chunk.byteLength; ) {
      if (filled === part.byteLength && filled < partSize(number, partBytes)) {
        const grown = Buffer.allocUnsafeSlow(Math.min(partSize(number, partBytes), 4 * part.byteLength));
        part.copy(grown, 0, 0, filled);
        part = grown;
      } else if (filled === part.byteLength) {
        // A full part is given out when more follows, so that the last one is known as such.
        yield { bytes: part, last: false };
        const size = partSize(++number, partBytes);
        const used = free.pop();
        part = used?.byteLength === size ? used : Buffer.allocUnsafeSlow(size);
        filled = 0;
      }
      const taken = Math.min(chunk.byteLength - offset, part.byteLength - filled);
      part.set(chunk.subarray(offset, offset + taken), filled);
      filled += taken;
      offset += taken;
    }
  }
  yield { bytes: part.subarray(0, filled), last: true };
}
