import { createHash } from "node:crypto";
import { resolve } from "node:path";
import {
  type ExecutionIdentity,
  FlyteContext,
  FlyteError,
  joinUri,
  LiteralMap,
  TaskTemplate,
} from "@flyte-ts/core/plugin";
import { type Environment, graceMs } from "./container/environment.ts";
import { dereferenced } from "./container/offloading.ts";
import { fileNames } from "./container/result-files.ts";
import { programFor } from "./isolate/program.ts";
import { readResult } from "./isolate/read-result.ts";
import { renderTemplate } from "./isolate/render-template.ts";
import { runProgram } from "./isolate/run-program.ts";

/** The name of a checkpoint's folder below the raw output prefix. */
const checkpointFolder = "_flytecheckpoints";

/** How long after its own grace period a task's process is killed, in milliseconds. */
const killMarginMs = 5000;

/** A task to run in a process of its own. */
export interface IsolateOptions {
  /** The task, as it would be registered: its container's arguments hold Flyte's variables. */
  readonly template: TaskTemplate;
  readonly inputs: LiteralMap;
  /**
   * The folder (a path or a URI) that stands for the node's data on a cluster: `inputs.pb`, and for every attempt a folder
   * `<attempt>` with `task.pb` and the result. It stays.
   */
  readonly directory: string;
  /** Where big outputs go; `raw` in the directory by default. A folder for the attempt is made below. */
  readonly rawOutputBase?: string;
  /** From 0. A later attempt is given the checkpoint of the one before. */
  readonly attempt?: number;
  /** What the task is told of its execution; names of the template by default. */
  readonly execution?: Partial<ExecutionIdentity>;
  /** The process's variables, besides those of the container and Flyte's own; those of this process by default. */
  readonly env?: Environment;
  /** The process's working folder, where the task's module is found; this process's by default. */
  readonly cwd?: string;
  /** Aborted, the task is asked to stop (SIGTERM) and killed when it does not. */
  readonly signal?: AbortSignal;
  readonly context?: FlyteContext;
  /** Takes what the process prints; by default all of it goes to standard error. */
  readonly output?: (stream: "stdout" | "stderr", chunk: Uint8Array) => void;
}

/**
 * Runs a task through its real container command in a child process, with files laid out as a cluster lays them out.
 * @returns the outputs.
 * @throws FlyteError the task's, as its `error.pb` tells of it; with the wire code `Interrupted` when the process fails;
 * the signal's reason when it was aborted; `InvalidDefinition` when the template has no container.
 */
export async function isolate(options: IsolateOptions): Promise<LiteralMap> {
  const { template, inputs, attempt = 0, context = FlyteContext.default() } = options;
  // The process may have another working folder.
  const directory = /^[a-z][a-z0-9+.-]*:/i.test(options.directory) ? options.directory : resolve(options.directory);
  const { env = process.env, cwd = process.cwd(), signal = new AbortController().signal } = options;
  const { output = (_stream, chunk) => process.stderr.write(chunk) } = options;
  const { storage, clock } = context;
  if (template.target.case !== "container") {
    throw new FlyteError(
      "InvalidDefinition",
      `the task ${template.id?.name} has no container, so it cannot be isolated`,
    );
  }
  signal.throwIfAborted();
  const container = template.target.value;
  const outputPrefix = joinUri(directory, String(attempt));
  const raw = (number: number): string => {
    const id = createHash("sha256").update(`${directory} ${template.id?.name} ${number}`).digest("hex").slice(0, 20);
    return joinUri(options.rawOutputBase ?? joinUri(directory, "raw"), `${id.slice(0, 2)}/${id}`);
  };
  const input = joinUri(directory, fileNames.inputs);
  const taskTemplatePath = joinUri(outputPrefix, fileNames.template);
  const words = renderTemplate([...container.command, ...container.args], {
    input,
    inputPrefix: directory,
    outputPrefix,
    rawOutputDataPrefix: raw(attempt),
    taskTemplatePath,
    checkpointOutputPrefix: joinUri(raw(attempt), checkpointFolder),
    prevCheckpointPrefix: attempt === 0 ? "" : joinUri(raw(attempt - 1), checkpointFolder),
    perRetryUniqueKey: `a${createHash("sha256").update(outputPrefix).digest("hex").slice(0, 20)}`,
    namespace: `${template.id?.project ?? ""}-${template.id?.domain ?? ""}`,
    inputs,
  });
  await Promise.all([
    storage.write(input, LiteralMap.encode(inputs), { signal }),
    storage.write(taskTemplatePath, TaskTemplate.encode(template), { signal }),
  ]);
  const childEnv = {
    FLYTE_SDK_LOGGING_FORMAT: "console",
    ...env,
    ...Object.fromEntries(container.env.map(({ key, value }) => [key, value])),
    ...executionVariables(template, attempt, options.execution ?? {}),
  };
  const killAfterMs = graceMs(childEnv) + killMarginMs;
  const end = await runProgram({ ...programFor(words), env: childEnv, cwd, signal, killAfterMs, clock, output });
  signal.throwIfAborted();
  if (end.exitCode !== 0) {
    throw new FlyteError(
      "Internal",
      `the process of the task ${template.id?.name} ended with exit code ${end.exitCode}${end.tail === "" ? "" : `: ${end.tail}`}`,
      { wireCode: "Interrupted" },
    );
  }
  const hasOutputs = Object.keys(template.interface?.outputs?.variables ?? {}).length > 0;
  return dereferenced(await readResult({ storage, outputPrefix, hasOutputs }), storage, signal);
}

/** What the backend tells a container of its execution (contract of the entrypoint, 9.1). */
function executionVariables(
  { id }: TaskTemplate,
  attempt: number,
  given: Partial<ExecutionIdentity>,
): Readonly<Record<string, string>> {
  const project = given.project ?? id?.project ?? "";
  const domain = given.domain ?? id?.domain ?? "";
  return {
    FLYTE_INTERNAL_EXECUTION_ID: given.name ?? "local",
    FLYTE_INTERNAL_EXECUTION_PROJECT: project,
    FLYTE_INTERNAL_EXECUTION_DOMAIN: domain,
    FLYTE_INTERNAL_EXECUTION_WORKFLOW: given.workflow ?? "",
    FLYTE_ATTEMPT_NUMBER: String(attempt),
    FLYTE_INTERNAL_TASK_PROJECT: project,
    FLYTE_INTERNAL_TASK_DOMAIN: domain,
    FLYTE_INTERNAL_TASK_NAME: given.task ?? id?.name ?? "",
    FLYTE_INTERNAL_TASK_VERSION: given.version ?? id?.version ?? "",
  };
}
