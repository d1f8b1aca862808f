import { Dataset, type DatasetContext, FlyteError, type JobContext, type Resource } from "@flyte-ts/core/plugin";
import type { QueryStatus } from "../client.ts";
import type { JobMeta } from "./job-meta.ts";

/** What Flyte is told of a query. */
export async function jobResource(status: QueryStatus, context: JobContext<JobMeta>): Promise<Resource> {
  const customInfo = infoOf(status, context.meta);
  switch (status.state) {
    case "QUEUED":
    case "RUNNING":
      return { phase: status.state, message: status.reason, customInfo };
    case "SUCCEEDED": {
      const results = await rowsOf(status, context);
      return { phase: "SUCCEEDED", customInfo, ...(results === undefined ? {} : { outputs: { results } }) };
    }
    case "CANCELLED":
      // By somebody in Athena, or by the workgroup's limit of scanned bytes: another attempt would read them again.
      return {
        phase: "FAILED",
        message: `the query was cancelled: ${status.reason ?? "no reason is given"}`,
        customInfo,
      };
    case "FAILED": {
      const { category, retryable = category === 1, message } = status.error ?? {};
      const reasons = new Set([status.reason, message].filter((text) => text !== undefined && text !== ""));
      const text = reasons.size === 0 ? "no reason is given" : [...reasons].join("; ");
      return { phase: retryable ? "RETRYABLE_FAILED" : "FAILED", message: `the query failed: ${text}`, customInfo };
    }
  }
}

type Info = NonNullable<Resource["customInfo"]>;

/** The numbers of a query, by names of ours; a query's bytes are what it costs. */
function infoOf(status: QueryStatus, { id, region }: JobMeta): Info {
  const { state, scannedBytes, engineMs, queueMs, totalMs, workgroup, statementType, outputLocation, reused, error } =
    status;
  const info = {
    query_execution_id: id,
    region,
    state,
    workgroup,
    statement_type: statementType,
    output_location: outputLocation,
    data_scanned_bytes: scannedBytes,
    engine_ms: engineMs,
    queue_ms: queueMs,
    total_ms: totalMs,
    reused_result: reused,
    error_category: error?.category,
    error_type: error?.type,
  };
  return Object.fromEntries(Object.entries(info).filter((entry) => entry[1] !== undefined)) as Info;
}

async function rowsOf(
  { outputLocation }: QueryStatus,
  { meta, storage, datasets, signal }: JobContext<JobMeta>,
): Promise<Dataset | undefined> {
  const context: DatasetContext = { storage, datasets, signal };
  if (meta.rows === "none") return undefined;
  if (meta.rows === "csv") {
    if (outputLocation !== undefined) return Dataset.open(outputLocation, { format: "csv" }, context);
    throw new FlyteError("UnknownOutput", `Athena names no result of the query ${meta.id}`, { recoverable: false });
  }
  const folder = meta.folder ?? "";
  const stored = Dataset.open(folder, { format: "parquet" }, context);
  if (meta.rows === "own" || meta.columns === undefined || (await hasFiles(folder, context))) return stored;
  // An UNLOAD of no rows writes no file; who reads the folder wants one.
  const columns = meta.columns.map(([name, type]) => ({ name, type }));
  return Dataset.from([], { columns }).store(context, folder, "parquet");
}

async function hasFiles(folder: string, { storage, signal }: DatasetContext): Promise<boolean> {
  for await (const _ of storage.list(folder, { signal })) return true;
  return false;
}
