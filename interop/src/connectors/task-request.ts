import { randomUUID } from "node:crypto";
import type { LiteralMap, TaskRequest, TaskTemplate } from "@flyte-ts/core/plugin";
import { taskRequest } from "@flyte-ts/core/testing";

/** What a task is called with, besides its template and inputs. */
export interface RequestParts {
  /** A folder of its own by default. */
  readonly outputPrefix?: string;
  readonly attempt?: number;
}

/** What a connector service would be sent for a task. */
export function attemptOf(
  template: TaskTemplate,
  inputs: LiteralMap,
  { outputPrefix = `/nowhere/${randomUUID()}`, attempt = 0 }: RequestParts = {},
): TaskRequest {
  return taskRequest(template, {
    inputs,
    outputPrefix,
    attempt,
    task: { name: template.id?.name ?? "task", version: "v" },
    metadata: { project: "flytesnacks", domain: "development", execution: "interop" },
  });
}
