import { create } from "@bufbuild/protobuf";
import { DynamicJobSpecSchema } from "@flyte-ts/idl/core";
import { FlyteContext } from "../context/flyte-context.ts";
import type { ConversionContext } from "../context/task-context.ts";
import { allOf } from "../errors/all-problems.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { AnyEntity } from "../graph/entity.ts";
import type { Graph } from "../graph/node.ts";
import { entityKind, isLaunchPlan, isReference, isTask, isWorkflow, reachable } from "../graph/reachable.ts";
import type { Task } from "../task/task.ts";
import type { Types } from "../types/type-transformer.ts";
import { DynamicJobSpec } from "../wire/messages.ts";
import type { SerializationSettings } from "../wire/serialization-settings.ts";
import { tooLarge } from "./download-limit.ts";
import { graphMessages, workflowTemplate } from "./workflow-template.ts";

/** What a dynamic task knows of its container. */
export interface DynamicPlace {
  readonly settings: SerializationSettings;
  /** True for a task that the containers of the module find by its name. */
  finds(task: Task<Types, Types, unknown>): boolean;
}

/**
 * The graph of a dynamic task as propeller reads it from `futures.pb`: its nodes, with all tasks and sub-workflows that
 * they need. (flytekit/core/python_function_task.py, `compile_into_workflow`.)
 * @throws FlyteError `InvalidDefinition` for a task that no container would find.
 */
export async function dynamicJob(
  name: string,
  graph: Graph,
  { settings, finds }: DynamicPlace,
  context: ConversionContext,
): Promise<DynamicJobSpec> {
  const called = graph.nodes.map(({ entity }) => entity);
  const inside = partsOf(called);
  const reached = [...reachable(called)].filter((entity) => inside.has(entity));
  const reference = reached.find((entity) => isReference(entity) && entityKind(entity) === "task");
  if (reference !== undefined) {
    throw new FlyteError(
      "InvalidDefinition",
      `dynamic task ${name}: it calls the reference task "${reference.name}", of which only the identifier is known, and Flyte needs all of a task here: call it in a workflow, or through a launch plan`,
    );
  }
  const tasks = reached.filter(isTask);
  const lost = tasks.find((task) => !finds(task));
  if (lost !== undefined) {
    throw new FlyteError(
      "InvalidDefinition",
      `dynamic task ${name}: it calls the task "${lost.name}", which no container would find in ${settings.module}: export it there`,
    );
  }
  const workflows = reached.filter(isWorkflow).sort((a, b) => (a.name < b.name ? -1 : 1));
  const job = create(DynamicJobSpecSchema, {
    ...(await graphMessages(graph, settings, context, `dynamic task ${name}`)),
    minSuccesses: BigInt(graph.nodes.length),
    tasks: tasks.map((task) => task.template(settings)),
    subworkflows: await allOf(workflows.map((workflow) => workflowTemplate(workflow, settings, context))),
  });
  const problem = tooLarge(DynamicJobSpec.encode(job).length, settings);
  // a warning alone: only the cluster knows what it reads
  if (problem !== undefined) {
    const { log } = FlyteContext.default();
    log.warn(`dynamic task ${name}: what it calls ${problem}: map a task instead, or call in parts`);
  }
  return job;
}

/** What runs inside the job. What a launch plan starts is registered with it, and runs elsewhere. */
function partsOf(called: readonly AnyEntity[]): ReadonlySet<AnyEntity> {
  const found = new Set<AnyEntity>();
  const visit = (entity: AnyEntity): void => {
    if (found.has(entity) || isLaunchPlan(entity)) return;
    found.add(entity);
    for (const part of entity.asNode.parts) visit(part);
  };
  for (const entity of called) visit(entity);
  return found;
}
