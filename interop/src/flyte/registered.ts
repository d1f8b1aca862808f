import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LiteralMap } from "@flyte-ts/core/plugin";
import { checkout } from "../task-files.ts";
import type { FlyteClient } from "./client.ts";
import { flyteTs } from "./flyte-ts.ts";
import type { GivenCluster } from "./set-up-cluster.ts";

/** What to serialise, and how. */
export interface Serialized {
  /** The file, from the checkout's root. */
  readonly file: string;
  /** The workflow's name. */
  readonly workflow: string;
  /** The module as the container finds it. */
  readonly module: string;
  /** Added to the environment in which the file is loaded. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A registered workflow. */
export interface Registered {
  readonly workflow: string;
  readonly version: string;
}

/** Serialises a workflow with `flyte-ts serialize`, as its users do, and registers what that wrote. */
export async function register(
  client: FlyteClient,
  cluster: GivenCluster,
  folder: string,
  { file, workflow, module, env }: Serialized,
): Promise<Registered> {
  const version = randomUUID().slice(0, 8);
  const output = join(folder, `${workflow}-${version}`);
  const words = ["serialize", file, workflow];
  await flyteTs(cluster, { words, output, version, flags: { module }, cwd: checkout, env });
  await client.register(output);
  return { workflow, version };
}

/** Serialises all that a file exports, and registers what that wrote; the version. @throws Error with what is refused. */
export async function registerFile(
  client: FlyteClient,
  cluster: GivenCluster,
  folder: string,
  { file, module, env }: Omit<Serialized, "workflow">,
): Promise<string> {
  const version = randomUUID().slice(0, 8);
  const output = join(folder, version);
  await flyteTs(cluster, { words: ["serialize", file], output, version, flags: { module }, cwd: checkout, env });
  const refused = Object.entries(await client.registerAll(output)).filter(([, error]) => error !== null);
  if (refused.length > 0) throw new Error(refused.map(([name, error]) => `${name}: ${error}`).join("\n"));
  return version;
}

/** Launches a workflow on inputs in protobuf's JSON; the execution's name. */
export async function launch(
  client: FlyteClient,
  folder: string,
  { workflow, version }: Registered,
  literals: Readonly<Record<string, object>>,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const inputs = join(folder, `${randomUUID()}-inputs.pb`);
  await writeFile(inputs, LiteralMap.encode(LiteralMap.fromJson({ literals: { ...literals } as never })));
  return client.launch(workflow, version, inputs);
}
