import { mkdir, readFile, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { Dataset, FlyteContext } from "@flyte-ts/core";
import { ErrorDocument, LiteralMap } from "@flyte-ts/core/plugin";
import { type Ended, python, pythonSettings, run } from "./python.ts";

/** The root of this checkout. */
export const checkout: string = join(import.meta.dirname, "../..");

/** Where one run of a task has its files. */
export interface TaskFiles {
  readonly template: string;
  readonly inputs: string;
  /** The folder for `outputs.pb` or `error.pb`; it is made. */
  readonly outputPrefix: string;
}

/** The arguments of a container with the cluster's values in them, as propeller fills them in. */
export function renderArguments(args: readonly string[], { template, inputs, outputPrefix }: TaskFiles): string[] {
  const values: Readonly<Record<string, string>> = {
    input: inputs,
    outputprefix: outputPrefix,
    rawoutputdataprefix: join(outputPrefix, "raw"),
    tasktemplatepath: template,
    checkpointoutputprefix: join(outputPrefix, "checkpoint"),
    prevcheckpointprefix: '""',
  };
  return args.map((arg) =>
    arg.replaceAll(/\{\{\s*[.$]([a-z.]+)\s*\}\}/gi, (whole, name: string) => values[name.toLowerCase()] ?? whole),
  );
}

/** Runs a container's command line with flytekit's programs. */
export async function runWithFlytekit(args: readonly string[], files: TaskFiles): Promise<Ended> {
  return execute(args, files, join(python(), ".."), pythonSettings);
}

/**
 * Runs a container's command line with our built entrypoint, which answers to flytekit's command as well.
 * @param commands a folder of the test's own, for the names that the entrypoint is called by.
 */
export async function runWithEntrypoint(
  args: readonly string[],
  files: TaskFiles,
  commands: string,
  env: Readonly<Record<string, string>> = { FLYTE_TS_PLUGINS: "@flyte-ts/sqlite3" },
): Promise<Ended> {
  await mkdir(commands, { recursive: true });
  for (const name of ["flyte-ts-execute", "pyflyte-execute"]) {
    await symlink(join(checkout, "node_modules/.bin/flyte-ts-execute"), join(commands, name)).catch(
      (error: { code?: string }) => {
        if (error.code !== "EEXIST") throw error;
      },
    );
  }
  return execute(args, files, commands, env);
}

async function execute(
  args: readonly string[],
  files: TaskFiles,
  programs: string,
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  await mkdir(files.outputPrefix, { recursive: true });
  const [program = "", ...rest] = renderArguments(args, files);
  const path = `${programs}${delimiter}${process.env.PATH ?? ""}`;
  // `env` looks the program up in the PATH that it is given; `spawn` would look in this process's own.
  return run("env", [`PATH=${path}`, program, ...rest], { cwd: files.outputPrefix, env });
}

/** What a task left behind as its result. */
export interface TaskResult {
  readonly outputs: LiteralMap | undefined;
  readonly error: ErrorDocument | undefined;
}

/** Reads the result files in an output prefix. */
export async function readResult(outputPrefix: string): Promise<TaskResult> {
  const bytes = (name: string): Promise<Buffer | undefined> =>
    readFile(join(outputPrefix, name)).catch((error: { code?: string }) => {
      if (error.code !== "ENOENT") throw error;
      return undefined;
    });
  const [outputs, error] = await Promise.all([bytes("outputs.pb"), bytes("error.pb")]);
  return { outputs: outputs && LiteralMap.decode(outputs), error: error && ErrorDocument.decode(error) };
}

/** The dataset in an output that is a structured dataset or a schema, opened with our reader. */
export function openOutput(outputs: LiteralMap | undefined, name = "results"): Dataset {
  const value = outputs?.literals[name]?.value;
  const scalar = value?.case === "scalar" ? value.value.value : undefined;
  if (scalar?.case !== "structuredDataset" && scalar?.case !== "schema") throw new Error(`${name} is no dataset`);
  return Dataset.open(scalar.value.uri, {}, FlyteContext.default());
}
