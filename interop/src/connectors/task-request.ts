import { randomUUID } from "node:crypto";
import type { Types } from "@flyte-ts/core";
import { LiteralMap, localTaskContext, type TaskRequest, type TaskTemplate } from "@flyte-ts/core/plugin";

/** What a task is called with, besides its template and inputs. */
export interface RequestParts {
  /** A folder of its own by default. */
  readonly outputPrefix?: string;
  readonly attempt?: number;
}

/** What a connector service would be sent for a task. */
export function taskRequest(
  template: TaskTemplate,
  inputs: LiteralMap,
  { outputPrefix = `/nowhere/${randomUUID()}`, attempt = 0 }: RequestParts = {},
): TaskRequest {
  return {
    category: { name: template.type, version: template.taskTypeVersion },
    template,
    inputs,
    outputPrefix,
    attempt,
    task: { name: template.id?.name ?? "task", version: "v" },
    metadata: {
      project: "flytesnacks",
      domain: "development",
      execution: "interop",
      node: "n0",
      namespace: "flytesnacks-development",
      labels: {},
      annotations: {},
      serviceAccount: "default",
      environment: {},
      user: "",
    },
  };
}

/** Native values as the literals of their types. */
export async function literalsOf(types: Types, values: Readonly<Record<string, unknown>>): Promise<LiteralMap> {
  await using context = await localTaskContext({ task: "interop" });
  const entries = Object.entries(types).map(
    async ([name, type]) => [name, await type.toLiteral(values[name], context)] as const,
  );
  return LiteralMap.create({ literals: Object.fromEntries(await Promise.all(entries)) });
}
