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
  const all = thrown.flatMap(problemsIn).filter(FlyteError.is);
  const byMessage = new Map(all.map((one) => [one.message, one]));
  const [only, second] = [...byMessage.values()];
  if (only === undefined) return;
  if (second === undefined) throw only;
  const lines = [...byMessage.keys()].map((message) => `  - ${message.replaceAll("\n", "\n    ")}`);
  throw new FlyteError("InvalidDefinition", `${byMessage.size} things are wrong:\n${lines.join("\n")}`, {
    cause: new AggregateError([...byMessage.values()]),
  });
}

/** What `make` gives; undefined where it throws, and then the problem is noted. */
export function noting<T>(problems: unknown[], make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    problems.push(error);
    return undefined;
  }
}

/** The problems that something thrown stands for: those that `throwProblems` put together, or just itself. */
export function problemsIn(thrown: unknown): readonly unknown[] {
  const { cause } = FlyteError.is(thrown) ? thrown : {};
  return cause instanceof AggregateError && cause.errors.every(FlyteError.is) ? cause.errors : [thrown];
}
