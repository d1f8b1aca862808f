import { createHash } from "node:crypto";
import { abortable, FlyteError } from "@flyte-ts/core/plugin";
import { type RetryPolicy, retrying } from "../transfer/retry.ts";
import type { S3ObjectAddress, S3ObjectClient, S3UploadedPart } from "./s3-client.ts";

/** S3's limit of parts of one upload. */
const maxParts = 10_000;

/** How long the removal of a failed upload's parts may take, in milliseconds. */
const abortMs = 15_000;

/** How an upload is cut and sent. */
export interface UploadPolicy {
  readonly retry: RetryPolicy;
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
  client: S3ObjectClient,
  address: S3ObjectAddress,
  body: AsyncIterable<Uint8Array>,
  contentType: string | undefined,
  { retry, partBytes, concurrency }: UploadPolicy,
  signal: AbortSignal | undefined,
): Promise<void> {
  const halt = new AbortController();
  const ended = signal === undefined ? halt.signal : AbortSignal.any([signal, halt.signal]);
  const again = <T>(attempt: () => Promise<T>): Promise<T> => retrying(retry, ended, attempt);
  const sending = new Set<Promise<void>>();
  const parts: S3UploadedPart[] = [];
  let uploadId: string | undefined;
  let failure: { readonly error: unknown } | undefined;
  let size = 0;
  try {
    let number = 0;
    for await (const { bytes, last } of partsOf(body, partBytes, ended)) {
      number++;
      size += bytes.byteLength;
      if (number === 1 && last) return await again(() => client.put(address, bytes, contentType, ended));
      if (number > maxParts) {
        const advice = "a larger partBytes allows for more";
        throw new FlyteError(
          "TooLarge",
          `s3://${address.bucket}/${address.key} has more than ${maxParts} parts; ${advice}`,
        );
      }
      // An abort waits for this answer: without its id an upload could not be removed.
      uploadId ??= await again(() => client.createUpload(address, contentType));
      const id = uploadId;
      const part = number;
      const sent: Promise<void> = again(() => client.uploadPart(address, id, part, bytes, ended))
        .then(
          (done) => void parts.push(done),
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
    const end = await again(() => client.completeUpload(address, id, parts, ended));
    if (end === "unknown" && !(await again(() => isThere(client, address, parts, size, ended)))) {
      throw new FlyteError(
        "Unavailable",
        `s3://${address.bucket}/${address.key}: the store lost the upload before it was whole`,
      );
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

/** True when the object is the one that these parts make: the answer to an earlier completion was lost, then. */
async function isThere(
  client: S3ObjectClient,
  address: S3ObjectAddress,
  parts: readonly S3UploadedPart[],
  size: number,
  signal: AbortSignal,
): Promise<boolean> {
  const found = await client.head(address, signal);
  if (found?.size !== size) return false;
  const digests = parts.map(({ etag }) => /^"?([0-9a-f]{32})"?$/.exec(etag)?.[1]);
  const etag = found.etag?.replaceAll('"', "") ?? "";
  // With some encryptions ETags are no digests; size and the number of parts then have to do.
  if (digests.includes(undefined)) return etag.endsWith(`-${parts.length}`);
  return etag === `${createHash("md5").update(digests.join(""), "hex").digest("hex")}-${parts.length}`;
}

/** Gathers a stream into parts; an empty stream is one empty part. */
async function* partsOf(
  body: AsyncIterable<Uint8Array>,
  partBytes: number,
  signal: AbortSignal,
): AsyncIterable<{ readonly bytes: Uint8Array; readonly last: boolean }> {
  let number = 1;
  let part = Buffer.allocUnsafeSlow(partSize(number, partBytes));
  let filled = 0;
  for await (const chunk of abortable(body, signal)) {
    for (let offset = 0; offset < chunk.byteLength; ) {
      // A full part is given out when more follows, so that the last one is known as such.
      if (filled === part.byteLength) {
        yield { bytes: part, last: false };
        part = Buffer.allocUnsafeSlow(partSize(++number, partBytes));
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
