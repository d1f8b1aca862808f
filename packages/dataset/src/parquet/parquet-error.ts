import { FlyteError, type FlyteErrorCode } from "@flyte-ts/core/plugin";

/** What is wrong with a file's bytes, to be told with the file's name by `readable`. */
export class CorruptFileError extends Error {
  override readonly name: string = "CorruptFileError";
}

/** What a sound file holds that we cannot give, to be told with the file's name by `readable`. */
export class UnreadableValueError extends Error {
  override readonly name: string = "UnreadableValueError";
  readonly code: FlyteErrorCode;

  constructor(code: FlyteErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * What `decode` returns. Whatever it throws becomes an error that names the file; `InvalidInput` for all that decoders
 * throw when they meet the bytes of a broken file.
 */
export function readable<T>(uri: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (FlyteError.is(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof UnreadableValueError) throw new FlyteError(error.code, `${uri}: ${reason}`, { cause: error });
    throw new FlyteError("InvalidInput", `${uri} is no Parquet file that can be read, or is damaged: ${reason}`, {
      cause: error,
    });
  }
}
