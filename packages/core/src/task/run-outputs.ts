import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";
import { ownValue } from "../types/collections.ts";
import type { Types } from "../types/type-transformer.ts";

/**
 * What a task returned, by output name.
 * @throws FlyteError `UnknownOutput` when that is not what the task declares.
 */
export function outputsByName(
  task: string,
  returned: unknown,
  types: Types,
  unwrapped: boolean,
): Readonly<Record<string, unknown>> {
  const names = Object.keys(types);
  const [only] = names;
  if (only === undefined) return {};
  if (unwrapped) return { [only]: returned };
  const wrong = (message: string): FlyteError => new FlyteError("UnknownOutput", `task ${task} ${message}`);
  if (typeof returned !== "object" || returned === null) {
    throw wrong(`returned ${shown(returned)}, where a record with ${names.join(", ")} is declared`);
  }
  const record = returned as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(record).find((name) => !Object.hasOwn(types, name));
  if (unknown !== undefined) throw wrong(`returned "${unknown}", which is none of its outputs (${names.join(", ")})`);
  const absent = names.find((name) => ownValue(record, name) === undefined && types[name]?.isOptional !== true);
  if (absent !== undefined) throw wrong(`returned no value for its output "${absent}"`);
  return record;
}

/** Runs a task's own code; what it throws is the user's, unless it is a `FlyteError` that says otherwise. */
export async function userCode<R>(task: string, run: () => R | Promise<R>): Promise<R> {
  try {
    return await run();
  } catch (error) {
    if (FlyteError.is(error)) throw error;
    const name = error instanceof Error ? error.name : "";
    if (name === "AbortError" || name === "TimeoutError") throw FlyteError.from(error);
    const text = error instanceof Error ? `${name}: ${error.message}` : `threw ${shown(error)}`;
    throw new FlyteError("TaskFailed", `task ${task}: ${text}`, { cause: error });
  }
}
