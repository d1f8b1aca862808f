import type { ConnectorWatch, FlyteError, Log } from "@flyte-ts/core/plugin";
import type { ServiceHealth } from "./service-health.ts";

/** So many calls in a row, and for so many milliseconds, must have had no answer: less is a moment's trouble. */
const enough = { calls: 3, ms: 30_000 } as const;

/** What is known of a task type's connector. */
interface Known {
  /** The package that it comes from; empty where the program itself gave it. */
  readonly plugin: string;
  readonly isLoaded: boolean;
  /** Calls without an answer in a row, and when the first of them ended. */
  unanswered: number;
  since: number;
  isReached: boolean;
}

/**
 * The health of each connector, live: it serves when it is loaded, and as long as its vendor can be asked. The health of
 * the whole is another matter: a service that cannot ask a vendor still takes jobs, and goes on with them later.
 */
export class ConnectorHealth implements ConnectorWatch {
  readonly #known = new Map<string, Known>();
  readonly #broken = new Set<string>();
  readonly #health: ServiceHealth;
  readonly #log: Log;
  readonly #now: () => number;

  constructor(health: ServiceHealth, log: Log, now: () => number = () => performance.now()) {
    this.#health = health;
    this.#log = log;
    this.#now = now;
  }

  /** A task type's connector is loaded, or cannot be. */
  add(taskType: string, plugin: string, isLoaded: boolean): void {
    this.#known.set(taskType, { plugin, isLoaded, unanswered: 0, since: 0, isReached: true });
    this.#tell(taskType);
  }

  /** A plugin is loaded; it serves, unless a connector of its does not. */
  addPlugin(plugin: string): void {
    this.#tellPlugin(plugin);
  }

  /** A plugin cannot be loaded at all. */
  addBroken(plugin: string): void {
    this.#broken.add(plugin);
    this.#health.set(`plugin/${plugin}`, false);
  }

  answered(taskType: string): void {
    const known = this.#known.get(taskType);
    if (known === undefined || known.unanswered === 0) return;
    known.unanswered = 0;
    if (known.isReached) return;
    known.isReached = true;
    this.#tell(taskType);
    this.#log.info("a connector's vendor answers again", { taskType });
  }

  unanswered(taskType: string, error: FlyteError): void {
    const known = this.#known.get(taskType);
    if (known === undefined) return;
    const now = this.#now();
    if (known.unanswered === 0) known.since = now;
    known.unanswered += 1;
    if (!known.isReached || known.unanswered < enough.calls || now - known.since < enough.ms) return;
    known.isReached = false;
    this.#tell(taskType);
    this.#log.error(`a connector's vendor cannot be asked: ${error.message}`, { taskType });
  }

  /** Whether each task type's connector serves. */
  serving(): readonly (readonly [taskType: string, serves: boolean])[] {
    return [...this.#known].map(([taskType, known]) => [taskType, serves(known)]);
  }

  #tell(taskType: string): void {
    const known = this.#known.get(taskType);
    if (known === undefined) return;
    this.#health.set(`connector/${taskType}`, serves(known));
    if (known.plugin !== "") this.#tellPlugin(known.plugin);
  }

  #tellPlugin(plugin: string): void {
    const all = [...this.#known.values()].filter((one) => one.plugin === plugin);
    this.#health.set(`plugin/${plugin}`, !this.#broken.has(plugin) && all.every(serves));
  }
}

const serves = ({ isLoaded, isReached }: Known): boolean => isLoaded && isReached;
