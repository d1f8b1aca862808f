import { AsyncLocalStorage } from "node:async_hooks";
import { DatasetStore } from "../dataset/dataset-store.ts";
import type { GraphBuilder } from "../graph/graph-builder.ts";
import { StorageRegistry } from "../storage/storage-registry.ts";
import { TypeEngine } from "../types/type-engine.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type Log, lineLog } from "./log.ts";
import { TaskPlugins } from "./task-plugins.ts";

/** What a host can put in the place of a context's own parts. */
export interface FlyteContextOptions {
  readonly storage?: StorageRegistry;
  readonly datasets?: DatasetStore;
  readonly types?: TypeEngine;
  readonly taskPlugins?: TaskPlugins;
  readonly clock?: Clock;
  readonly log?: Log;
}

const key: unique symbol = Symbol.for("flyte-ts.context");

/** The registries, and which workflow is being built: all that entities share. */
export class FlyteContext {
  readonly storage: StorageRegistry;
  readonly datasets: DatasetStore;
  readonly types: TypeEngine;
  /** Which class of tasks stands behind `task({ config, … })`. */
  readonly taskPlugins: TaskPlugins;
  readonly clock: Clock;
  readonly log: Log;
  readonly #builders: GraphBuilder[] = [];
  readonly #ownBuilders = new AsyncLocalStorage<GraphBuilder[]>();
  #problems: unknown[] | undefined;
  readonly #once = new Map<symbol, unknown>();

  constructor(options: FlyteContextOptions = {}) {
    this.storage = options.storage ?? new StorageRegistry();
    this.datasets = options.datasets ?? new DatasetStore();
    this.types = options.types ?? new TypeEngine();
    this.taskPlugins = options.taskPlugins ?? new TaskPlugins();
    this.clock = options.clock ?? systemClock;
    this.log = options.log ?? lineLog("warn");
  }

  /** The workflows whose `build` is running, and the dynamic task whose function is; the innermost last. */
  get builders(): GraphBuilder[] {
    return this.#ownBuilders.getStore() ?? this.#builders;
  }

  /** Runs a function, and whatever it waits for, with one builder in charge of its calls and of no others. */
  withBuilder<R>(builder: GraphBuilder, run: () => R): R {
    return this.#ownBuilders.run([builder], run);
  }

  /** What a process has once, made when it is first asked for. @param key a `Symbol.for`, which two copies share. */
  once<T>(key: symbol, make: () => T): T {
    if (!this.#once.has(key)) this.#once.set(key, make());
    return this.#once.get(key) as T;
  }

  /** Where wrong definitions are noted, while a module is loaded to tell of all of them. */
  get problems(): unknown[] | undefined {
    return this.#problems;
  }

  /**
   * Loads a module, and goes on behind a task, workflow or launch plan that is defined wrongly.
   * @returns what `load` gives, or what it threw; and all that is wrong with the definitions.
   */
  async telling<T>(load: () => Promise<T>): Promise<{ readonly loaded?: T; readonly problems: readonly unknown[] }> {
    const around = this.#problems;
    const problems: unknown[] = [];
    this.#problems = problems;
    try {
      return { loaded: await load(), problems };
    } catch (error) {
      return { problems: [...problems, error] };
    } finally {
      this.#problems = around;
    }
  }

  /** The context that everything uses unless it is told otherwise: one per process, even with two copies of this package. */
  static default(): FlyteContext {
    const holder = globalThis as { [key]?: FlyteContext };
    holder[key] ??= new FlyteContext();
    return holder[key];
  }
}
