import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { TaskSpec } from "@flyte-ts/core";
import { run } from "../python.ts";
import { checkout } from "../task-files.ts";
import type { FlyteClient } from "./client.ts";
import { flyteTs } from "./flyte-ts.ts";
import type { Registered } from "./registered.ts";
import type { GivenCluster } from "./set-up-cluster.ts";

/** What to package. */
export interface Packaged {
  /** The folder that stands for the container's working folder, from the checkout's root. */
  readonly root: string;
  /** The file, from there. */
  readonly file: string;
  /** The workflow's name. */
  readonly workflow: string;
  /** Added to the environment in which the file is loaded. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Packages a file with its code by `flyte-ts package --fast`, as its users do, and registers the archive as `flytectl
 * register` does: the code is uploaded without its compression, and its URI stands in the tasks' arguments then.
 */
export async function registerPackaged(
  client: FlyteClient,
  cluster: GivenCluster,
  folder: string,
  { root, file, workflow, env }: Packaged,
): Promise<Registered> {
  const version = randomUUID().slice(0, 8);
  const unpacked = join(folder, `${workflow}-${version}`);
  const output = `${unpacked}.tgz`;
  await flyteTs(cluster, { words: ["package", file, "--fast"], output, version, cwd: join(checkout, root), env });
  await mkdir(unpacked);
  const untarred = await run("tar", ["-xzf", output, "-C", unpacked]);
  if (untarred.status !== 0) throw new Error(`tar ends with ${untarred.status}: ${untarred.stderr}`);
  await fillIn(client, unpacked);
  await client.register(unpacked);
  return { workflow, version };
}

/** Uploads the code, and says in the tasks where it is (flytectl's register_util.go). */
async function fillIn(client: FlyteClient, folder: string): Promise<void> {
  const names = await readdir(folder);
  const archive = names.find((name) => /^fast.*\.tar\.gz$/.test(name)) ?? "";
  const plain = join(folder, `plain-${archive}`);
  await writeFile(plain, gunzipSync(await readFile(join(folder, archive))));
  const values = new Map([
    ["{{ .remote_package_path }}", await client.upload(plain)],
    ["{{ .dest_dir }}", "."],
  ]);
  for (const name of names.filter((one) => one.endsWith("_1.pb"))) {
    const spec = TaskSpec.decode(await readFile(join(folder, name)));
    const target = spec.template?.target;
    if (target?.case !== "container") continue;
    target.value.args = target.value.args.map((argument) => values.get(argument) ?? argument);
    await writeFile(join(folder, name), TaskSpec.encode(spec));
  }
}
