import { type ExecutionIdentity, FlyteError } from "@flyte-ts/core/plugin";

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The first of some variables that is set, else an empty string: flytekit's variables have long and short names. */
const oneOf = (env: Environment, ...names: readonly string[]): string =>
  names.map((name) => env[name]).find((value) => value !== undefined) ?? "";

/** Which execution the backend says that this is. */
export function executionIdentity(env: Environment): ExecutionIdentity {
  return {
    project: oneOf(env, "FLYTE_INTERNAL_EXECUTION_PROJECT", "_F_PRJ"),
    domain: oneOf(env, "FLYTE_INTERNAL_EXECUTION_DOMAIN", "_F_DM"),
    name: oneOf(env, "FLYTE_INTERNAL_EXECUTION_ID", "_F_NM"),
    workflow: oneOf(env, "FLYTE_INTERNAL_EXECUTION_WORKFLOW", "_F_WF"),
    launchPlan: oneOf(env, "FLYTE_INTERNAL_EXECUTION_LAUNCHPLAN", "_F_LP"),
    consoleUrl: oneOf(env, "FLYTE_EXECUTION_URL"),
    task: oneOf(env, "FLYTE_INTERNAL_TASK_NAME", "_F_TK_NM", "FLYTE_INTERNAL_NAME"),
    version: oneOf(env, "FLYTE_INTERNAL_TASK_VERSION", "_F_TK_V", "FLYTE_INTERNAL_VERSION"),
    attempt: wholeNumber(env.FLYTE_ATTEMPT_NUMBER) ?? 0,
  };
}

/**
 * Which element of a map task this container runs, from 0: the backend names the variable that holds the index, and may
 * add an offset (contract of the entrypoint, 11).
 * @throws FlyteError (system) when nothing says so.
 */
export function arrayIndex(env: Environment): number {
  const variable = env.BATCH_JOB_ARRAY_INDEX_VAR_NAME ?? "";
  const bad = (message: string): FlyteError =>
    new FlyteError("InvalidInput", `this is one element of a map task, but ${message}`, { kind: "system" });
  if (variable === "") throw bad("BATCH_JOB_ARRAY_INDEX_VAR_NAME names no variable that says which one");
  const index = wholeNumber(env[variable]);
  if (index === undefined) throw bad(`the variable ${variable} is "${env[variable] ?? ""}", which is no index`);
  const offset = env.BATCH_JOB_ARRAY_INDEX_OFFSET ?? "0";
  const first = wholeNumber(offset);
  if (first === undefined) throw bad(`the variable BATCH_JOB_ARRAY_INDEX_OFFSET is "${offset}", which is no offset`);
  return first + index;
}

/** True when a written error is to fail the process too (Databricks and AWS Batch ask for it). */
export const failsOnError = (env: Environment): boolean => /^(true|t|1)$/i.test(env.FLYTE_FAIL_ON_ERROR ?? "");

/** How long a task may go on after it was asked to stop, in milliseconds. */
export function graceMs(env: Environment): number {
  const seconds = Number(env.FLYTE_TS_GRACE_SECONDS ?? "25");
  return (Number.isFinite(seconds) && seconds >= 0 ? seconds : 25) * 1000;
}

/** The worker's name when every worker of a distributed task writes an error file of its own; else undefined. */
export function distributedWorker(env: Environment): string | undefined {
  return oneOf(env, "FLYTE_INTERNAL_DIST_ERROR_STRATEGY", "_F_DES") === ""
    ? undefined
    : oneOf(env, "FLYTE_INTERNAL_WORKER_NAME", "_F_WN");
}

/** From which size on an output is offloaded, and which one is too large; in bytes. */
export interface OffloadingLimits {
  readonly min: number;
  readonly max: number;
}

/**
 * The limits that the backend sets; undefined when it does not want outputs offloaded.
 * @throws FlyteError (system) when a limit is no number.
 */
export function offloadingLimits(env: Environment): OffloadingLimits | undefined {
  if (env._F_L_MIN_SIZE_MB === undefined) return undefined;
  const bytes = (name: string, otherwise: string): number => {
    const value = env[name] ?? otherwise;
    const megabytes = wholeNumber(value);
    if (megabytes !== undefined) return megabytes * 1024 * 1024;
    throw new FlyteError("InvalidInput", `the variable ${name} is "${value}"; it must be a whole number of MB`, {
      kind: "system",
      recoverable: true,
    });
  };
  return { min: bytes("_F_L_MIN_SIZE_MB", "10"), max: bytes("_F_L_MAX_SIZE_MB", "1000") };
}

const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\s*\d+\s*$/.test(text) ? Number(text) : undefined;
