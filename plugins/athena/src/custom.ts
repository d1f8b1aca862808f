import { FlyteError, type TaskTemplate } from "@flyte-ts/core/plugin";
import { type AthenaConfig, type AthenaFormat, regionPattern } from "./config.ts";

/** The keys of flytekit's `AthenaTask` (the message `PrestoQuery`), and ours beside them. */
export interface AthenaCustom {
  /** The query, with placeholders. */
  readonly statement: string;
  /** The database. */
  readonly schema: string;
  /** The data catalog. */
  readonly catalog: string;
  /** The workgroup. */
  readonly routingGroup: string;
  /** What flytekit's has no key for. */
  readonly flyte_ts: OwnCustom;
}

/** What our templates say besides. */
export interface OwnCustom {
  /** How the rows are stored. */
  readonly format: AthenaFormat;
  /** The connector's own where it is left out. */
  readonly region?: string;
  /** The folder for results. */
  readonly output_location?: string;
  /** How old a result may be that is taken again, in minutes. */
  readonly reuse_minutes?: number;
  /** Inputs that are days: on the wire they look like moments. */
  readonly days: readonly string[];
}

/** What a template says. */
export interface QueryDefinition {
  readonly statement: string;
  readonly config: AthenaConfig;
  /** The template's keys of what Flyte fills in, by the name that the config has for it. */
  readonly keys: Readonly<Partial<Record<"database" | "catalog" | "workgroup", string>>>;
  /** Undefined in templates of flytekit, where the output's type decides. */
  readonly format: AthenaFormat | undefined;
  readonly days: ReadonlySet<string>;
}

/** The message of a task. */
export function customOf(
  statement: string,
  config: AthenaConfig,
  { format, days }: { readonly format: AthenaFormat; readonly days: readonly string[] },
): AthenaCustom {
  const { database = "", catalog = "", workgroup = "", region, outputLocation, reuseMinutes } = config;
  return {
    statement,
    schema: database,
    catalog,
    routingGroup: workgroup,
    flyte_ts: {
      format,
      days,
      ...(region === undefined ? {} : { region }),
      ...(outputLocation === undefined ? {} : { output_location: outputLocation }),
      ...(reuseMinutes === undefined ? {} : { reuse_minutes: reuseMinutes }),
    },
  };
}

/**
 * Reads a template: ours (type `athena`), flytekit's `AthenaTask` (`presto`), or its `HiveTask` (`hive`), of which the
 * cluster's label is the database, as Flyte's own Athena plugin takes it.
 * @throws FlyteError `InvalidDefinition` that names the key.
 */
export function queryDefinition({ type, custom = {} }: TaskTemplate): QueryDefinition {
  if (type === "hive") {
    const { query } = record("query", custom.query);
    return {
      statement: statement("query.query", query),
      config: set({ database: text("clusterLabel", custom.clusterLabel ?? custom.cluster_label) }),
      keys: { database: "clusterLabel" },
      format: undefined,
      days: new Set(),
    };
  }
  const own = record("flyte_ts", custom.flyte_ts ?? {});
  const { format, days = [], reuse_minutes: reuse } = own;
  if (format !== undefined && format !== "csv" && format !== "parquet") {
    throw wrong("flyte_ts.format", format, '"csv" or "parquet"');
  }
  return {
    statement: statement("statement", custom.statement),
    config: set({
      database: text("schema", custom.schema),
      catalog: text("catalog", custom.catalog),
      workgroup: text("routingGroup", custom.routingGroup ?? custom.routing_group),
      region: regionOf("flyte_ts.region", own.region),
      outputLocation: text("flyte_ts.output_location", own.output_location),
      reuseMinutes: typeof reuse === "number" ? reuse : undefined,
    }),
    keys: { database: "schema", catalog: "catalog", workgroup: "routingGroup" },
    format,
    days: new Set(Array.isArray(days) ? days.map(String) : []),
  };
}

/** What is not empty. */
function set(config: { readonly [K in keyof AthenaConfig]?: AthenaConfig[K] | undefined }): AthenaConfig {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined && value !== ""));
}

function statement(key: string, value: unknown): string {
  if (typeof value === "string" && value.trim() !== "") return value;
  throw wrong(key, value, "the text of the query");
}

/** A region, as a template or Flyte's connection has it. */
export function regionOf(key: string, value: unknown): string | undefined {
  const region = text(key, value);
  if (region === undefined || region === "" || regionPattern.test(region)) return region;
  throw wrong(key, region, "a region, such as eu-central-1");
}

function text(key: string, value: unknown): string | undefined {
  if (value === undefined || value === null || typeof value === "string") return value ?? undefined;
  throw wrong(key, value, "a text");
}

function record(key: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw wrong(key, value, "an object");
}

const wrong = (key: string, value: unknown, right: string): FlyteError =>
  new FlyteError(
    "InvalidDefinition",
    `custom.${key} of the task's template is ${JSON.stringify(value) ?? "missing"}; it must be ${right}`,
  );
