import { FlyteError, uniqueName } from "@flyte-ts/core/plugin";
import type { CopiesInParts, ObjectAddress, ObjectClient, ObjectHead } from "./object-client.ts";
import { maxParts, type PartsPolicy, type PartToSend, uploadParts } from "./upload-parts.ts";

/** What is copied: where it is, and what is known of it. */
export interface CopySource extends ObjectHead {
  readonly from: ObjectAddress;
  readonly size: number;
}

/**
 * Copies an object that the store does not copy at once, several parts of one version at a time. Of what is kept with it,
 * the media type is copied.
 * @param partBytes bytes of a part; more where there would be too many parts.
 * @throws as `uploadParts` does.
 */
export async function copyInParts(
  client: ObjectClient,
  { send }: CopiesInParts,
  { from, size, etag, contentType }: CopySource,
  to: ObjectAddress,
  { partBytes, ...policy }: PartsPolicy & { readonly partBytes: number },
  signal: AbortSignal | undefined,
): Promise<void> {
  const bytes = Math.max(partBytes, Math.ceil(size / maxParts));
  async function* parts(): AsyncIterable<PartToSend> {
    for (let start = 0, number = 1; start < size; start += bytes, number++) {
      const part = { from, etag, start, end: Math.min(size, start + bytes), number };
      yield { number, send: (uploadId, limit) => send(part, to, uploadId, limit) };
    }
  }
  await uploadParts(client, to, parts, { contentType, mark: uniqueName() }, policy, signal);
}

/** The error of an object that is another by now than the one of which parts were copied. */
export function changedSource({ root, key }: ObjectAddress): FlyteError {
  return new FlyteError("Unavailable", `${root}${key} changed while it was copied`);
}
