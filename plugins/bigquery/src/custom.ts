import { FlyteError, secretNameIssue, type TaskTemplate } from "@flyte-ts/core/plugin";
import type { BigQueryConfig, CredentialsSecret } from "./config.ts";
import { declaresResults } from "./declared-results.ts";
import { checkLabels } from "./job/job-labels.ts";
import type { ParameterType } from "./parameters/parameter-type.ts";
import type { ParameterValue } from "./parameters/parameter-value.ts";
import { namedDataset, namedTable, projectPattern } from "./table/table-name.ts";

/** A parameter in a template: of an input, and then without a value; or with the value that the author gave it. */
export interface DeclaredParameter {
  readonly name?: string;
  readonly parameterType: ParameterType;
  readonly parameterValue?: ParameterValue;
}

/** A template's `custom`. */
type Custom = NonNullable<TaskTemplate["custom"]>;

/**
 * What a template says of its job. `custom` has the keys of flytekit's `BigQueryTask` (`ProjectID`, `Location`, `Domain`)
 * and beside them those of the REST API's `JobConfigurationQuery`; ours are those of `JobConfiguration` (`labels`,
 * `dryRun`, `jobTimeoutMs`), `credentials`, and `statement` where the target is a container.
 */
export interface JobDeclaration {
  readonly project: string;
  readonly location: string | undefined;
  readonly statement: string;
  /** The rest of `JobConfigurationQuery`, as it stands in the template. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly parameters: readonly DeclaredParameter[];
  readonly parameterMode: "NAMED" | "POSITIONAL";
  readonly labels: Readonly<Record<string, string>>;
  readonly jobTimeoutMs: string | undefined;
  readonly dryRun: boolean;
  readonly credentials: CredentialsSecret | undefined;
  /** True where the task has the output `results`. */
  readonly results: boolean;
}

/**
 * A config as a template's `custom` holds it, without `Domain`, which is known when the task is serialised.
 * @throws FlyteError `InvalidDefinition` that names the field, its value and what would be right.
 */
export function customOf(config: BigQueryConfig, parameters: readonly DeclaredParameter[]): Custom {
  const { project, location, defaultDataset, destination, maximumBytesBilled, labels = {}, jobTimeoutMs } = config;
  if (typeof project !== "string" || !projectPattern.test(project)) {
    throw wrong("config.project", project, "the id of a project");
  }
  if (location !== undefined && !/^[A-Za-z0-9-]+$/.test(String(location))) {
    throw wrong("config.location", location, 'a region or multi-region, such as "europe-west4" or "US"');
  }
  checkLabels(labels);
  const query: Record<string, unknown> = {
    priority: oneOf("priority", config.priority, ["INTERACTIVE", "BATCH"]),
    writeDisposition: oneOf("writeDisposition", config.writeDisposition, [
      "WRITE_EMPTY",
      "WRITE_TRUNCATE",
      "WRITE_APPEND",
    ]),
    createDisposition: oneOf("createDisposition", config.createDisposition, ["CREATE_IF_NEEDED", "CREATE_NEVER"]),
    useQueryCache: boolean("useQueryCache", config.useQueryCache),
    defaultDataset:
      defaultDataset === undefined ? undefined : { ...namedDataset("config.defaultDataset", defaultDataset, project) },
    destinationTable:
      destination === undefined ? undefined : { ...namedTable("config.destination", destination, project) },
    maximumBytesBilled: wholeNumber("config.maximumBytesBilled", maximumBytesBilled),
    labels: Object.keys(labels).length === 0 ? undefined : { ...labels },
    jobTimeoutMs: wholeNumber("config.jobTimeoutMs", jobTimeoutMs),
    dryRun: boolean("dryRun", config.dryRun) === true ? true : undefined,
    credentials: config.credentials === undefined ? undefined : credentialsOf(config.credentials),
    ...(parameters.length === 0 ? {} : { parameterMode: "NAMED", queryParameters: parameters }),
  };
  const given = Object.entries(query).filter(([, value]) => value !== undefined) as [string, Custom[string]][];
  return { ProjectID: project, Location: location ?? null, ...Object.fromEntries(given) };
}

/**
 * What a template declares: of ours, or of flytekit's `BigQueryTask`.
 * @throws FlyteError `InvalidDefinition` that names what is missing, and outputs that a query does not have.
 */
export function declarationOf(template: TaskTemplate): JobDeclaration {
  const {
    ProjectID: project,
    Location: location,
    Domain: _domain,
    statement: inCustom,
    labels: ownLabels,
    jobTimeoutMs,
    dryRun = false,
    credentials,
    queryParameters: given,
    parameterMode = "NAMED",
    query: _query,
    ...options
  } = (template.custom ?? {}) as Readonly<Record<string, unknown>>;
  const statement = template.target.case === "sql" ? template.target.value.statement : inCustom;
  if (typeof statement !== "string" || statement.trim() === "") {
    throw new FlyteError(
      "InvalidDefinition",
      "the task's template has no query: it stands in sql.statement, or in custom.statement beside a container",
    );
  }
  if (typeof project !== "string" || !projectPattern.test(project))
    throw wrong("custom.ProjectID", project, "the id of a project");
  const queryParameters = given ?? [];
  const labels = ownLabels ?? {};
  if (!Array.isArray(queryParameters)) {
    throw wrong("custom.queryParameters", queryParameters, "a list of parameters");
  }
  for (const [at, parameter] of queryParameters.entries()) {
    if (typeof parameter?.parameterType?.type === "string") continue;
    throw wrong(
      `custom.queryParameters[${at}]`,
      parameter,
      "an object with a parameterType, as BigQuery's REST API has it",
    );
  }
  if (!isTexts(labels)) throw wrong("custom.labels", labels, "texts by name");
  return {
    project,
    location: typeof location === "string" && location !== "" ? location : undefined,
    statement,
    options,
    parameters: queryParameters,
    parameterMode: parameterMode === "POSITIONAL" ? "POSITIONAL" : "NAMED",
    labels,
    jobTimeoutMs: jobTimeoutMs === undefined || jobTimeoutMs === null ? undefined : String(jobTimeoutMs),
    dryRun: dryRun === true,
    credentials: credentials === undefined || credentials === null ? undefined : credentialsOf(credentials),
    results: declaresResults(template),
  };
}

const isTexts = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === "object" && value !== null && Object.values(value).every((item) => typeof item === "string");

function credentialsOf(given: unknown): { group?: string; key: string } {
  const { group, key } = given as Partial<CredentialsSecret>;
  if (typeof key !== "string" || key === "") throw wrong("config.credentials.key", key, "the name of a secret's key");
  const secret = group === undefined ? { key } : { group, key };
  const issue = secretNameIssue(secret);
  if (issue === undefined) return secret;
  throw new FlyteError("InvalidDefinition", `config.credentials: ${issue}`);
}

function oneOf(field: string, value: string | undefined, allowed: readonly string[]): string | undefined {
  if (value === undefined || allowed.includes(value)) return value;
  throw wrong(`config.${field}`, value, allowed.join(", "));
}

function boolean(field: string, value: boolean | undefined): boolean | undefined {
  if (value === undefined || typeof value === "boolean") return value;
  throw wrong(`config.${field}`, value, "true or false");
}

/** An int64, as the REST API writes it. */
function wholeNumber(field: string, value: number | bigint | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "bigint" ? value > 0n : Number.isSafeInteger(value) && value > 0) return String(value);
  throw wrong(field, typeof value === "bigint" ? String(value) : value, "a whole number above 0");
}

const wrong = (field: string, value: unknown, right: string): FlyteError =>
  new FlyteError("InvalidDefinition", `${field} is ${JSON.stringify(value)}; it must be ${right}`);
