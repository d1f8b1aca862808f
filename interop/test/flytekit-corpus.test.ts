import { toJson } from "@bufbuild/protobuf";
import { type AnyEntity, compileAll, exportedEntities } from "@flyte-ts/core";
import { LaunchPlanSchema, TaskSpecSchema, WorkflowSpecSchema } from "@flyte-ts/idl/admin";
import { describe, expect, test } from "vitest";
import { everywhere, type Json, ofWorkflows, rewritten, settings } from "../src/corpus/differences.ts";
import * as graphs from "../src/corpus/graphs.ts";
import * as starts from "../src/corpus/starts.ts";
import * as tasks from "../src/corpus/tasks.ts";
import * as values from "../src/corpus/values.ts";
import { callPython } from "../src/python.ts";

const modules = { graphs, starts, tasks, values } as const;
/** Launch plans that are compared with the workflow that they start. */
const plansOf: Readonly<Record<string, readonly AnyEntity[]>> = { [starts.scheduled.name]: starts.plans.scheduled };

/** The messages of a workflow and of all that it uses, by name, in protobuf's JSON. */
type Written = Readonly<Record<"tasks" | "workflows" | "plans", { readonly [name: string]: Json }>>;
const theirs = callPython<Record<string, Record<string, Written>>>("write_corpus", {
  project: settings.project,
  domain: settings.domain,
  version: settings.version,
  modules: Object.keys(modules),
});

async function written(workflow: AnyEntity): Promise<Written> {
  const made = await compileAll([workflow, ...(plansOf[workflow.name] ?? [])], settings);
  const byName = <M>(messages: readonly M[], name: (message: M) => string, json: (message: M) => Json) =>
    Object.fromEntries(messages.map((message) => [name(message), json(message)]));
  return {
    tasks: byName(
      made.tasks,
      (spec) => spec.template?.id?.name ?? "",
      (spec) => toJson(TaskSpecSchema, spec),
    ),
    workflows: byName(
      made.workflows,
      (spec) => spec.template?.id?.name ?? "",
      (spec) => toJson(WorkflowSpecSchema, spec),
    ),
    plans: byName(
      made.launchPlans,
      (plan) => plan.id?.name ?? "",
      (plan) => toJson(LaunchPlanSchema, plan),
    ),
  };
}

describe.each(Object.entries(modules))("%s", (name, module) => {
  const workflows = exportedEntities(module).map((entity) => [entity.name, entity] as const);
  test.each(workflows)("%s is what flytekit makes of it, field by field", async (workflow, entity) => {
    let ours: Json = await written(entity);
    let expected: Json = (await theirs)[name]?.[workflow] ?? null;
    for (const rule of everywhere) {
      expected = rewritten(expected, rule) ?? null;
      if (rule.both) ours = rewritten(ours, rule) ?? null;
    }
    for (const rule of ofWorkflows[workflow] ?? []) {
      const before = expected;
      expected = rewritten(expected, rule) ?? null;
      // a difference that is none any more is not to stay in the list
      expect(expected, rule.reason).not.toEqual(before);
    }
    expect(ours).toEqual(expected);
  });
});
