import type { ConversionContext } from "../context/task-context.ts";
import { allOf } from "../errors/all-problems.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { AnyEntity } from "../graph/entity.ts";
import { isLaunchPlan, isTask, isWorkflow, reached, subWorkflows, type WorkflowParts } from "../graph/reachable.ts";
import { type AnyLaunchPlan, defaultLaunchPlan } from "../launch-plan/launch-plan.ts";
import { launchPlanMessage } from "../launch-plan/launch-plan-message.ts";
import { localTaskContext } from "../local/local-context.ts";
import { LaunchPlanMessage, TaskSpec, WorkflowSpec } from "../wire/admin-messages.ts";
import type { SerializationSettings } from "../wire/serialization-settings.ts";
import { checkTaskSize, checkWorkflowSize } from "./check-sizes.ts";
import { descriptionMessage } from "./description.ts";
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

/** One entity as Flyte registers it: its message, and the same on the wire, the same to the byte from run to run. */
export type CompiledEntity = { readonly name: string; readonly bytes: Uint8Array } & (
  | { readonly kind: "task"; readonly message: TaskSpec }
  | { readonly kind: "workflow"; readonly message: WorkflowSpec }
  | { readonly kind: "launch plan"; readonly message: LaunchPlanMessage }
);

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
export function compileAll(entities: readonly AnyEntity[], settings: SerializationSettings): Promise<CompiledEntities> {
  return compileModules([{ module: settings.module, entities }], settings);
}

/** Entities of one module. */
export interface ModuleEntities {
  /** Where containers find the module, relative to their working folder. */
  readonly module: string;
  readonly entities: readonly AnyEntity[];
}

/**
 * Turns the entities of several modules and all that their graphs reach into Flyte's messages, each once: the containers
 * of what two modules reach find it in the first of them.
 * @throws FlyteError `InvalidDefinition` as `compile` does; one that lists all that is wrong where it is several things.
 */
export async function compileModules(
  modules: readonly ModuleEntities[],
  settings: Omit<SerializationSettings, "module">,
): Promise<CompiledEntities> {
  const { found: all, problems } = reached(modules.flatMap(({ entities }) => entities));
  const found = new Map<AnyEntity, string>();
  for (const { module, entities } of modules) {
    for (const entity of reached(entities).found) if (!found.has(entity)) found.set(entity, module);
  }
  const own = (entity: AnyEntity): SerializationSettings => ({ ...settings, module: found.get(entity) ?? "" });
  const [first] = all;
  await using local = await localTaskContext({ task: first?.name ?? "", version: settings.version });
  const context: ConversionContext = Object.create(local, { newOutputUri: { value: nowhere } });
  const sizes = new Map<AnyEntity, number>();
  const tasks = [...all].filter(isTask).map(async (task): Promise<CompiledEntity> => {
    const description = descriptionMessage(task.description, task.options.docs);
    const message = TaskSpec.create({
      template: task.template(own(task)),
      ...(description === undefined ? {} : { description }),
    });
    const bytes = TaskSpec.encode(message);
    checkTaskSize(task.name, bytes, settings);
    sizes.set(task, bytes.length);
    return { kind: "task", name: task.name, message, bytes };
  });
  const ordered = inOrder([...all]);
  const graphs = ordered.map((entity) => compiledGraph(entity, own(entity), context, sizes));
  const plans = ordered.filter(isLaunchPlan);
  const made = await allOf([...tasks, ...graphs, ...[...problems, ...planNameProblems(plans)].map(rejected)]);
  return {
    tasks: made.flatMap((one) => (one.kind === "task" ? [one.message] : [])),
    workflows: made.flatMap((one) => (one.kind === "workflow" ? [one.message] : [])),
    launchPlans: made.flatMap((one) => (one.kind === "launch plan" ? [one.message] : [])),
    ordered: made,
  };
}

/** A workflow with those that stand in it, or a launch plan. */
async function compiledGraph(
  entity: (AnyEntity & WorkflowParts) | AnyLaunchPlan,
  settings: SerializationSettings,
  context: ConversionContext,
  sizes: ReadonlyMap<AnyEntity, number>,
): Promise<CompiledEntity> {
  const { name } = entity;
  if (isLaunchPlan(entity)) {
    const message = await launchPlanMessage(entity, settings, context);
    return { kind: "launch plan", name, message, bytes: LaunchPlanMessage.encode(message) };
  }
  const byName = subWorkflows(entity).sort((a, b) => (a.name < b.name ? -1 : 1));
  const [template, ...subs] = await allOf([entity, ...byName].map((one) => workflowTemplate(one, settings, context)));
  const description = descriptionMessage(entity.description, entity.docs);
  const message = WorkflowSpec.create({
    ...(template === undefined ? {} : { template }),
    subWorkflows: subs,
    ...(description === undefined ? {} : { description }),
  });
  const tasks = [...reached([entity]).found].flatMap((part) => sizes.get(part) ?? []);
  const bytes = WorkflowSpec.encode(message);
  checkWorkflowSize(name, message, bytes, tasks, settings);
  return { kind: "workflow", name, message, bytes };
}

/** The workflows, each with its default launch plan behind it, and the launch plans. */
function inOrder(reached: readonly AnyEntity[]): ((AnyEntity & WorkflowParts) | AnyLaunchPlan)[] {
  const all = reached.flatMap((entity) => {
    if (isWorkflow(entity)) return [entity, defaultLaunchPlan(entity)];
    return isLaunchPlan(entity) ? [entity] : [];
  });
  return [...new Set(all)];
}

/** A launch plan may have no other workflow's name, which that workflow's default launch plan has. */
function planNameProblems(plans: readonly AnyLaunchPlan[]): FlyteError[] {
  const byName = new Map<string, AnyLaunchPlan>();
  return plans.flatMap((plan) => {
    const other = byName.get(plan.name);
    byName.set(plan.name, plan);
    if (other === undefined) return [];
    const workflows = [other, plan].map(({ workflow }) => workflow.name).join(" and ");
    return new FlyteError(
      "InvalidDefinition",
      `two launch plans are called "${plan.name}", of the workflows ${workflows}; a workflow's name is that of its default launch plan`,
    );
  });
}

const rejected = (problem: unknown): Promise<never> => Promise.reject(problem);

/** What is stored while compiling would lie on this machine, where no cluster finds it. */
function nowhere(): never {
  throw new FlyteError(
    "InvalidDefinition",
    "a local file or folder, or a dataset, cannot be a constant of what is registered; give the URI of one that is stored already",
  );
}
