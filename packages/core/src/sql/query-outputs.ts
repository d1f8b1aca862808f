import type { AnyRow } from "../dataset/dataset.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { DatasetType, RowOf, SchemaType } from "../types/datasets.ts";
import { t } from "../types/t.ts";
import type { Types } from "../types/type-transformer.ts";

/** What a query's output `results` is: a dataset, the older schema (flytekit's `FlyteSchema`), or nothing at all. */
export type QueryOutput = "dataset" | "schema" | "none";

/** The rows of declared columns; of whatever columns there are when none are declared. */
export type QueryRow<Columns extends Types> = string extends keyof Columns ? AnyRow : RowOf<Columns>;

/** The outputs of a task that runs a query, by name. */
export type QueryOutputs<Columns extends Types, Output extends QueryOutput> = Output extends "none"
  ? Record<never, never>
  : { readonly results: Output extends "schema" ? SchemaType<QueryRow<Columns>> : DatasetType<QueryRow<Columns>> };

/**
 * The outputs of a task that runs a query. @param format of a dataset; whatever the store takes by default.
 * @throws FlyteError `InvalidDefinition` for an output that is none of the three.
 */
export function queryOutputs(columns: Types = {}, output: QueryOutput = "dataset", format = ""): Types {
  switch (output) {
    case "none":
      return {};
    case "schema":
      return { results: t.flyteSchema(columns) };
    case "dataset":
      return { results: t.dataset({ columns, format }) };
    default:
      throw new FlyteError(
        "InvalidDefinition",
        `output is ${JSON.stringify(output)}; it must be "dataset", "schema" or "none"`,
      );
  }
}
