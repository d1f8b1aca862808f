import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { TaskSpec } from "@flyte-ts/core";
import { run } from "../python.ts";
import { checkout } from "../task-files.ts";
import type { FlyteClient } from "./client.ts";
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
  { image, registry }: GivenCluster,
  folder: string,
  { root, file, workflow, env }: Packaged,
): Promise<Registered> {
  const version = randomUUID().slice(0, 8);
  const unpacked = join(folder, `${workflow}-${version}`);
  const flags = {
    output: `${unpacked}.tgz`,
    image,
    version,
    project: "flytesnacks",
    domain: "development",
    "image-registry": registry,
  };
  const words = Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
  const command = join(checkout, "node_modules/.bin/flyte-ts");
  const { status, stderr } = await run(command, ["package", file, "--fast", ...words], {
    cwd: join(checkout, root),
    ...(env === undefined ? {} : { env }),
  });
  if (status !== 0) throw new Error(`flyte-ts package ends with ${status}: ${stderr}`);
  await mkdir(unpacked);
  const untarred = await run("tar", ["-xzf", flags.output, "-C", unpacked]);
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
