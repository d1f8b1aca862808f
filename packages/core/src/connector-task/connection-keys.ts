import type { JsonObject } from "@bufbuild/protobuf";
import { FlyteError } from "../errors/flyte-error.ts";
import { shown } from "../errors/shown.ts";

/** The keys of `flyteidl2.core.Connection` in both of protobuf's spellings, and whether each is a map of texts. */
const keys: readonly (readonly [key: string, isMap: boolean])[] = [
  ["task_type", false],
  ["taskType", false],
  ["secrets", true],
  ["configs", true],
];

/**
 * Holds a connector task's `custom` against what Flyte v2 reads in it: its executor takes it for the task's connection, and
 * starts no task where that cannot be read. Other keys are the connector's own.
 * @throws FlyteError `InvalidDefinition` that names the key.
 */
export function checkConnectionKeys(task: string, custom: JsonObject): void {
  for (const [key, isMap] of keys) {
    const value = custom[key];
    if (value === undefined || value === null) continue;
    const problem = isMap ? problemOf(`custom.${key}`, value) : textProblem(`custom.${key}`, value);
    if (problem === undefined) continue;
    throw new FlyteError(
      "InvalidDefinition",
      `task ${task}: ${problem}: Flyte v2 reads a connection there (task_type, and texts by name in secrets and configs), and ` +
        "starts no task where it cannot. Give what is not meant for that another key",
    );
  }
}

function problemOf(place: string, value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return `${place} is ${shown(value)}; it must be texts by name`;
  }
  for (const [name, item] of Object.entries(value)) {
    const problem = textProblem(`${place}.${name}`, item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const textProblem = (place: string, value: unknown): string | undefined =>
  typeof value === "string" ? undefined : `${place} is ${shown(value)}; it must be a text`;
