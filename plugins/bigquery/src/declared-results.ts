import { FlyteError, type TaskTemplate } from "@flyte-ts/core/plugin";

/**
 * True where a template declares rows, as the output `results`.
 * @throws FlyteError `InvalidDefinition` for other outputs, and for a type that is no dataset.
 */
export function declaresResults({ interface: declared }: TaskTemplate): boolean {
  const { results, ...others } = declared?.outputs?.variables ?? {};
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new FlyteError("InvalidDefinition", `outputs.${other}: a task of BigQuery has the one output "results"`);
  }
  if (results === undefined || results.type?.type.case === "structuredDatasetType") return results !== undefined;
  throw new FlyteError("InvalidDefinition", "outputs.results must be a structured dataset");
}
