import { join } from "node:path";
import { run } from "../python.ts";
import { checkout } from "../task-files.ts";
import type { GivenCluster } from "./set-up-cluster.ts";

/** How the command is called. */
export interface CommandCall {
  /** The command's words, before its flags. */
  readonly words: readonly string[];
  /** Where what it writes goes. */
  readonly output: string;
  readonly version: string;
  /** Flags besides those that say where the entities are registered. */
  readonly flags?: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/**
 * Runs `flyte-ts serialize` or `flyte-ts package`, as their users do, for the cluster's project and images.
 * @throws Error with what the command says when it fails.
 */
export async function flyteTs(
  { image, registry }: GivenCluster,
  { words, output, version, flags = {}, cwd, env }: CommandCall,
): Promise<void> {
  const all = {
    output,
    image,
    version,
    project: "flytesnacks",
    domain: "development",
    "image-registry": registry,
    ...flags,
  };
  const args = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
  const command = join(checkout, "node_modules/.bin/flyte-ts");
  const { status, stderr } = await run(command, [...words, ...args], { cwd, ...(env === undefined ? {} : { env }) });
  if (status !== 0) throw new Error(`flyte-ts ${words[0]} ends with ${status}: ${stderr}`);
}
