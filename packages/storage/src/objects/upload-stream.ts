import { abortable } from "@flyte-ts/core/plugin";
import { withDeadline } from "../transfer/deadline.ts";
import { type RetryPolicy, retrying } from "../transfer/retry.ts";
import type { ObjectAddress, ObjectClient, ObjectWrite } from "./object-client.ts";
import { type PartToSend, uploadParts } from "./upload-parts.ts";

/** Bytes that are set aside for the first part at first. */
const firstBytes = 2 ** 16;

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
 * than `concurrency` and the one that is being filled are in memory. (The SDK's own uploader waits for a stream that
 * hangs.)
 * @throws as `uploadParts` does; what the stream throws.
 */
export async function uploadStream(
  client: ObjectClient,
  address: ObjectAddress,
  body: AsyncIterable<Uint8Array>,
  write: ObjectWrite,
  { retry, timeoutMs, partBytes, concurrency }: UploadPolicy,
  signal: AbortSignal | undefined,
): Promise<void> {
  const requestMs = timeoutMs + partBytes / 6;
  // Memory of parts that the store has, for further ones: what is allocated anew each time keeps the collector busy.
  const free: Buffer<ArrayBuffer>[] = [];
  let whole: Uint8Array | undefined;
  async function* parts(ended: AbortSignal): AsyncIterable<PartToSend> {
    let number = 0;
    let size = 0;
    for await (const { bytes, last } of partsOf(body, partBytes, free, ended)) {
      if (number === 0 && last) {
        whole = bytes;
        return;
      }
      const part = { number: ++number, offset: size, bytes, last };
      size += bytes.byteLength;
      const send: PartToSend["send"] = async (uploadId, limit) => {
        const done = await client.uploadPart(address, uploadId, part, limit);
        if (!last) free.push(bytes);
        return done;
      };
      yield { number, send };
    }
  }
  await uploadParts(client, address, parts, write, { retry, requestMs, concurrency }, signal);
  const bytes = whole;
  if (bytes === undefined) return;
  const what = `write ${address.root}${address.key}`;
  await retrying(retry, signal, () =>
    withDeadline(requestMs, what, signal, (limit) => client.put(address, bytes, write, limit)),
  );
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
