import { FlyteContext } from "../context/flyte-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { WorkflowSpec } from "../wire/admin-messages.ts";
import type { SerializationSettings } from "../wire/serialization-settings.ts";
import { tooLarge } from "./download-limit.ts";

/** What a stock Flyte takes of nodes in one workflow (flyteadmin's `registration.maxWorkflowNodes`). */
const stockNodes = 100;

/** About the most that etcd keeps of one object; a running workflow is one. */
const etcdBytes = 1_500_000;

/**
 * Looks at the size of a task.
 * @param bytes its specification on the wire.
 * @throws FlyteError `TooLarge` when no stock Flyte could read it.
 */
export function checkTaskSize(
  name: string,
  bytes: Uint8Array,
  settings: Pick<SerializationSettings, "maxDownloadMBs">,
): void {
  checkDownload(`task ${name}`, bytes.length, settings);
}

/**
 * Looks at the size of a workflow, with all that it brings along: Flyte keeps its closure as one object, and a running
 * one, as JSON, in etcd. What some clusters take and others do not is a warning in the context's log.
 * @param encoded the specification on the wire.
 * @param tasks the sizes of the tasks that it reaches, in bytes.
 * @throws FlyteError `TooLarge` when no stock Flyte could read it.
 */
export function checkWorkflowSize(
  name: string,
  spec: WorkflowSpec,
  encoded: Uint8Array,
  tasks: readonly number[],
  settings: Pick<SerializationSettings, "maxDownloadMBs">,
): void {
  const place = `workflow ${name}`;
  const own = encoded.length;
  const bytes = tasks.reduce((sum, size) => sum + size, own);
  checkDownload(place, bytes, settings);
  const { log } = FlyteContext.default();
  const nodes = spec.template?.nodes.length ?? 0;
  if (nodes > stockNodes) {
    log.warn(
      `${place} has ${nodes} nodes, and a stock Flyte takes ${stockNodes}: raise registration.maxWorkflowNodes there, or put nodes into sub-workflows, maps or dynamic tasks`,
    );
  }
  // The JSON has three times the bytes at most: small workflows need not be written twice.
  if (3 * bytes < etcdBytes) return;
  const json = JSON.stringify(WorkflowSpec.toJson(spec)).length * (bytes / own);
  if (json < etcdBytes) return;
  log.warn(
    `${place} takes about ${megabytes(json)} MB when it runs, and etcd keeps 1.5 MB of one object: let the cluster offload it (flyteadmin.useOffloadedWorkflowClosure), or start parts of it by launch plans`,
  );
}

function checkDownload(place: string, bytes: number, settings: Pick<SerializationSettings, "maxDownloadMBs">): void {
  const problem = tooLarge(bytes, settings);
  if (problem === undefined) return;
  throw new FlyteError(
    "TooLarge",
    `${place} ${problem}: pass large constants as files, split the workflow, or say what your cluster reads`,
  );
}

const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(1);
