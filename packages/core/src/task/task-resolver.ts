import type { Log } from "../context/log.ts";
import type { StorageRegistry } from "../storage/storage-registry.ts";
import type { ExecutableTask } from "./executable-task.ts";

/** What a resolver may use to find a task. */
export interface ResolverContext {
  readonly storage: StorageRegistry;
  readonly log: Log;
  /** The folder that module specifiers are relative to. */
  readonly projectDirectory: string;
  readonly signal: AbortSignal;
}

/** Finds a task from the arguments that stand behind `--` in a container's command (`loader args`). */
export interface TaskResolver {
  /** What stands behind `--resolver`. */
  readonly name: string;
  /** @throws FlyteError `InvalidInput`, `NotFound`, `InvalidDefinition`, `UnknownTaskType`. */
  load(loaderArgs: readonly string[], context: ResolverContext): Promise<ExecutableTask>;
}
