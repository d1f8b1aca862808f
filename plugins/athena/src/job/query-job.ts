import { type CreateContext, columnsOf, FlyteError, joinUri, type LiteralType } from "@flyte-ts/core/plugin";
import type { QueryRequest } from "../client.ts";
import type { AthenaConfig } from "../config.ts";
import { type QueryDefinition, queryDefinition, regionOf } from "../custom.ts";
import { type NameValues, renderedName, uniqueKeyOf } from "../query/flyte-names.ts";
import { checkInputs, checkYieldsRows, parseQuery, type Query } from "../query/query.ts";
import { statementOf, unload } from "../query/statement.ts";
import type { JobMeta } from "./job-meta.ts";

/** A query as it is sent, and what its job's meta says of the rows. */
export interface QueryJob {
  readonly region: string | undefined;
  readonly request: QueryRequest;
  readonly rows: Pick<JobMeta, "rows" | "folder" | "columns">;
}

/** A meta has 16 KiB; the columns of a wide table stay out of it. */
const maxColumns = 200;

/**
 * The job of a task: all that is sent follows from the template, the inputs and the output prefix, so that a repetition
 * is the same request.
 * @throws FlyteError `InvalidDefinition`, `InvalidInput` for what is wrong with the template or the inputs.
 */
export async function queryJob(context: CreateContext): Promise<QueryJob> {
  const { template, connection, idempotencyKey } = context;
  const definition = queryDefinition(template);
  const { days } = definition;
  const types = typesOf(template.interface?.inputs?.variables ?? {});
  const key = uniqueKeyOf(idempotencyKey);
  const query = parseQuery(definition.statement, key);
  checkInputs(query, Object.keys(types), { lenient: definition.format === undefined });
  const values = await context.nativeInputs();
  const config = filledConfig(definition, { inputs: values, key });
  const location = config.outputLocation ?? onS3(context.outputPrefix);
  const folder = location === undefined ? undefined : joinUri(location, idempotencyKey);
  const rows = rowsOf(definition, query, context, folder);
  const plain = statementOf(query, { types, values, days, prefix: folder && `${folder}/` });
  const { sql, parameters } = rows.rows === "parquet" ? unload(plain, `${folder}/`) : plain;
  return {
    region: config.region ?? regionOf("region (of the connection)", connection?.configs.region),
    request: {
      token: idempotencyKey,
      sql,
      parameters,
      database: config.database,
      catalog: config.catalog,
      workgroup: config.workgroup,
      outputLocation: location === undefined ? undefined : joinUri(location, ""),
      reuseMinutes: config.reuseMinutes,
    },
    rows,
  };
}

/** A config with the names of workgroup, catalog and database as they are for this call. */
function filledConfig({ config, keys }: QueryDefinition, values: NameValues): AthenaConfig {
  const names = Object.entries(keys).flatMap(([option, field]) => {
    const name = config[option as keyof typeof keys];
    return name === undefined ? [] : [[option, renderedName(field, name, values)] as const];
  });
  return { ...config, ...Object.fromEntries(names) };
}

function typesOf(
  variables: Readonly<Record<string, { readonly type?: LiteralType | undefined }>>,
): Record<string, LiteralType> {
  return Object.fromEntries(Object.entries(variables).flatMap(([name, { type }]) => (type ? [[name, type]] : [])));
}

/** Below the attempt's outputs, where these are on S3; else the workgroup says where. */
const onS3 = (outputPrefix: string): string | undefined =>
  /^s3:\/\//i.test(outputPrefix) ? joinUri(outputPrefix, "athena") : undefined;

function rowsOf(
  { format }: QueryDefinition,
  query: Query,
  { template, types }: CreateContext,
  folder: string | undefined,
): Pick<JobMeta, "rows" | "folder" | "columns"> {
  const { results, ...others } = template.interface?.outputs?.variables ?? {};
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new FlyteError("InvalidDefinition", `outputs.${other}: a query has the one output "results"`);
  }
  if (results?.type === undefined) return { rows: "none" };
  const declared = columnsOf(types.guess(results.type));
  if (declared === undefined) {
    throw new FlyteError("InvalidDefinition", "outputs.results must be a structured dataset or a schema");
  }
  const isSchema = results.type.type.case === "schema";
  const stored = format ?? (isSchema ? "parquet" : "csv");
  checkYieldsRows(query, stored);
  const wanted = query.storesRows ? "own" : stored;
  if (wanted === "csv") return { rows: "csv" };
  if (folder === undefined) {
    throw new FlyteError("InvalidDefinition", "the outputs are not on S3; name an outputLocation, s3://…, for Parquet");
  }
  const columns = declared.slice(0, maxColumns + 1).map(({ name, type }) => [name, type] as const);
  const few = columns.length > 0 && columns.length <= maxColumns;
  return { rows: wanted, folder: `${folder}/`, ...(few ? { columns } : {}) };
}
