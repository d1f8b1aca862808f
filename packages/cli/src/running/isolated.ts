import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import {
  type AnyEntity,
  type ExecutableTask,
  type ExecuteTask,
  isEntity,
  isTask,
  pluginsVariable,
  reachable,
} from "@flyte-ts/core/plugin";
import { isolate } from "@flyte-ts/runtime";
import { inProcess } from "./in-process.ts";

/** How tasks are isolated. */
export interface IsolatedOptions {
  /** The module's absolute path. */
  readonly module: string;
  /** What is run, with all that its graph reaches. */
  readonly entity: AnyEntity;
  /** True: the container's own log is shown as well. */
  readonly debug: boolean;
}

/** The image that a function task's template names; nothing pulls it. */
const noImage = "local/none:0";

/**
 * Runs every task that has a container through its real command, in a process of its own; a connector's task runs here. The processes work in the working folder,
 * or, when the module is not below that, in the folder of the module's package, as an image would have it.
 */
export function isolated({ module, entity, debug }: IsolatedOptions): ExecuteTask {
  const here = process.cwd();
  const cwd = isBelow(module, here) ? here : packageFolder(module);
  const settings = {
    project: "local",
    domain: "local",
    version: "local",
    module: relative(cwd, module),
    image: noImage,
  };
  const tasks = new Map([...reachable([entity])].filter(isTask).map((task) => [task.name, task]));
  const plugins = [...tasks.values()].flatMap((task) => pluginOf(task));
  return (executed, inputs, place) => {
    const { directory, signal, attempt = 0 } = place;
    // What a dynamic task calls is in no graph that was known before.
    const task = tasks.get(executed.name) ?? asTask(executed);
    if (task === undefined) throw new Error(`the task ${executed.name} is not in the graph of ${entity.name}`);
    const template = task.template(settings);
    // a connector's task has no container on a cluster either
    if (template.target.case === undefined && "dispatchExecute" in task) return inProcess(executed, inputs, place);
    const env = { [pluginsVariable]: [...new Set([...plugins, ...pluginOf(task)])].join(","), ...process.env };
    const show = new ChildOutput(debug);
    return isolate({
      template,
      inputs,
      directory,
      signal,
      attempt,
      cwd,
      env,
      execution: { name: "local" },
      output: (stream, chunk) => show.write(stream, chunk),
    }).finally(() => show.end());
  };
}

/** What a process prints, without the lines of the entrypoint's own log: what it says there is told anyhow. */
class ChildOutput {
  readonly #all: boolean;
  #rest = "";

  constructor(all: boolean) {
    this.#all = all;
  }

  write(stream: "stdout" | "stderr", chunk: Uint8Array): void {
    if (stream === "stdout" || this.#all) {
      process[stream].write(chunk);
      return;
    }
    const lines = (this.#rest + Buffer.from(chunk).toString("utf8")).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(`${line}\n`);
  }

  end(): void {
    if (this.#rest !== "") this.#line(this.#rest);
    this.#rest = "";
  }

  #line(line: string): void {
    if (!line.startsWith("[flyte-ts] ")) process.stderr.write(line);
  }
}

function asTask(executed: ExecutableTask & object) {
  const entity: unknown = executed;
  return isEntity(entity) && isTask(entity) ? entity : undefined;
}

/** The package of the plugin that runs a template task. */
function pluginOf(task: object): string[] {
  const { plugin } = task as { readonly plugin?: { readonly package?: { readonly name?: string } } };
  const name = plugin?.package?.name;
  return name === undefined ? [] : [name];
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return !way.startsWith("..") && !isAbsolute(way);
}

function packageFolder(path: string): string {
  for (let at = dirname(path); ; at = dirname(at)) {
    if (existsSync(join(at, "package.json"))) return at;
    if (at === dirname(at)) return dirname(path);
  }
}
