import { FlyteError } from "@flyte-ts/core/plugin";

/**
 * What went wrong while we moved a task's files: nobody's mistake but the platform's, and worth another attempt (`SYSTEM`,
 * RECOVERABLE), whatever the storage called it. A system's fault keeps its own code.
 */
export function asSystemFault(thrown: unknown, what: string): FlyteError {
  const error = FlyteError.from(thrown, "Internal");
  const message = `${what}: ${error.message}`;
  if (error.kind === "system") {
    return new FlyteError(error.code, message, { recoverable: error.recoverable, cause: thrown });
  }
  return new FlyteError(error.code, message, { kind: "system", recoverable: true, cause: thrown });
}
