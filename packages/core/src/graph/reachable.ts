import { FlyteError } from "../errors/flyte-error.ts";
import type { Task } from "../task/task.ts";
import type { Types } from "../types/type-transformer.ts";
import type { AnyEntity } from "./entity.ts";
import type { Graph } from "./node.ts";

/**
 * Entities and all that their graphs reach, what is used before what uses it, each once.
 * @throws FlyteError `InvalidDefinition` when two of them have one name.
 */
export function reachable(entities: Iterable<AnyEntity>): ReadonlySet<AnyEntity> {
  const found = new Set<AnyEntity>();
  const names = new Map<string, AnyEntity>();
  const visit = (entity: AnyEntity): void => {
    if (found.has(entity)) return;
    for (const part of entity.asNode.parts) visit(part);
    const kind = isWorkflow(entity) ? "workflow" : "task";
    const other = names.get(`${kind} ${entity.name}`);
    if (other !== undefined) {
      throw new FlyteError(
        "InvalidDefinition",
        `two different ${kind}s are called "${entity.name}"; give one another name`,
      );
    }
    names.set(`${kind} ${entity.name}`, entity);
    found.add(entity);
  };
  for (const entity of entities) visit(entity);
  return found;
}

/** True for a workflow. */
export function isWorkflow(entity: AnyEntity): entity is AnyEntity & { readonly graph: Graph } {
  return "graph" in entity;
}

/** True for a task. */
export function isTask(entity: AnyEntity): entity is Task<Types, Types, unknown> {
  return "taskType" in entity;
}
