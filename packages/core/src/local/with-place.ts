import { FlyteError } from "../errors/flyte-error.ts";

/** The error with its place in front, and otherwise the same. */
export function withPlace(error: FlyteError, place: string): FlyteError {
  const { code, kind, recoverable, wireCode, retryAfterMs } = error;
  return new FlyteError(code, `${place}: ${error.message}`, {
    kind,
    recoverable,
    cause: error,
    ...(wireCode === undefined ? {} : { wireCode }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
