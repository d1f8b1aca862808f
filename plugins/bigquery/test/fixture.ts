import type { Natives, Types } from "@flyte-ts/core";
import { type CreateContext, type JobContext, LiteralMap, TaskTemplate } from "@flyte-ts/core/plugin";
import { type CallChanges, createContext, jobContext, literalsOf } from "@flyte-ts/core/testing";
import { onTestFinished } from "vitest";
import { BigQueryConnector } from "../src/connector.ts";
import type { JobMeta } from "../src/job/job-meta.ts";
import { BigQueryDouble } from "./bigquery-double.ts";

/** A key of an attempt. */
export const aKey: string = "ab".repeat(32);

/** A task with its inputs, as it is defined. */
export interface DefinedTask<Inputs extends Types> {
  readonly inputs: Inputs;
  template(settings: { project: string; domain: string; version: string; module: string }): TaskTemplate;
}

/** What a task's `create` gets: its template, and native inputs as literals. */
export async function taskContext<Inputs extends Types>(
  task: DefinedTask<Inputs>,
  inputs: Natives<Inputs>,
  changes: CallChanges = {},
): Promise<CreateContext> {
  const { literals } = await literalsOf(task.inputs, inputs);
  return templateContext(task.template({ project: "p", domain: "d", version: "v1", module: "" }), literals, changes);
}

/** What `create` gets with a template and literals. */
export function templateContext(
  template: TaskTemplate,
  literals: LiteralMap["literals"] = {},
  changes: CallChanges = {},
): CreateContext {
  return createContext(template, { inputs: LiteralMap.create({ literals }), idempotencyKey: aKey, ...changes });
}

/** What `get` and `delete` get. */
export function metaContext(meta: JobMeta, changes: CallChanges = {}): JobContext<JobMeta> {
  return jobContext(templateContext(TaskTemplate.create({ type: "bigquery_query_job_task" }), {}, changes), meta);
}

/** A double of BigQuery and a connector before it, which end with the test. */
export async function startDouble(): Promise<{
  readonly double: BigQueryDouble;
  readonly connector: BigQueryConnector;
}> {
  const double = await new BigQueryDouble().start();
  onTestFinished(() => double.close());
  return { double, connector: new BigQueryConnector({ endpoint: double.endpoint }) };
}
