import { FlyteError } from "../errors/flyte-error.ts";

/**
 * All results, or one error that says what is wrong everywhere: whoever mends a definition wants to see it at once.
 * @throws FlyteError the only one, or `InvalidDefinition` with a line for each; what is no fault of the definition as it
 * is.
 */
export async function allOrProblems<T>(results: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(results);
  const errors = settled.flatMap((result): unknown[] => (result.status === "rejected" ? [result.reason] : []));
  const problems = errors.filter((error) => FlyteError.is(error) && error.code === "InvalidDefinition");
  if (errors.length > problems.length || problems.length === 1) {
    throw errors.find((error) => !problems.includes(error)) ?? problems[0];
  }
  if (problems.length > 1) {
    // a workflow's problems are its own and those of every workflow that uses it
    const lines = new Set(problems.flatMap((problem) => (problem as Error).message.split("\n")));
    throw new FlyteError("InvalidDefinition", [...lines].join("\n"), { cause: problems[0] });
  }
  return settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}
