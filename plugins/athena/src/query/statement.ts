import { FlyteError, type LiteralType } from "@flyte-ts/core/plugin";
import { prefixPattern } from "./flyte-names.ts";
import type { Query } from "./query.ts";
import { sqlText, sqlValue } from "./sql-values.ts";

/** A statement for Athena. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly string[];
}

/** What a query's places are filled with. */
export interface StatementValues {
  readonly types: Readonly<Record<string, LiteralType>>;
  readonly values: Readonly<Record<string, unknown>>;
  /** The inputs that are days. */
  readonly days: ReadonlySet<string>;
  /** What `{{ .rawOutputDataPrefix }}` stands for. */
  readonly prefix: string | undefined;
}

/** The most bytes of a statement (AWS, StartQueryExecution). */
const maxStatement = 262_144;

/**
 * The statement of a query: `?` in the places of inputs, and their values as parameters in the same order.
 * @throws FlyteError `InvalidInput` for a missing value, `TooLarge` for a statement that passes Athena's limit.
 */
export function statementOf({ parts }: Query, { types, values, days, prefix }: StatementValues): Statement {
  const parameters: string[] = [];
  let sql = "";
  for (const part of parts) {
    if (typeof part === "string") sql += part;
    else if ("prefix" in part) sql += withPrefix(part.prefix, prefix);
    else {
      const { input, form } = part;
      const type = types[input];
      const value = values[input];
      if (type === undefined || value === undefined) {
        throw new FlyteError("InvalidInput", `inputs.${input}: the query needs it, and it was not given`);
      }
      const filled = (form === "value" ? sqlValue : sqlText)(input, type, value, days.has(input));
      sql += filled.sql;
      parameters.push(...filled.parameters);
    }
  }
  return checked({ sql: sql.trim(), parameters });
}

/** A statement that writes a query's rows as Parquet files into a folder, which must be empty. */
export function unload({ sql, parameters }: Statement, folder: string): Statement {
  const to = `'${folder.replaceAll("'", "''")}'`;
  return checked({
    sql: `UNLOAD (\n${sql}\n) TO ${to} WITH (format = 'PARQUET', compression = 'SNAPPY')`,
    parameters,
  });
}

function withPrefix(literal: string, prefix: string | undefined): string {
  if (prefix !== undefined) return literal.replace(prefixPattern, () => prefix.replaceAll("'", "''"));
  throw new FlyteError(
    "InvalidDefinition",
    "{{ .rawOutputDataPrefix }}: the outputs are not on S3; name an outputLocation, s3://…",
  );
}

function checked(statement: Statement): Statement {
  const bytes = Buffer.byteLength(statement.sql);
  if (bytes <= maxStatement) return statement;
  throw new FlyteError("TooLarge", `the query has ${bytes} bytes; Athena takes ${maxStatement}`);
}
