import type { ConversionContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { AnyEntity } from "../graph/entity.ts";
import { isTask, isWorkflow, reachable } from "../graph/reachable.ts";
import { localTaskContext } from "../local/local-context.ts";
import { TaskSpec, WorkflowSpec } from "../wire/admin-messages.ts";
import { allOrProblems } from "./problems.ts";
import type { SerializationSettings } from "./serialization-settings.ts";
import { workflowTemplate } from "./workflow-template.ts";

/** Entities as Flyte registers them, in an order in which each one's parts come before it. */
export interface CompiledEntities {
  readonly tasks: readonly TaskSpec[];
  readonly workflows: readonly WorkflowSpec[];
}

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
  const tasks = reached.filter(isTask).map((task) => TaskSpec.create({ template: task.template(settings) }));
  const workflows = reached.filter(isWorkflow).map(async (workflow) => {
    const subs = [...reachable(workflow.graph.nodes.map((node) => node.entity))].filter(isWorkflow);
    const byName = subs.sort((a, b) => (a.name < b.name ? -1 : 1));
    const template = await workflowTemplate(workflow, settings, context);
    const subWorkflows = await Promise.all(byName.map((sub) => workflowTemplate(sub, settings, context)));
    return WorkflowSpec.create({ template, subWorkflows });
  });
  return { tasks, workflows: await allOrProblems(workflows) };
}

/** What is stored while compiling would lie on this machine, where no cluster finds it. */
function nowhere(): never {
  throw new FlyteError(
    "InvalidDefinition",
    "a local file or folder, or a dataset, cannot be a constant of what is registered; give the URI of one that is stored already",
  );
}
