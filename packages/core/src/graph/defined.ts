import { FlyteContext } from "../context/flyte-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";

/**
 * What `make` makes: a task, workflow or launch plan.
 *
 * While `FlyteContext.telling` loads a module, what is defined wrongly ends nothing: the problem is noted, and what is
 * returned stands in for the entity. Whoever uses that fails for the same reason, which is told once. Everywhere else a
 * wrong definition is thrown at once.
 * @throws what `make` throws.
 */
export function defined<E>(make: () => E): E {
  const { problems } = FlyteContext.default();
  if (problems === undefined) return make();
  try {
    return make();
  } catch (error) {
    if (!FlyteError.is(error) || error.kind === "system") throw error;
    problems.push(error);
    return standIn(error) as E;
  }
}

/**
 * Names the task in what `define` throws.
 * @throws FlyteError of the same code, `InvalidDefinition` for what is none; its message begins with `task <name>`.
 */
export function namingTask<T>(name: string, define: () => T): T {
  try {
    return define();
  } catch (error) {
    const { code, message } = FlyteError.from(error, "InvalidDefinition");
    const named = message.startsWith(`task ${name}`) ? message : `task ${name}: ${message}`;
    throw new FlyteError(code, named, { cause: error });
  }
}

/** Something that fails for one reason whatever is done with it. */
function standIn(reason: FlyteError): unknown {
  const fail = (): never => {
    throw reason;
  };
  return new Proxy(() => {}, { apply: fail, get: fail, has: fail, ownKeys: fail, getOwnPropertyDescriptor: fail });
}
