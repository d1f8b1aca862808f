import { randomUUID } from "node:crypto";
import manifest from "@flyte-ts/bigquery/plugin";
import type { Natives, Types } from "@flyte-ts/core";
import {
  type AsyncConnector,
  attemptKeys,
  ConnectorHost,
  ConnectorRegistry,
  isTerminal,
  type JobAnswer,
  type LiteralMap,
  StorageRegistry,
  silentLog,
  type TaskRequest,
  type TaskTemplate,
} from "@flyte-ts/core/plugin";
import { literalsOf, taskRequest } from "@flyte-ts/core/testing";

/** The task type of BigQuery's tasks. */
export const taskType = "bigquery_query_job_task";

/** A task as it is defined. */
export interface DefinedTask<Inputs extends Types> {
  readonly inputs: Inputs;
  template(settings: { project: string; domain: string; version: string; module: string }): TaskTemplate;
}

/** The request of an attempt of a task; another folder is another attempt. */
export async function requestFor<Inputs extends Types>(
  task: DefinedTask<Inputs>,
  inputs: Natives<Inputs>,
  folder: string = randomUUID(),
): Promise<TaskRequest> {
  const template = task.template({ project: "p", domain: "d", version: "1", module: "" });
  return templateRequest(template, await literalsOf(task.inputs, inputs), folder);
}

/** The request of an attempt of a template. */
export function templateRequest(
  template: TaskTemplate,
  inputs: LiteralMap,
  folder: string = randomUUID(),
): TaskRequest {
  const outputPrefix = `/tmp/flyte-ts-interop/${folder}`;
  return taskRequest(template, { inputs, outputPrefix, metadata: { labels: { "execution-id": "e1" } } });
}

/** The idempotency key of a request's attempt: what its job's id is made of. */
export function keyOf({ metadata, attempt, outputPrefix, template }: TaskRequest): string {
  const { project, domain, execution, node } = metadata;
  const { name = "", version = "" } = template.id ?? {};
  const identity = { project, domain, execution, node, task: name, version, attempt, outputPrefix };
  return attemptKeys(identity).idempotencyKey;
}

/**
 * A host with the connector as a service loads it, and which knows nothing of any other host's jobs. It waits less than a
 * service between two tries, and gives a hanging request up after a second and a half.
 */
export async function newHost(): Promise<ConnectorHost> {
  const connector = (await manifest.provides.connectors?.[taskType]?.()) as AsyncConnector;
  const registry = new ConnectorRegistry();
  registry.register(taskType, connector);
  const limits = { cacheMs: 0, backoffMs: 20, longestBackoffMs: 100, callMs: 1_500 };
  return new ConnectorHost({ registry, storage: new StorageRegistry(), log: silentLog, limits });
}

/** Asks until the job has ended; each question may wait for two seconds. */
export async function endOf(host: ConnectorHost, resourceMeta: Uint8Array): Promise<JobAnswer> {
  for (;;) {
    const answer = await host.get({ category: { name: taskType, version: 0 }, resourceMeta }, { deadlineMs: 2_500 });
    if (isTerminal(answer.phase)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Runs a request to its end, on a host of its own. */
export async function run(request: TaskRequest): Promise<JobAnswer> {
  const host = await newHost();
  try {
    return await endOf(host, await host.create(request, { deadlineMs: 2_500 }));
  } finally {
    await host.close();
  }
}
