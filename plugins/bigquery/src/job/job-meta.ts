import { metaSchema, type ResourceMetaDeclaration } from "@flyte-ts/core/plugin";
import type { JobReference } from "../client.ts";
import type { CredentialsSecret } from "../config.ts";

/** What `get` and `delete` need of a job. */
export interface JobMeta {
  readonly project: string;
  readonly jobId: string;
  /** Where the job runs, as BigQuery answered; empty where it did not. */
  readonly location: string;
  /** The name of the secret that the job is asked for with. */
  readonly credentials?: CredentialsSecret | undefined;
  /** Whether the task has the output `results`. */
  readonly results: boolean;
  /** What a dry run has said; there is no job then. */
  readonly estimate?: { readonly bytes: number; readonly statementType: string } | undefined;
}

/** The job of a meta. */
export const referenceOf = ({ project, jobId, location }: JobMeta): JobReference => ({
  projectId: project,
  jobId,
  location: location === "" ? undefined : location,
});

const isText = (value: unknown): value is string => typeof value === "string";

function issue(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return "a meta is an object";
  const { project, jobId, location, credentials, results, estimate } = value as Partial<Record<keyof JobMeta, unknown>>;
  if (!isText(project) || project === "") return "project is a text";
  if (!isText(jobId) || jobId === "") return "jobId is a text";
  if (!isText(location)) return "location is a text";
  if (typeof results !== "boolean") return "results is true or false";
  if (credentials !== undefined && !isText((credentials as Partial<CredentialsSecret> | null)?.key)) {
    return "credentials has a key";
  }
  if (estimate !== undefined && !Number.isFinite((estimate as { bytes?: unknown } | null)?.bytes)) {
    return "estimate has a number of bytes";
  }
  return undefined;
}

/** How a meta looks. */
export const jobMeta: ResourceMetaDeclaration<JobMeta> = {
  version: 1,
  schema: metaSchema<JobMeta>(issue),
};
