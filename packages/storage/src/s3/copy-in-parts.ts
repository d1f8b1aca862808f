import type { ObjectAddress, ObjectClient, UploadedPart } from "../objects/object-client.ts";

/** An object that is larger than this is copied in parts; S3 copies no more at once. */
export const mostCopiedBytes: number = 5 * 2 ** 30;

/** Bytes of such a part. */
const partBytes = 2 ** 29;

/** How long the removal of what was copied may take, in milliseconds. */
const abortMs = 15_000;

/** A part of a copy, in the SDK's words. */
export interface CopiedPart {
  readonly UploadId: string;
  readonly PartNumber: number;
  readonly CopySource: string;
  readonly CopySourceRange: string;
}

/** Copies a large object; after an error nothing is left. @param send copies one part, and gives its ETag. */
export async function copyInParts(
  client: ObjectClient,
  CopySource: string,
  size: number,
  to: ObjectAddress,
  send: (part: CopiedPart) => Promise<string>,
): Promise<void> {
  const UploadId = await client.createUpload(to, {});
  try {
    const parts: UploadedPart[] = [];
    for (let start = 0; start < size; start += partBytes) {
      const PartNumber = parts.length + 1;
      const CopySourceRange = `bytes=${start}-${Math.min(size, start + partBytes) - 1}`;
      const etag = await send({ UploadId, PartNumber, CopySource, CopySourceRange });
      parts.push({ number: PartNumber, etag, checksums: {} });
    }
    await client.completeUpload(to, UploadId, parts, {});
  } catch (error) {
    await client.abortUpload(to, UploadId, AbortSignal.timeout(abortMs)).catch(() => {});
    throw error;
  }
}
