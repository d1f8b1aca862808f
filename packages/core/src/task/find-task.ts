import { FlyteError } from "../errors/flyte-error.ts";
import type { AnyEntity } from "../graph/entity.ts";
import { isTask, reachable } from "../graph/reachable.ts";
import type { ExecutableTask } from "./executable-task.ts";

/** The entities among a module's exports, whatever they are exported as. */
export function exportedEntities(module: Readonly<Record<string, unknown>>): AnyEntity[] {
  return [...new Set(Object.values(module).filter(isEntity))];
}

/**
 * The task of a name, among a module's exports and all that their graphs reach.
 * @throws FlyteError `NotFound` that lists the tasks that are there, `InvalidDefinition` for two entities of one name.
 */
export function findTask(module: Readonly<Record<string, unknown>>, name: string): ExecutableTask {
  const tasks = [...reachable(exportedEntities(module))].filter(isTask);
  const found = tasks.find((task) => task.name === name);
  if (found !== undefined && isExecutable(found)) return found;
  const present = tasks.map((task) => `"${task.name}"`).join(", ") || "none";
  throw new FlyteError(
    "NotFound",
    `the module exports no task "${name}" and no workflow that uses it: export it; there are ${present}`,
  );
}

/** True for a task, workflow, launch plan or reference, of whichever copy of the package. */
export function isEntity(value: unknown): value is AnyEntity {
  return typeof value === "function" && "asNode" in value && "inputs" in value;
}

const isExecutable = (value: object): value is ExecutableTask => "dispatchExecute" in value;
