import { noting, throwProblems } from "../errors/all-problems.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { AnyLaunchPlan } from "../launch-plan/launch-plan.ts";
import type { Reference } from "../reference/reference.ts";
import type { Docs } from "../task/docs.ts";
import type { Task } from "../task/task.ts";
import type { Types } from "../types/type-transformer.ts";
import type { AnyEntity } from "./entity.ts";
import type { Graph } from "./node.ts";

/**
 * Entities and all that their graphs reach, what is used before what uses it, each once.
 * @throws FlyteError `InvalidDefinition` when two of them have one name.
 */
export function reachable(entities: Iterable<AnyEntity>): ReadonlySet<AnyEntity> {
  const { found, problems } = reached(entities);
  throwProblems(problems);
  return found;
}

/** `reachable`, with what is wrong beside it: two entities of one name, a graph that is not complete. */
export function reached(entities: Iterable<AnyEntity>): {
  readonly found: ReadonlySet<AnyEntity>;
  readonly problems: readonly unknown[];
} {
  const found = new Set<AnyEntity>();
  const names = new Map<string, AnyEntity>();
  const problems: unknown[] = [];
  const visit = (entity: AnyEntity): void => {
    if (found.has(entity)) return;
    for (const part of noting(problems, () => entity.asNode.parts) ?? []) visit(part);
    found.add(entity);
    if (isReference(entity) || isInline(entity)) return;
    const kind = entityKind(entity);
    const other = names.get(`${kind} ${entity.name}`);
    if (other !== undefined && sameMap(entity, other)) {
      found.delete(entity);
      return;
    }
    if (other !== undefined) {
      problems.push(
        new FlyteError(
          "InvalidDefinition",
          `two different ${kind}s are called "${entity.name}"; give one another name`,
        ),
      );
    }
    names.set(`${kind} ${entity.name}`, entity);
  };
  for (const entity of entities) visit(entity);
  return { found, problems };
}

/**
 * The workflows that stand inside a workflow, however deep, each once. Those that it only starts through a launch plan do
 * not.
 */
export function subWorkflows(workflow: AnyEntity): (AnyEntity & WorkflowParts)[] {
  const found = new Set<AnyEntity>();
  const visit = (entity: AnyEntity): void => {
    if (found.has(entity) || isLaunchPlan(entity)) return;
    found.add(entity);
    for (const part of entity.asNode.parts) visit(part);
  };
  for (const part of workflow.asNode.parts) visit(part);
  return [...found].filter(isWorkflow);
}

/** True for two maps of one task with equal options, which their name says: they are registered as one. */
function sameMap(one: AnyEntity, other: AnyEntity): boolean {
  return "mapped" in one && "mapped" in other && one.mapped === other.mapped;
}

/** What an entity is, in a word. */
export function entityKind(entity: AnyEntity): "task" | "workflow" | "launch plan" {
  if (isReference(entity)) return entity.reference.kind;
  if (isLaunchPlan(entity)) return "launch plan";
  return isWorkflow(entity) ? "workflow" : "task";
}

/** True for a launch plan. */
export function isLaunchPlan(entity: AnyEntity): entity is AnyLaunchPlan {
  return "launchPlan" in entity;
}

/** True for an entity that is registered already, of which only its identifier and interface are known. */
export function isReference(entity: AnyEntity): entity is AnyEntity & { readonly reference: Reference } {
  return "reference" in entity;
}

/** True for what stands in graphs alone and is never registered: conditionals and gates. */
function isInline(entity: AnyEntity): boolean {
  return "inline" in entity;
}

/** What a workflow has besides what every entity has. */
export interface WorkflowParts {
  readonly graph: Graph;
  readonly description?: string | undefined;
  readonly docs?: Docs | undefined;
}

/** True for a workflow. */
export function isWorkflow(entity: AnyEntity): entity is AnyEntity & WorkflowParts {
  return "graph" in entity;
}

/** True for a task. */
export function isTask(entity: AnyEntity): entity is Task<Types, Types, unknown> {
  return "taskType" in entity;
}
