import { fileURLToPath } from "node:url";
import {
  type ExecutableTask,
  FlyteError,
  loadPlugins,
  pluginPackages,
  type ResolverContext,
  ShimTask,
  type TaskResolver,
  TaskTemplate,
} from "@flyte-ts/core/plugin";
import type { Environment } from "../container/environment.ts";
import { asSystemFault } from "../container/system-fault.ts";

/**
 * Finds the tasks that are whole in their template: `<URI of task.pb> <plugin's package>`. Who runs one is decided by the
 * template's task type alone, among the plugins of `FLYTE_TS_PLUGINS`, or those that the project depends on. So the
 * second argument may be anything, a class of flytekit's for instance.
 */
export class TemplateResolver implements TaskResolver {
  readonly name = "flyte-ts.template";
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  async load(loaderArgs: readonly string[], context: ResolverContext): Promise<ExecutableTask> {
    const { storage, log, projectDirectory, signal } = context;
    const [uri = "", , ...more] = loaderArgs;
    if (uri === "" || /^\{\{.*\}\}$/.test(uri) || more.length > 0) {
      throw new FlyteError(
        "InvalidInput",
        `flyte-ts.template takes "<URI of task.pb> <plugin package>" behind --, not "${loaderArgs.join(" ")}"`,
      );
    }
    const reading = readTemplate(uri, storage, signal);
    const loading = loadPlugins({
      packages: pluginPackages(this.#env),
      directory: projectDirectory,
      otherDirectories: [fileURLToPath(new URL(".", import.meta.url))],
      log,
    });
    const [template, plugins] = await Promise.all([reading, loading]);
    return new ShimTask(template, await plugins.executor(template.type));
  }
}

async function readTemplate(
  uri: string,
  storage: ResolverContext["storage"],
  signal: AbortSignal,
): Promise<TaskTemplate> {
  let bytes: Uint8Array;
  try {
    bytes = await storage.readBytes(uri, { signal });
  } catch (error) {
    throw asSystemFault(error, `the task's template ${uri} cannot be read`);
  }
  const template = TaskTemplate.decode(bytes);
  if (template.type !== "") return template;
  throw new FlyteError("InvalidDefinition", `the task's template ${uri} has no type: it is not what a compiler wrote`);
}
