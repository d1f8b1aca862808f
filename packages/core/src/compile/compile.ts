import type { ConversionContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { AnyEntity } from "../graph/entity.ts";
import { isLaunchPlan, isTask, isWorkflow, reachable, subWorkflows, type WorkflowParts } from "../graph/reachable.ts";
import { type AnyLaunchPlan, defaultLaunchPlan } from "../launch-plan/launch-plan.ts";
import { launchPlanMessage } from "../launch-plan/launch-plan-message.ts";
import { localTaskContext } from "../local/local-context.ts";
import { type LaunchPlanMessage, TaskSpec, WorkflowSpec } from "../wire/admin-messages.ts";
import { descriptionMessage } from "./description.ts";
import { allOrProblems } from "./problems.ts";
import type { SerializationSettings } from "./serialization-settings.ts";
import { workflowTemplate } from "./workflow-template.ts";

/** Entities as Flyte registers them, in an order in which each one's parts come before it. */
export interface CompiledEntities {
  readonly tasks: readonly TaskSpec[];
  readonly workflows: readonly WorkflowSpec[];
  /** The default launch plan of every workflow among them. */
  readonly launchPlans: readonly LaunchPlanMessage[];
  /** All of them in the order of their registration: tasks first, behind each workflow its launch plans. */
  readonly ordered: readonly CompiledEntity[];
}

/** One entity as Flyte registers it. */
export type CompiledEntity =
  | { readonly kind: "task"; readonly name: string; readonly message: TaskSpec }
  | { readonly kind: "workflow"; readonly name: string; readonly message: WorkflowSpec }
  | { readonly kind: "launch plan"; readonly name: string; readonly message: LaunchPlanMessage };

/**
 * Turns an entity and all that its graph reaches into Flyte's messages.
 * @throws FlyteError `InvalidDefinition` for what cannot be registered: two entities of one name, a task without an
 * image, a value that does not fit its input.
 */
export function compile(entity: AnyEntity, settings: SerializationSettings): Promise<CompiledEntities> {
  return compileAll([entity], settings);
}

/**
 * Turns entities and all that their graphs reach into Flyte's messages, each once.
 * @throws FlyteError `InvalidDefinition` as `compile` does.
 */
export async function compileAll(
  entities: readonly AnyEntity[],
  settings: SerializationSettings,
): Promise<CompiledEntities> {
  const reached = [...reachable(entities)];
  await using local = await localTaskContext({ task: entities[0]?.name ?? "", version: settings.version });
  const context: ConversionContext = Object.create(local, { newOutputUri: { value: nowhere } });
  const tasks = reached.filter(isTask).map((task) => {
    const description = descriptionMessage(task.description, task.options.docs);
    return TaskSpec.create({
      template: task.template(settings),
      ...(description === undefined ? {} : { description }),
    });
  });
  const rest = inOrder(reached).map(async (entity): Promise<CompiledEntity> => {
    const { name } = entity;
    if (isLaunchPlan(entity)) {
      return { kind: "launch plan", name, message: await launchPlanMessage(entity, settings, context) };
    }
    const byName = subWorkflows(entity).sort((a, b) => (a.name < b.name ? -1 : 1));
    const template = await workflowTemplate(entity, settings, context);
    const subs = await allOrProblems(byName.map((sub) => workflowTemplate(sub, settings, context)));
    const description = descriptionMessage(entity.description, entity.docs);
    const message = WorkflowSpec.create({
      template,
      subWorkflows: subs,
      ...(description === undefined ? {} : { description }),
    });
    return { kind: "workflow", name, message };
  });
  const others = await allOrProblems(rest);
  return {
    tasks,
    workflows: others.flatMap((one) => (one.kind === "workflow" ? [one.message] : [])),
    launchPlans: others.flatMap((one) => (one.kind === "launch plan" ? [one.message] : [])),
    ordered: [
      ...tasks.map((message) => ({ kind: "task" as const, name: message.template?.id?.name ?? "", message })),
      ...others,
    ],
  };
}

/** The workflows, each with its default launch plan behind it, and the launch plans. */
function inOrder(reached: readonly AnyEntity[]): ((AnyEntity & WorkflowParts) | AnyLaunchPlan)[] {
  const all = reached.flatMap((entity) => {
    if (isWorkflow(entity)) return [entity, defaultLaunchPlan(entity)];
    return isLaunchPlan(entity) ? [entity] : [];
  });
  return [...new Set(all)];
}

/** What is stored while compiling would lie on this machine, where no cluster finds it. */
function nowhere(): never {
  throw new FlyteError(
    "InvalidDefinition",
    "a local file or folder, or a dataset, cannot be a constant of what is registered; give the URI of one that is stored already",
  );
}
