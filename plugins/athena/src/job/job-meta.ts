import { type ColumnType, metaSchema, type ResourceMetaDeclaration } from "@flyte-ts/core/plugin";

/**
 * Where a query's rows are: in the file that Athena writes (`csv`), in a folder that an `UNLOAD` fills (`parquet`), in a
 * folder that the statement names by itself (`own`); or nowhere, for a task without outputs.
 */
export type RowsPlace = "none" | "csv" | "parquet" | "own";

/** What `get` and `delete` need of a query. */
export interface JobMeta {
  readonly id: string;
  readonly region: string;
  readonly rows: RowsPlace;
  /** The folder of the rows, for `parquet` and `own`. */
  readonly folder?: string | undefined;
  /** The declared columns, for a folder that an empty result leaves empty. */
  readonly columns?: readonly (readonly [name: string, type: ColumnType])[] | undefined;
}

const places: readonly RowsPlace[] = ["none", "csv", "parquet", "own"];
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

function issue(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return "a meta is an object";
  const { id, region, rows, folder, columns } = value as Partial<Record<keyof JobMeta, unknown>>;
  if (!isText(id)) return "id is a text";
  if (!isText(region)) return "region is a text";
  if (!places.some((place) => place === rows)) return `rows is one of ${places.join(", ")}`;
  if ((rows === "parquet" || rows === "own") && !isText(folder)) return "folder is a text";
  if (columns !== undefined && !Array.isArray(columns)) return "columns is an array";
  return undefined;
}

/** How a meta looks. */
export const jobMeta: ResourceMetaDeclaration<JobMeta> = {
  version: 1,
  schema: metaSchema<JobMeta>(issue),
};
