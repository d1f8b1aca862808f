import { FlyteError } from "@flyte-ts/core/plugin";
import type { TableReference } from "../client.ts";

/** The id of a project, that of an organisation's too (`example.com:project`); it becomes a part of requests' paths. */
export const projectPattern: RegExp = /^[A-Za-z0-9][A-Za-z0-9.:_-]*$/;

/** The scheme of tables in the URIs of datasets, as flytekit has it. */
export const tableScheme = "bq";

/** The URI of a table: `bq://project:dataset.table`, flytekit's form. */
export function tableUri({ projectId, datasetId, tableId }: TableReference): string {
  return `${tableScheme}://${projectId}:${datasetId}.${tableId}`;
}

/**
 * The table of a URI; `bq://project.dataset.table` is understood as well.
 * @throws FlyteError `InvalidInput` for a URI that names no table.
 */
export function tableOfUri(uri: string): TableReference {
  // The project of an organisation has a colon and a dot itself: `example.com:project`.
  const match = /^bq:\/\/([^/]+)[:.]([^:./]+)\.([^:./]+)$/i.exec(uri);
  const [, projectId, datasetId, tableId] = match ?? [];
  if (projectId !== undefined && projectPattern.test(projectId) && datasetId !== undefined && tableId !== undefined) {
    return { projectId, datasetId, tableId };
  }
  throw new FlyteError("InvalidInput", `"${uri}" names no table; it must be bq://project:dataset.table`);
}

/** True for a project's id, also of an organisation: `example.com:project`; its dots stand in front of a colon. */
const isProject = (id: string): boolean => projectPattern.test(id) && /^(?:[^:]+:)?[^.:]+$/.test(id);

/**
 * A table's name, `project.dataset.table` or `dataset.table`.
 * @throws FlyteError `InvalidDefinition` that names the field.
 */
export function namedTable(field: string, name: string, project: string): TableReference {
  const [, projectId = project, datasetId, tableId] = /^(?:(.+)\.)?([^.:`]+)\.([^.:`]+)$/.exec(String(name)) ?? [];
  if (datasetId !== undefined && tableId !== undefined && isProject(projectId))
    return { projectId, datasetId, tableId };
  throw new FlyteError(
    "InvalidDefinition",
    `${field} is ${JSON.stringify(name)}; it must be project.dataset.table or dataset.table`,
  );
}

/**
 * A dataset's name, `project.dataset` or `dataset`.
 * @throws FlyteError `InvalidDefinition` that names the field.
 */
export function namedDataset(field: string, name: string, project: string): Omit<TableReference, "tableId"> {
  const [, projectId = project, datasetId] = /^(?:(.+)\.)?([^.:`]+)$/.exec(String(name)) ?? [];
  if (datasetId !== undefined && isProject(projectId)) return { projectId, datasetId };
  throw new FlyteError(
    "InvalidDefinition",
    `${field} is ${JSON.stringify(name)}; it must be project.dataset or dataset`,
  );
}
