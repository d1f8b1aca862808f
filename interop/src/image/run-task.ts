import { chmod, copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { TaskTemplate } from "@flyte-ts/core/plugin";
import { readResult, renderArguments, type TaskResult } from "../task-files.ts";
import type { Container, ContainerEnd, ContainerHost, Mount } from "./container.ts";

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
export interface ImageTaskEnd extends ContainerEnd, TaskResult {
  /** The command line that ran: the template's, with the cluster's values in it. */
  readonly args: readonly string[];
}

/** A task that runs in its image. */
export interface RunningImageTask {
  readonly container: Container;
  /** The command line: the template's, with the cluster's values in it. */
  readonly args: readonly string[];
  /** The folder that the task's outputs go to. */
  readonly outputPrefix: string;
  /** What the container sees of this machine. */
  readonly mounts: readonly Mount[];
}

/**
 * Starts a task in its image as a cluster does: with the arguments that stand in its template, into which the paths of its
 * files are written, behind the image's own entrypoint, and on a read-only root. The task's files are in a folder that it
 * can write.
 */
export async function startInImage(host: ContainerHost, task: ImageTask): Promise<RunningImageTask> {
  const { target } = TaskTemplate.decode(await readFile(task.template));
  if (target.case !== "container") throw new Error(`${task.template} has no container`);
  if (target.value.command.length > 0)
    throw new Error(`${task.template} sets a command: ${target.value.command.join(" ")}`);
  const files = {
    template: join(task.folder, "task.pb"),
    inputs: join(task.folder, "inputs.pb"),
    outputPrefix: join(task.folder, "out"),
  };
  await writableFolder(task.folder);
  await writableFolder(files.outputPrefix);
  await copyFile(task.template, files.template);
  await copyFile(task.inputs, files.inputs);
  const args = renderArguments(target.value.args, files);
  const mounts = [{ source: task.folder, target: task.folder }];
  const container = await host.start({ image: task.image, args, mounts, ...(task.env && { env: task.env }) });
  return { container, args, mounts, outputPrefix: files.outputPrefix };
}

/** Runs a task in its image to its end, as `startInImage` starts it. */
export async function runInImage(host: ContainerHost, task: ImageTask): Promise<ImageTaskEnd> {
  const { container, args, mounts, outputPrefix } = await startInImage(host, task);
  const ended = await container.ended;
  // What the image's user made must be this user's to remove; root needs no leave.
  if (process.getuid?.() !== 0) {
    await (await host.start({ image: task.image, args: ["chmod", "-R", "a+rwX", outputPrefix], mounts })).ended;
  }
  return { ...ended, ...(await readResult(outputPrefix)), args };
}

/** A folder that the image's user, whoever that is here, can write. */
export async function writableFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o777);
}
