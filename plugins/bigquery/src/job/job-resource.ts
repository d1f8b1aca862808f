import { Dataset, type JobContext, type Resource } from "@flyte-ts/core/plugin";
import type { Job, TableReference } from "../client.ts";
import { tableUri } from "../table/table-name.ts";
import { problemError } from "../vendor-error.ts";
import type { JobMeta } from "./job-meta.ts";

/** A dry run's end. */
export function estimateResource({ bytes, statementType }: NonNullable<JobMeta["estimate"]>): Resource {
  return {
    phase: "SUCCEEDED",
    message: `a dry run: the query would process ${bytes} bytes`,
    customInfo: { dryRun: true, bytesProcessed: bytes, statementType },
  };
}

/**
 * How a job is.
 * @param lastSelect the table of a script's rows, asked for when a script has succeeded.
 */
export async function jobResource(
  context: JobContext<JobMeta>,
  job: Job,
  lastSelect: () => Promise<TableReference | undefined>,
): Promise<Resource> {
  const { meta } = context;
  const customInfo = infoOf(meta, job);
  if (job.state !== "DONE") {
    const phase = job.state === "PENDING" ? "INITIALIZING" : "RUNNING";
    return { phase, message: messageOf(job), customInfo };
  }
  if (job.error !== undefined) {
    const error = problemError(job.error);
    return { phase: error.recoverable ? "RETRYABLE_FAILED" : "FAILED", message: error.message, customInfo };
  }
  if (!meta.results) return { phase: "SUCCEEDED", message: messageOf(job), customInfo };
  const table = job.destination ?? (job.statementType === "SCRIPT" ? await lastSelect() : undefined);
  if (table === undefined) {
    const message = `the statement (${job.statementType ?? "of no type"}) has no rows for the output "results"; declare output: "none"`;
    return { phase: "FAILED", message, customInfo };
  }
  const outputs = { results: Dataset.open(tableUri(table), {}, context) };
  return { phase: "SUCCEEDED", message: messageOf(job), customInfo, outputs };
}

function messageOf({ state, progress, bytesProcessed }: Job): string {
  const share = progress === undefined ? "" : `, ${Math.floor(progress * 100)}% done`;
  const bytes = bytesProcessed === undefined ? "" : `, ${bytesProcessed} bytes processed`;
  return state === "RUNNING" ? `RUNNING${share}${bytes}` : state;
}

/** What Flyte's console shows beside the job. */
function infoOf({ project, jobId, location }: JobMeta, job: Job): NonNullable<Resource["customInfo"]> {
  const { state, progress, bytesProcessed, bytesBilled, slotMs, cacheHit, statementType, affectedRows, children } = job;
  const elapsedMs = job.endedAt === undefined || job.startedAt === undefined ? undefined : job.endedAt - job.startedAt;
  const known = {
    ...{ state, progress, bytesProcessed, bytesBilled, slotMs, elapsedMs, cacheHit, statementType, affectedRows },
    childJobs: children === 0 ? undefined : children,
  };
  return {
    project,
    jobId,
    location,
    ...Object.fromEntries(
      Object.entries(known).filter(([, value]) => value !== undefined) as [string, string | number | boolean][],
    ),
  };
}
