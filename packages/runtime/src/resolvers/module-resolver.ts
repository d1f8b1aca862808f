import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type AnyEntity,
  type ExecutableTask,
  entryUrl,
  exportedEntities,
  FlyteError,
  findPackage,
  findTask,
  moduleResolverName,
  type ResolverContext,
  reachable,
  type TaskResolver,
} from "@flyte-ts/core/plugin";
import { taskWith } from "./task-with.ts";

/** Finds the tasks that a user wrote: `module <specifier relative to the working folder> entity <name>`. */
export class ModuleResolver implements TaskResolver {
  readonly name = "flyte-ts.module";

  async load(loaderArgs: readonly string[], { projectDirectory }: ResolverContext): Promise<ExecutableTask> {
    const [module, specifier = "", entity, name = "", ...more] = loaderArgs;
    if (module !== "module" || entity !== "entity" || specifier === "" || name === "" || more.length > 0) {
      throw new FlyteError(
        "InvalidInput",
        `flyte-ts.module takes "module <file> entity <name>" behind --, not "${loaderArgs.join(" ")}"`,
      );
    }
    const url = moduleUrl(specifier, projectDirectory);
    let namespace: Readonly<Record<string, unknown>>;
    try {
      namespace = await import(/* @vite-ignore */ url);
    } catch (error) {
      throw FlyteError.from(error, "TaskFailed");
    }
    const task = findTask(namespace, name);
    return task.dispatchDynamic === undefined ? task : withModule(task, namespace);
  }
}

/** A dynamic task that knows which tasks the containers of its module find. */
function withModule(task: ExecutableTask, namespace: Readonly<Record<string, unknown>>): ExecutableTask {
  const found = reachable(exportedEntities(namespace));
  return taskWith(task, {
    dispatchExecute: (context, inputs) => task.dispatchExecute(context, inputs),
    dispatchDynamic: async (context, inputs, place) => {
      if (task.dispatchDynamic === undefined) return task.dispatchExecute(context, inputs);
      const finds = (one: AnyEntity): boolean => !isModuleTask(one) || found.has(one);
      return task.dispatchDynamic(context, inputs, { ...place, finds });
    },
  });
}

const isModuleTask = (task: object): boolean => "resolver" in task && task.resolver === moduleResolverName;

/** A file below the folder, or else an entry of a package that is installed for it. */
function moduleUrl(specifier: string, directory: string): string {
  const file = resolve(directory, specifier);
  if (existsSync(file) && statSync(file).isFile()) return pathToFileURL(file).href;
  const [, packageName, entry = ""] = /^((?:@[^/]+\/)?[^./@][^/]*)(\/.*)?$/.exec(specifier) ?? [];
  const found = packageName === undefined ? undefined : findPackage(packageName, [directory]);
  if (found !== undefined) return entryUrl(found, `.${entry}`);
  throw new FlyteError(
    "NotFound",
    `there is no module "${specifier}" in ${directory}: it must be a file, relative to that folder, or an entry of an installed package`,
  );
}
