import type { Clock } from "@flyte-ts/core/plugin";
import type { BoundParameter } from "./parameters/parameter-value.ts";
import type { VendorProblem } from "./vendor-error.ts";

/** A table, as the REST API names it. */
export interface TableReference {
  readonly projectId: string;
  readonly datasetId: string;
  readonly tableId: string;
}

/** A job, as the REST API names it. */
export interface JobReference {
  readonly projectId: string;
  readonly jobId: string;
  /** Where it runs. A job outside of the multi-regions US and EU is found with its location alone. */
  readonly location?: string | undefined;
}

/** A job's query as the REST API takes it (`JobConfigurationQuery`); what is not named here goes through as it is. */
export interface QueryConfiguration {
  readonly query: string;
  readonly useLegacySql: boolean;
  readonly parameterMode?: "NAMED" | "POSITIONAL";
  readonly queryParameters?: readonly BoundParameter[];
  readonly [option: string]: unknown;
}

/** What a job is to do (`JobConfiguration`). */
export interface JobConfiguration {
  readonly query: QueryConfiguration;
  readonly labels?: Readonly<Record<string, string>>;
  readonly dryRun?: boolean;
  /** Milliseconds, as text. */
  readonly jobTimeoutMs?: string;
}

/** A job to start. */
export interface JobRequest {
  readonly reference: JobReference;
  readonly configuration: JobConfiguration;
}

/** A job, as far as it is of use here. Numbers that BigQuery does not give are undefined. */
export interface Job {
  readonly reference: JobReference;
  readonly state: "PENDING" | "RUNNING" | "DONE";
  /** Why it failed; only with DONE. */
  readonly error?: VendorProblem | undefined;
  readonly statementType?: string | undefined;
  /** Where the rows of a query stand: the table that was asked for, or one that BigQuery made. */
  readonly destination?: TableReference | undefined;
  /** The share of the work that is done, from 0 to 1. */
  readonly progress?: number | undefined;
  readonly bytesProcessed?: number | undefined;
  readonly bytesBilled?: number | undefined;
  readonly slotMs?: number | undefined;
  readonly cacheHit?: boolean | undefined;
  readonly affectedRows?: number | undefined;
  /** Jobs that a script has started. */
  readonly children?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt?: number | undefined;
  readonly startedAt?: number | undefined;
  readonly endedAt?: number | undefined;
}

/** A column of a table (`TableFieldSchema`). */
export interface TableField {
  readonly name: string;
  /** `STRING`, `INTEGER`, `RECORD` … in the REST API's older words. */
  readonly type: string;
  readonly repeated: boolean;
  /** The fields of a record. */
  readonly fields: readonly TableField[];
}

/** What a table is. */
export interface Table {
  readonly fields: readonly TableField[];
  /** Undefined for what has no count of rows, such as a view. */
  readonly rows: number | undefined;
  /** `TABLE`, `VIEW` … */
  readonly type: string;
}

/** A row as the REST API gives it: a cell for every selected field, in the table's order. */
export interface RawRow {
  readonly f: readonly { readonly v: unknown }[];
}

/** Some rows of a table. */
export interface RowPage {
  readonly rows: readonly RawRow[];
  /** Where the next page begins; undefined with the last one. */
  readonly nextToken: string | undefined;
}

/** Which rows are asked for. */
export interface PageRequest {
  /** The columns; all of them where undefined. */
  readonly fields?: readonly string[] | undefined;
  readonly token?: string | undefined;
  readonly maxRows: number;
}

/** What every call of a client is given. */
export interface CallOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/**
 * The part of BigQuery that this package uses. Every call is one request, is not repeated, ends with the signal, and at
 * the latest after its own deadline; errors are thrown as `vendorError` knows them.
 */
export interface BigQueryClient {
  /** Starts a job. A failure of the job itself is in the answer; `duplicate` is thrown where the id is taken. */
  insertJob(request: JobRequest, options: CallOptions): Promise<Job>;
  getJob(reference: JobReference, options: CallOptions): Promise<Job>;
  /** Asks a job to stop; one that has ended stays as it is. */
  cancelJob(reference: JobReference, options: CallOptions): Promise<void>;
  /** The jobs of a script, the last one first; some hundred at most. */
  childJobs(parent: JobReference, options: CallOptions): Promise<readonly Job[]>;
  getTable(table: TableReference, options: CallOptions): Promise<Table>;
  /** Moments are microseconds since the epoch in what this returns. */
  listRows(table: TableReference, page: PageRequest, options: CallOptions): Promise<RowPage>;
}

/** How a client reaches BigQuery. */
export interface ClientOptions {
  /** The JSON key of a service account; Google's chain where undefined. */
  readonly credentials?: string | undefined;
  /** The address of an emulator, such as `http://127.0.0.1:9050`; without credentials nothing is authenticated there. */
  readonly endpoint?: string | undefined;
}

/** Makes clients; the SDK is loaded when the first one is made. */
export type ClientFactory = (options: ClientOptions) => Promise<BigQueryClient>;

/** The variable that names the address of an emulator. */
export const endpointVariable = "FLYTE_TS_BIGQUERY_ENDPOINT";
