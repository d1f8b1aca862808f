/** Where a query runs; flytekit's `AthenaConfig`, and what Athena takes besides. */
export interface AthenaConfig {
  /** The database of tables that are named without one. */
  readonly database?: string;
  /** The data catalog; `AwsDataCatalog` unless the workgroup says otherwise. */
  readonly catalog?: string;
  /** The workgroup; `primary` by default. It may override the place of the results, and limits what a query reads. */
  readonly workgroup?: string;
  /** The region, such as `eu-central-1`; that of the connector's process by default. */
  readonly region?: string;
  /** The folder for results, `s3://…`; below the attempt's outputs by default. */
  readonly outputLocation?: string;
  /** Takes the result of an equal query that is no older than this, in minutes; never by default. */
  readonly reuseMinutes?: number;
}

/** The names of all that a config has. */
export const configNames: readonly string[] = Object.keys({
  database: true,
  catalog: true,
  workgroup: true,
  region: true,
  outputLocation: true,
  reuseMinutes: true,
} satisfies Record<keyof AthenaConfig, true>);

/** A region's name: it becomes a part of the host that requests and credentials go to. */
export const regionPattern: RegExp = /^[a-z][a-z0-9-]{1,40}$/;

/** How a query's rows are stored: `csv`, as Athena writes every result, or `parquet`, by an `UNLOAD` around the query. */
export type AthenaFormat = "csv" | "parquet";
