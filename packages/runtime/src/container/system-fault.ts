import { FlyteError } from "@flyte-ts/core/plugin";

/**
 * What went wrong while we moved a task's files: nobody's mistake but the platform's, and worth another attempt (`SYSTEM`,
 * RECOVERABLE), whatever the storage called it. A system's fault keeps its own code.
 */
export function asSystemFault(thrown: unknown, what: string): FlyteError {
  const error = FlyteError.from(thrown, "Internal");
  return new FlyteError(error.code, `${what}: ${error.message}`, {
    kind: "system",
    recoverable: error.kind === "user" || error.recoverable,
    cause: thrown,
  });
}
