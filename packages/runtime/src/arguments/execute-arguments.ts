import { FlyteError } from "@flyte-ts/core/plugin";
import { type Flag, parseFlags } from "./flags.ts";

/** Where code that was registered without an image comes from, and where it goes. */
export interface DistributionArguments {
  /** The archive's URI. */
  readonly archive: string;
  /** A folder that exists; the working folder by default. */
  readonly destination: string | undefined;
}

/** What `pyflyte-execute` and our own command are told, with values that were never rendered left out. */
export interface ExecuteArguments {
  /** The URI of `inputs.pb`. */
  readonly inputs: string;
  /** The folder's URI that the result goes to. */
  readonly outputPrefix: string;
  readonly rawOutputPrefix: string | undefined;
  readonly checkpointPath: string | undefined;
  readonly previousCheckpoint: string | undefined;
  /** True: everything is parsed, nothing is run. */
  readonly test: boolean;
  readonly resolver: string;
  /** What the resolver finds the task by; at least one. */
  readonly loaderArgs: readonly string[];
  /** Code to fetch before the task is loaded. */
  readonly distribution: DistributionArguments | undefined;
  /** The code that is in place already, for tasks that make tasks. */
  readonly dynamic: DistributionArguments | undefined;
}

/** The flags that say where code comes from. */
export const distributionFlags: readonly Flag[] = [
  {
    name: "--additional-distribution",
    example: "s3://bucket/fast.tar.gz",
    purpose: "an archive of code to unpack before the task is loaded",
  },
  { name: "--dest-dir", example: ".", purpose: "the folder to unpack it into; the working folder by default" },
];

/** The flags of `pyflyte-execute`. */
export const executeFlags: readonly Flag[] = [
  { name: "--inputs", example: "s3://bucket/…/inputs.pb", purpose: "where the inputs are" },
  { name: "--output-prefix", example: "s3://bucket/…/0", purpose: "the folder for outputs.pb or error.pb" },
  { name: "--raw-output-data-prefix", example: "s3://bucket/data/…", purpose: "the folder for files and datasets" },
  { name: "--checkpoint-path", example: "s3://bucket/…/_flytecheckpoints", purpose: "the folder for checkpoints" },
  { name: "--prev-checkpoint", example: "s3://bucket/…/_flytecheckpoints", purpose: "that of the previous attempt" },
  { name: "--test", purpose: "check the arguments, and run nothing" },
  { name: "--dynamic-addl-distro", example: "s3://bucket/fast.tar.gz", purpose: "for tasks that make tasks" },
  { name: "--dynamic-dest-dir", example: ".", purpose: "for tasks that make tasks" },
  { name: "--resolver", example: "flyte-ts.module", purpose: "how the task is found" },
];

/** The flag that `pyflyte-map-execute` has besides. */
export const mapFlags: readonly Flag[] = [
  ...executeFlags,
  { name: "--max-concurrency", example: "4", purpose: "how many elements run at once" },
];

/**
 * The arguments of one task.
 * @param flags those that the command has.
 * @throws FlyteError `InvalidInput` that names the flag, its value, and what would be right.
 */
export function executeArguments(command: string, args: readonly string[], flags: readonly Flag[]): ExecuteArguments {
  const { values, switches, rest } = parseFlags(command, args, flags);
  const fault = (message: string): FlyteError => new FlyteError("InvalidInput", `${command}: ${message}`);
  const required = (name: string): string => {
    const value = values.get(name);
    const example = flags.find((flag) => flag.name === name)?.example;
    if (value === undefined || value === "") throw fault(`${name} is missing; give it a value, such as ${example}`);
    if (isUnrendered(value))
      throw fault(`${name} is "${value}", a template that nothing filled in; it must be such as ${example}`);
    return value;
  };
  const optional = (name: string): string | undefined => {
    const value = values.get(name);
    return value === undefined || value === "" || value === '""' || isUnrendered(value) ? undefined : value;
  };
  const inputs = required("--inputs");
  const outputPrefix = required("--output-prefix");
  const resolver = required("--resolver");
  if (rest.length === 0) {
    throw fault(
      `nothing stands behind --; the resolver ${resolver} needs arguments, such as: -- module src/flow.ts entity my-task`,
    );
  }
  const concurrency = values.get("--max-concurrency");
  if (concurrency !== undefined && !/^\d+$/.test(concurrency)) {
    throw fault(`--max-concurrency is "${concurrency}"; it must be a whole number`);
  }
  const dynamic = optional("--dynamic-addl-distro");
  return {
    inputs,
    outputPrefix,
    rawOutputPrefix: optional("--raw-output-data-prefix"),
    checkpointPath: optional("--checkpoint-path"),
    previousCheckpoint: optional("--prev-checkpoint"),
    test: switches.has("--test"),
    resolver,
    loaderArgs: rest,
    distribution: distributionOf(command, values),
    dynamic: dynamic === undefined ? undefined : { archive: dynamic, destination: optional("--dynamic-dest-dir") },
  };
}

/** @throws FlyteError `InvalidInput` when a value is a template that nothing filled in. */
export function distributionOf(
  command: string,
  values: ReadonlyMap<string, string>,
): DistributionArguments | undefined {
  const archive = values.get("--additional-distribution");
  if (archive === undefined || archive === "") return undefined;
  const destination = values.get("--dest-dir");
  for (const [name, value] of [
    ["--additional-distribution", archive],
    ["--dest-dir", destination],
  ]) {
    if (value === undefined || !isUnrendered(value)) continue;
    throw new FlyteError(
      "InvalidInput",
      `${command}: ${name} is "${value}", a template that nothing filled in: the task was registered without its archive of code`,
    );
  }
  return { archive, destination: destination === "" ? undefined : destination };
}

/** True for a Go template that is still there as it was written. */
const isUnrendered = (value: string): boolean => /^\{\{.*\}\}$/s.test(value.trim());
