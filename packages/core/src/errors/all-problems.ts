import { FlyteError } from "./flyte-error.ts";

/**
 * Waits for all of them, so that what is wrong with each is known and not only what came first.
 * @throws what the only failed one threw; FlyteError `InvalidDefinition` that lists all where there are several, with an
 * `AggregateError` of them as its cause; at once what is no `FlyteError`, which is nobody's definition.
 */
export async function allOf<T>(promises: Iterable<Promise<T>>): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  throwProblems(settled.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : [])));
  return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}

/**
 * Throws what was found, as one error; nothing where nothing was. The same twice (a workflow that stands in two others) is
 * said once.
 * @throws FlyteError as `allOf` does.
 */
export function throwProblems(thrown: readonly unknown[]): void {
  const strange = thrown.find((one) => !FlyteError.is(one));
  if (strange !== undefined) throw strange;
  const byMessage = new Map(thrown.flatMap(problemsIn).map((one) => [one.message, one]));
  const [only, second] = [...byMessage.values()];
  if (only === undefined) return;
  if (second === undefined) throw only;
  const lines = [...byMessage.keys()].map((message) => `  - ${message.replaceAll("\n", "\n    ")}`);
  throw new FlyteError("InvalidDefinition", `${byMessage.size} things are wrong:\n${lines.join("\n")}`, {
    cause: new AggregateError([...byMessage.values()]),
  });
}

/** The problems that an error stands for: those that `throwProblems` put together, or the error itself. */
function problemsIn(thrown: unknown): FlyteError[] {
  const { cause } = FlyteError.is(thrown) ? thrown : {};
  if (cause instanceof AggregateError && cause.errors.every(FlyteError.is)) return cause.errors;
  return FlyteError.is(thrown) ? [thrown] : [];
}
