import { type CreateContext, FlyteError } from "@flyte-ts/core/plugin";
import type { JobConfiguration, JobRequest } from "../client.ts";
import { declarationOf, type JobDeclaration } from "../custom.ts";
import { parameterType } from "../parameters/parameter-type.ts";
import { type BoundParameter, parameterValue } from "../parameters/parameter-value.ts";
import { parseQuery } from "../query/query.ts";
import { jobLabels } from "./job-labels.ts";

/** A job to start, and what its template declares. */
export interface DeclaredJob {
  readonly declaration: JobDeclaration;
  readonly request: JobRequest;
}

/** The id of an attempt's job, by which a job that was started once is found and never started again. */
const jobId = (idempotencyKey: string): string => `flyte-${idempotencyKey}`;

/**
 * The job of a task: its query with the inputs bound as parameters.
 * @throws FlyteError `InvalidDefinition` for a template that declares no job, `InvalidInput` for a value that does not fit.
 */
export async function declaredJob(context: CreateContext): Promise<DeclaredJob> {
  const declaration = declarationOf(context.template);
  const { project, location, dryRun, jobTimeoutMs, parameterMode } = declaration;
  const query = parseQuery(declaration.statement);
  const inputs = await boundInputs(context, declaration);
  const given = givenParameters(declaration).filter(({ name }) => !inputs.some((input) => input.name === name));
  const parameters = [...inputs, ...given];
  const configuration: JobConfiguration = {
    query: {
      useLegacySql: false,
      ...declaration.options,
      query: query.sql,
      ...(parameters.length === 0 ? {} : { parameterMode, queryParameters: parameters }),
    },
    labels: jobLabels(declaration.labels, context.metadata),
    ...(dryRun ? { dryRun } : {}),
    ...(jobTimeoutMs === undefined ? {} : { jobTimeoutMs }),
  };
  return {
    declaration,
    request: {
      reference: { projectId: project, jobId: jobId(context.idempotencyKey), location },
      configuration,
    },
  };
}

/** The inputs as parameters. Those of flytekit's templates, whose types nothing declares, are bound as its connector does. */
async function boundInputs(
  context: CreateContext,
  { parameters, parameterMode }: JobDeclaration,
): Promise<BoundParameter[]> {
  const variables = Object.entries(context.template.interface?.inputs?.variables ?? {});
  if (variables.length === 0) return [];
  if (parameterMode === "POSITIONAL") {
    throw new FlyteError(
      "InvalidDefinition",
      `custom.parameterMode is POSITIONAL, where inputs (${variables.map(([name]) => name).join(", ")}) are named parameters`,
    );
  }
  const values = await context.nativeInputs();
  return variables.map(([name, { type }]) => {
    if (type === undefined) throw new FlyteError("InvalidDefinition", `inputs.${name} has no type in the template`);
    const native = context.types.guess(type);
    const own = parameterType(name, type, native, "DATETIME");
    const declared = parameters.find((parameter) => parameter.name === name)?.parameterType ?? own;
    const textIsJson = own.type === "STRING" || (own.type === "ARRAY" && own.arrayType.type === "STRING");
    return {
      name,
      parameterType: declared,
      parameterValue: parameterValue(name, declared, values[name], { textIsJson }),
    };
  });
}

/** Parameters that the template itself has values for (flytekit's `QueryJobConfig(query_parameters=…)`). */
function givenParameters({ parameters }: JobDeclaration): BoundParameter[] {
  return parameters.flatMap(({ parameterValue: value, parameterType: type, name = "" }) =>
    value === undefined
      ? []
      : [{ ...(name === "" ? {} : { name }), parameterType: type, parameterValue: value } as BoundParameter],
  );
}
