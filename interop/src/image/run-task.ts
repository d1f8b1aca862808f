import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ErrorDocument, LiteralMap, TaskTemplate } from "@flyte-ts/core/plugin";
import type { ContainerEnd, ContainerHost } from "./container.ts";

/** A task to run in its image, as files. */
export interface ImageTask {
  readonly image: string;
  /** The file that holds the `TaskTemplate`. */
  readonly template: string;
  /** The file that holds the inputs, a `LiteralMap`. */
  readonly inputs: string;
  /** A folder of this machine in which the task's files lie; the container sees it under the same path. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a task left behind. */
export interface ImageTaskEnd extends ContainerEnd {
  readonly outputs: LiteralMap | undefined;
  readonly error: ErrorDocument | undefined;
  /** The command line that ran: the template's, with the cluster's values in it. */
  readonly args: readonly string[];
}

/**
 * Runs a task in its image as a cluster does: with the arguments that stand in its template, into which the paths of its
 * files are written, behind the image's own entrypoint, and on a read-only root. The task's files are in a folder that it
 * can write.
 */
export async function runInImage(host: ContainerHost, task: ImageTask): Promise<ImageTaskEnd> {
  const template = TaskTemplate.decode(await readFile(task.template));
  if (template.target.case !== "container") throw new Error(`${task.template} has no container`);
  const { command, args } = template.target.value;
  if (command.length > 0) throw new Error(`${task.template} sets a command: ${command.join(" ")}`);
  const prefix = join(task.folder, "out");
  await writableFolder(task.folder);
  await writableFolder(prefix);
  await writeFile(join(task.folder, "inputs.pb"), await readFile(task.inputs));
  await writeFile(join(task.folder, "task.pb"), await readFile(task.template));
  const values: Readonly<Record<string, string>> = {
    input: join(task.folder, "inputs.pb"),
    outputprefix: prefix,
    rawoutputdataprefix: join(task.folder, "raw"),
    tasktemplatepath: join(task.folder, "task.pb"),
    checkpointoutputprefix: join(task.folder, "checkpoint"),
    prevcheckpointprefix: '""',
  };
  const rendered = args.map((arg) =>
    arg.replaceAll(/\{\{\s*[.$]([a-z.]+)\s*\}\}/gi, (whole, name: string) => values[name.toLowerCase()] ?? whole),
  );
  const mounts = [{ source: task.folder, target: task.folder }];
  const container = await host.start({ image: task.image, args: rendered, mounts, ...(task.env && { env: task.env }) });
  const ended = await container.ended;
  const result = async (name: string): Promise<Buffer | undefined> =>
    readFile(join(prefix, name)).catch(() => undefined);
  const [outputs, error] = await Promise.all([result("outputs.pb"), result("error.pb")]);
  return {
    ...ended,
    args: rendered,
    outputs: outputs && LiteralMap.decode(outputs),
    error: error && ErrorDocument.decode(error),
  };
}

/** A folder that the image's user, whoever that is here, can write. */
export async function writableFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o777);
}
