import type { ConnectorSecrets } from "../connector/connector-context.ts";
import type { ConnectorRegistry } from "../connector/connector-registry.ts";
import type { ConnectorWatch } from "../connector/connector-watch.ts";
import type { Clock } from "../context/clock.ts";
import { EnvironmentSecrets } from "../context/environment-secrets.ts";
import { FlyteContext } from "../context/flyte-context.ts";
import type { Log } from "../context/log.ts";
import type { DatasetStore } from "../dataset/dataset-store.ts";
import { askedWait } from "../errors/asked-wait.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { StorageRegistry } from "../storage/storage-registry.ts";
import { uniqueName } from "../storage/unique-name.ts";
import type { TypeEngine } from "../types/type-engine.ts";
import { connectorSecrets } from "./call-secrets.ts";
import { type Fault, isOfTheAsking } from "./fault.ts";
import { type ConnectorHostLimits, type ConnectorHostOptions, defaultLimits } from "./host-options.ts";
import type { HostCall } from "./host-request.ts";
import { LiveCall, LiveCalls } from "./live-calls.ts";
import { redactedLog } from "./redacted-log.ts";
import { SecretKeeper } from "./secret-keeper.ts";
import { TimerWheel } from "./timer-wheel.ts";

/** What all parts of a host share. */
export class HostParts {
  /** Tells this host from others, of this process and of others. */
  readonly id: string = uniqueName();
  readonly registry: ConnectorRegistry;
  readonly storage: StorageRegistry;
  readonly datasets: DatasetStore;
  readonly types: TypeEngine;
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: ConnectorSecrets;
  readonly limits: ConnectorHostLimits;
  readonly random: () => number;
  /** Every secret that a call has seen. */
  readonly keeper = new SecretKeeper();
  /** What was thrown because a secret is not there: not to be taken for a job that is not. */
  readonly missingSecrets: WeakSet<object> = new WeakSet();
  readonly wheel: TimerWheel;
  readonly calls: LiveCalls;
  readonly watch: ConnectorWatch | undefined;
  #background = 0;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor({ registry, limits, random = Math.random, ...options }: ConnectorHostOptions) {
    const context = FlyteContext.default();
    this.registry = registry;
    this.storage = options.storage ?? context.storage;
    this.datasets = options.datasets ?? context.datasets;
    this.types = options.types ?? context.types;
    this.clock = options.clock ?? context.clock;
    this.log = redactedLog(options.log ?? context.log, this.keeper);
    this.secrets = options.secrets ?? connectorSecrets(new EnvironmentSecrets({ env: process.env }));
    this.limits = { ...defaultLimits, ...limits };
    this.random = random;
    this.watch = options.watch;
    this.wheel = new TimerWheel(this.clock);
    this.calls = new LiveCalls(this.wheel);
  }

  /** Milliseconds since some moment: by this, and not by the time of day, is measured what lasts. */
  now(): number {
    return this.clock.elapsed?.() ?? this.clock.now();
  }

  /** Calls a connector, for as long as one call may take. */
  call<T>(what: string, run: (call: LiveCall) => Promise<T>, ms = this.limits.callMs): Promise<T> {
    const call = new LiveCall();
    return this.calls.run(ms, what, call, run);
  }

  /** Tells who watches that a vendor could not be asked, where that is what a fault means. */
  failed(taskType: string, { kind, error }: Fault): void {
    if (this.watch === undefined || error.code === "Cancelled") return;
    const isFault = kind === "passing" || kind === "unforeseen" || isOfTheAsking(this, error);
    if (isFault && error.code !== "Throttled") this.watch.unanswered(taskType, this.keeper.redactError(error));
    else this.watch.answered(taskType);
  }

  /** How long a caller is kept waiting. */
  patience({ deadlineMs = this.limits.defaultDeadlineMs }: HostCall): number {
    return deadlineMs * this.limits.deadlineShare;
  }

  /** Waits for something that never rejects; at most so long, and not for a caller who is gone. */
  waitFor(promise: Promise<unknown>, ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        timer.stop();
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = this.wheel.after(ms, done);
      signal?.addEventListener("abort", done, { once: true });
      if (signal?.aborted) done();
      promise.then(done);
    });
  }

  /** Waits; until the host closes, at most. */
  pause(ms: number): Promise<void> {
    return this.call("a pause", () => new Promise((resolve) => void this.wheel.after(ms, resolve)), ms + 1_000);
  }

  /** How long to wait after so many faults in a row. */
  backoff(faults: number, retryAfterMs?: number): number {
    const { backoffMs, longestBackoffMs } = this.limits;
    const longest = Math.min(backoffMs * 2 ** Math.min(faults - 1, 20), longestBackoffMs);
    return Math.max(askedWait({ retryAfterMs }) ?? 0, longest * (0.5 + this.random() / 2));
  }

  /** Lets something run that nobody waits for, except the host when it closes. */
  inBackground(work: Promise<unknown>, what: string): void {
    this.begin();
    const failed = (error: unknown): void => this.log.warn(`${what}: ${FlyteError.from(error).message}`);
    work.catch(failed).then(() => this.end());
  }

  /** Something begins that the host waits for when it closes. */
  begin(): void {
    this.#background += 1;
  }

  /** What began has ended. */
  end(): void {
    this.#background -= 1;
    if (this.#background > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  async close(): Promise<void> {
    this.calls.close(new FlyteError("Cancelled", "the connector host is closing"));
    while (this.#background > 0) {
      this.#idle ??= Promise.withResolvers<void>();
      await this.#idle.promise;
    }
    this.wheel.close();
  }
}
