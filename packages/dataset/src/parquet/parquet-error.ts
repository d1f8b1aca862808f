import { FlyteError } from "@flyte-ts/core/plugin";

/** What is wrong with a file's bytes, to be told with the file's name by `readable`. */
export class CorruptFileError extends Error {
  override readonly name: string = "CorruptFileError";
}

/**
 * What `decode` returns. Whatever it throws becomes an `InvalidInput` error that names the file: decoders meet the bytes
 * of a broken file with all kinds of errors.
 */
export function readable<T>(uri: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (FlyteError.is(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new FlyteError("InvalidInput", `${uri} is no Parquet file that can be read, or is damaged: ${reason}`, {
      cause: error,
    });
  }
}
