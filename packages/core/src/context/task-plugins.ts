import { FlyteError } from "../errors/flyte-error.ts";
import type { AnyEntity } from "../graph/entity.ts";
import type { ContainerOptions } from "../task/container-options.ts";
import type { TaskFunction } from "../task/function-task.ts";
import type { Types } from "../types/type-transformer.ts";

/** What `task(…)` hands to the task class of its config. */
export interface ConfiguredTaskParts<Config extends object> extends ContainerOptions {
  readonly name: string;
  readonly inputs: Types;
  readonly outputs: Types;
  /** True when a call yields the one output itself, not a record. */
  readonly unwrapped: boolean;
  /** The author's function; left out where the task runs none. */
  readonly run?: TaskFunction<Types, unknown>;
  readonly config: Config;
}

/** A class of configs, such as `Spark`. */
export type ConfigClass<Config extends object> = abstract new (...args: never[]) => Config;

/**
 * The class of the tasks that have a config: a `FunctionTask` with more in its template, or a `TemplateTask`, of which
 * only the interface counts and whose function is never run.
 */
export type TaskClass<Config extends object> = new (parts: ConfiguredTaskParts<Config>) => AnyEntity;

/** Which class of tasks stands behind `task({ config, … })`, by the class of the config. */
export class TaskPlugins {
  readonly #classes = new Map<unknown, TaskClass<never>>();

  /**
   * Makes tasks with a config of a class tasks of another class.
   * @throws FlyteError `AlreadyExists` when the config's class has another task class already.
   */
  register<Config extends object>(config: ConfigClass<Config>, task: TaskClass<Config>): void {
    const other = this.#classes.get(config);
    if (other === task) return;
    if (other !== undefined) {
      throw new FlyteError(
        "AlreadyExists",
        `tasks with a config ${config.name} are ${other.name} already; ${task.name} cannot have it too`,
      );
    }
    this.#classes.set(config, task as TaskClass<never>);
  }

  /**
   * The task class of a config.
   * @throws FlyteError `InvalidDefinition` when its class is registered nowhere.
   */
  find<Config extends object>(task: string, config: Config): TaskClass<Config> {
    const found = this.#classes.get(config.constructor);
    if (found !== undefined) return found as TaskClass<Config>;
    const known = [...this.#classes.keys()].map((each) => (each as { readonly name: string }).name);
    throw new FlyteError(
      "InvalidDefinition",
      `task ${task}: no plugin knows a config ${config.constructor?.name ?? "without a class"}; ${
        known.length === 0 ? "none is registered" : `there are ${known.join(", ")}`
      }: import the package that the config comes from`,
    );
  }
}
