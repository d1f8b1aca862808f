import { StatusError, status } from "./status.ts";

/** The encodings that requests may have; answers are never compressed. */
export const acceptedEncodings = "identity,gzip,deflate";

/**
 * Unpacks a message.
 * @param most the most bytes that it may unpack to.
 * @throws StatusError for an encoding that is not known here, bytes that are none of it, and too many of them.
 */
export async function decompressed(bytes: Buffer, encoding: string | undefined, most: number): Promise<Buffer> {
  const [{ promisify }, zlib] = await Promise.all([import("node:util"), import("node:zlib")]);
  const unpack = encoding === "gzip" ? zlib.gunzip : encoding === "deflate" ? zlib.inflate : undefined;
  if (unpack === undefined) {
    const found = encoding === undefined || encoding === "identity" ? "without a grpc-encoding" : `by ${encoding}`;
    throw new StatusError(
      status.UNIMPLEMENTED,
      `a message is compressed ${found}; what is taken here: ${acceptedEncodings}`,
    );
  }
  try {
    return await promisify<Buffer, { maxOutputLength: number }, Buffer>(unpack)(bytes, { maxOutputLength: most });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      throw new StatusError(
        status.RESOURCE_EXHAUSTED,
        `a message unpacks to more than the ${most} bytes that are taken here`,
      );
    }
    throw new StatusError(status.INTERNAL, `a message is not compressed by ${encoding}: ${(error as Error).message}`);
  }
}
