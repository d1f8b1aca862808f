import {
  type DynamicJobSpec,
  type ExecutableTask,
  type FlyteContext,
  FlyteError,
  IgnoreOutputs,
  LiteralMap,
  type Log,
  type ResolverContext,
  type SerializationSettings,
} from "@flyte-ts/core/plugin";
import { asSystemFault } from "./system-fault.ts";
import type { Surroundings } from "./task-surroundings.ts";

/** A task, and whose fault it is when it throws something that is no `FlyteError`. */
export interface LoadedTask {
  readonly task: ExecutableTask;
  /** `TaskFailed` is the user's, `Internal` the system's. */
  readonly failure: "TaskFailed" | "Internal";
}

/** What came of a task. */
export type Result =
  | { readonly kind: "outputs"; readonly outputs: LiteralMap }
  | { readonly kind: "futures"; readonly futures: DynamicJobSpec }
  | { readonly kind: "error"; readonly error: FlyteError }
  | { readonly kind: "ignored" };

/** What a run needs. */
export interface TaskRunOptions {
  readonly load: (context: ResolverContext) => Promise<LoadedTask>;
  /** The URI of `inputs.pb`. */
  readonly inputs: string;
  readonly projectDirectory: string;
  readonly signal: AbortSignal;
  readonly crashed: Promise<never> | undefined;
  readonly context: FlyteContext;
  readonly surroundings: Surroundings;
  readonly log: Log;
  /** How a task that makes tasks compiles them. @throws FlyteError when the container was not told. */
  readonly settings: () => SerializationSettings;
}

/** One run of a task, from its loading to its outputs. */
export class TaskRun {
  /** What comes of the task; never rejects. */
  readonly result: Promise<Result>;
  readonly #options: TaskRunOptions;
  #loaded: LoadedTask | undefined;

  constructor(options: TaskRunOptions) {
    this.#options = options;
    const { crashed } = options;
    const work = crashed === undefined ? this.#work() : Promise.race([this.#work(), crashed]);
    this.result = work.catch((thrown: unknown): Result => {
      if (IgnoreOutputs.is(thrown)) return { kind: "ignored" };
      return { kind: "error", error: FlyteError.from(thrown, this.#loaded?.failure ?? "TaskFailed") };
    });
  }

  /** The task, once it is loaded. */
  get task(): ExecutableTask | undefined {
    return this.#loaded?.task;
  }

  /** Resolves some time after the signal: when the task has ended and its checkpoint is kept, or the grace is over. */
  async stopped(graceMs: number): Promise<undefined> {
    const { signal, context, surroundings } = this.#options;
    if (!signal.aborted) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    }
    const ended = this.result.then(() => surroundings.checkpoint.flush());
    const timer = new AbortController();
    await Promise.race([ended, context.clock.sleep(graceMs, { signal: timer.signal }).catch(() => {})]);
    timer.abort();
    return undefined;
  }

  async #work(): Promise<Result> {
    const { load, signal, log, projectDirectory, context, surroundings } = this.#options;
    const reading = this.#readInputs();
    // It is awaited after the task is loaded, whose failure comes first.
    reading.catch(() => {});
    this.#loaded = await load({ storage: context.storage, log, projectDirectory, signal });
    const { task } = this.#loaded;
    const inputs = await reading;
    const returned: unknown =
      task.dispatchDynamic === undefined
        ? await task.dispatchExecute(surroundings.task, inputs)
        : await task.dispatchDynamic(surroundings.task, inputs, {
            settings: this.#options.settings(),
            finds: () => true,
          });
    const type = (returned as { readonly $typeName?: string } | undefined)?.$typeName;
    if (type === "flyteidl.core.LiteralMap") return { kind: "outputs", outputs: returned as LiteralMap };
    if (type === "flyteidl.core.DynamicJobSpec") return { kind: "futures", futures: returned as DynamicJobSpec };
    throw new FlyteError(
      "UnknownOutput",
      `the task ${task.name} returned ${type ?? typeof returned}, where a LiteralMap or a DynamicJobSpec is needed`,
    );
  }

  async #readInputs(): Promise<LiteralMap> {
    const { inputs: uri, signal, context } = this.#options;
    try {
      const map = decoded(await context.storage.readBytes(uri, { signal }), uri);
      if (!Object.values(map.literals).some(mayHoldOffloaded)) return map;
      const { dereferenced } = await import("./offloading.ts");
      return await dereferenced(map, context.storage, signal);
    } catch (error) {
      if (FlyteError.is(error) && error.code === "ConversionFailed") throw error;
      throw asSystemFault(error, `the inputs ${uri} cannot be read`);
    }
  }
}

/** Flyte v2's `task.Inputs` has the same bytes as a `LiteralMap`, and is taken as well. */
function decoded(bytes: Uint8Array, uri: string): LiteralMap {
  try {
    return LiteralMap.decode(bytes);
  } catch (cause) {
    throw new FlyteError("ConversionFailed", `the inputs ${uri} are ${(cause as Error).message}`, { cause });
  }
}

/** A plain scalar holds no other literal. */
const mayHoldOffloaded = ({ value }: LiteralMap["literals"][string]): boolean =>
  value.case !== "scalar" || value.value.value.case === "union";
