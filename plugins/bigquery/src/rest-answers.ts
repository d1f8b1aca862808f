import { FlyteError } from "@flyte-ts/core/plugin";
import type { Job, JobReference, Table, TableField, TableReference } from "./client.ts";

/** The parts of `Job` (REST) that are read; int64 are texts. */
interface JobAnswer {
  readonly jobReference?: Partial<JobReference>;
  readonly configuration?: { readonly query?: { readonly destinationTable?: TableReference } };
  readonly status?: {
    readonly state?: string;
    readonly errorResult?: { readonly reason?: string; readonly message?: string; readonly location?: string };
  };
  readonly statistics?: {
    readonly creationTime?: string;
    readonly startTime?: string;
    readonly endTime?: string;
    readonly totalBytesProcessed?: string;
    readonly totalSlotMs?: string;
    readonly numChildJobs?: string;
    readonly query?: {
      readonly statementType?: string;
      readonly totalBytesProcessed?: string;
      readonly totalBytesBilled?: string;
      readonly totalSlotMs?: string;
      readonly cacheHit?: boolean;
      readonly numDmlAffectedRows?: string;
      readonly queryPlan?: readonly { readonly parallelInputs?: string; readonly completedParallelInputs?: string }[];
    };
  };
}

/**
 * A job of the REST API.
 * @param asked what stands in for what the answer lacks: a dry run has no id.
 * @throws FlyteError `Unavailable` for an answer that is no job.
 */
export function jobOf(answer: unknown, asked: JobReference): Job {
  const { jobReference = {}, configuration, status, statistics = {} } = answer as JobAnswer;
  const state = status?.state;
  if (state !== "PENDING" && state !== "RUNNING" && state !== "DONE") {
    throw new FlyteError("Unavailable", `BigQuery: the answer about the job ${asked.jobId} is no job`);
  }
  const { query = {} } = statistics;
  const { reason = "", message = "", location } = status?.errorResult ?? {};
  return {
    reference: {
      projectId: jobReference.projectId ?? asked.projectId,
      jobId: jobReference.jobId ?? asked.jobId,
      location: jobReference.location ?? asked.location,
    },
    state,
    error: status?.errorResult === undefined ? undefined : { reason, message, location },
    statementType: query.statementType,
    destination: configuration?.query?.destinationTable,
    progress: state === "DONE" ? 1 : progressOf(query.queryPlan ?? []),
    bytesProcessed: int(query.totalBytesProcessed ?? statistics.totalBytesProcessed),
    bytesBilled: int(query.totalBytesBilled),
    slotMs: int(statistics.totalSlotMs ?? query.totalSlotMs),
    cacheHit: query.cacheHit,
    affectedRows: int(query.numDmlAffectedRows),
    children: int(statistics.numChildJobs),
    createdAt: int(statistics.creationTime),
    startedAt: int(statistics.startTime),
    endedAt: int(statistics.endTime),
  };
}

type Stages = NonNullable<NonNullable<NonNullable<JobAnswer["statistics"]>["query"]>["queryPlan"]>;

/** The share of the inputs of all stages so far that are done; undefined before there is a plan. */
function progressOf(stages: Stages): number | undefined {
  const sum = (values: readonly (string | undefined)[]): number =>
    values.reduce((total, value) => total + (int(value) ?? 0), 0);
  const all = sum(stages.map(({ parallelInputs }) => parallelInputs));
  if (all === 0) return undefined;
  return Math.min(sum(stages.map(({ completedParallelInputs }) => completedParallelInputs)) / all, 1);
}

/** An int64 of the REST API, which writes it as text. */
function int(value: string | number | undefined): number | undefined {
  const number = value === undefined ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** A `TableFieldSchema`. */
interface FieldAnswer {
  readonly name?: string;
  readonly type?: string;
  readonly mode?: string;
  readonly fields?: readonly FieldAnswer[];
}

/** A table of the REST API. */
export function tableOf(answer: object): Table {
  const {
    schema,
    numRows,
    type = "TABLE",
  } = answer as {
    readonly schema?: { readonly fields?: readonly FieldAnswer[] };
    readonly numRows?: string;
    readonly type?: string;
  };
  return { fields: fieldsOf(schema?.fields ?? []), rows: int(numRows), type };
}

function fieldsOf(fields: readonly FieldAnswer[]): readonly TableField[] {
  return fields.map(({ name = "", type = "STRING", mode, fields: inner = [] }) => ({
    name,
    type: type.toUpperCase(),
    repeated: mode === "REPEATED",
    fields: fieldsOf(inner),
  }));
}
