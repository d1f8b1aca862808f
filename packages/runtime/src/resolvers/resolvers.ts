import { FlyteError, type TaskResolver } from "@flyte-ts/core/plugin";
import type { Environment } from "../container/environment.ts";

/** flytekit's name of its resolver for template tasks (flytekit/core/python_customized_container_task.py). */
const flytekitTemplateResolver = "flytekit.core.python_customized_container_task.default_task_template_resolver";

/** A resolver, and whose fault it is when one of its tasks throws something that is no `FlyteError`. */
export interface ChosenResolver {
  readonly resolver: TaskResolver;
  /** `TaskFailed` (the user's) for code that the user wrote, `Internal` for a plugin's executor. */
  readonly failure: "TaskFailed" | "Internal";
}

/**
 * The resolver that `--resolver` names.
 * @throws FlyteError `InvalidInput` that lists the names.
 */
export async function resolverNamed(name: string, env: Environment): Promise<ChosenResolver> {
  switch (name) {
    case "flyte-ts.template":
    case flytekitTemplateResolver: {
      const { TemplateResolver } = await import("./template-resolver.ts");
      return { resolver: new TemplateResolver(env), failure: "Internal" };
    }
    case "flyte-ts.module": {
      const { ModuleResolver } = await import("./module-resolver.ts");
      return { resolver: new ModuleResolver(), failure: "TaskFailed" };
    }
    case "flyte-ts.map": {
      const { MapResolver } = await import("./map-resolver.ts");
      const inner = async (one: string) => (await resolverNamed(one, env)).resolver;
      return { resolver: new MapResolver(env, inner), failure: "TaskFailed" };
    }
  }
  const python = name.startsWith("flytekit") ? " (that is a task of flytekit's: it needs its Python image)" : "";
  throw new FlyteError(
    "InvalidInput",
    `no resolver is called "${name}"${python}; known are flyte-ts.module, flyte-ts.map, flyte-ts.template, ${flytekitTemplateResolver}`,
  );
}
