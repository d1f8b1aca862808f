import {
  type ExecutableTask,
  elementInputs,
  FlyteError,
  mapResolverName,
  type ResolverContext,
  type TaskResolver,
} from "@flyte-ts/core/plugin";
import { arrayIndex, type Environment } from "../container/environment.ts";
import { taskWith } from "./task-with.ts";

/**
 * Runs one element of a map task: `vars <bound inputs> resolver <resolver> <its arguments…>`, flytekit's arguments with
 * our names. The container is given all lists, and takes the items of its own element; what comes out is the output of
 * this one.
 */
export class MapResolver implements TaskResolver {
  readonly name = mapResolverName;
  readonly #env: Environment;
  readonly #inner: (name: string) => Promise<TaskResolver>;

  /** @param inner gives the resolver of the task that runs for each element. */
  constructor(env: Environment, inner: (name: string) => Promise<TaskResolver>) {
    this.#env = env;
    this.#inner = inner;
  }

  async load(loaderArgs: readonly string[], context: ResolverContext): Promise<ExecutableTask> {
    const [vars, names = "", resolver, innerName = "", ...innerArgs] = loaderArgs;
    if (vars !== "vars" || resolver !== "resolver" || innerName === "" || innerName === this.name) {
      throw new FlyteError(
        "InvalidInput",
        `${this.name} takes "vars <bound inputs> resolver <name> <its arguments>" behind --, not "${loaderArgs.join(" ")}"`,
      );
    }
    const index = arrayIndex(this.#env);
    const inner = await this.#inner(innerName);
    const task = await inner.load(innerArgs, context);
    return taskWith(task, {
      dispatchExecute: (own, inputs) => task.dispatchExecute(own, elementInputs(inputs, names.split(","), index)),
    });
  }
}
