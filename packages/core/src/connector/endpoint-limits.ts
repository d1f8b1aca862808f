import type { AsyncConnector } from "./connector.ts";
import type { HostParts } from "./host-parts.ts";
import type { JobState } from "./job-state.ts";

/** Requests a second where a connector names no number. */
const usualRate = 10;

/** Milliseconds for which jobs are started at the endpoint's rate after it has asked for fewer requests. */
const careful = 60_000;

/** How many requests one endpoint may be sent: so many a second, and none while it asks for that. */
export class EndpointLimit {
  readonly #parts: HostParts;
  readonly #rate: number;
  readonly #waiting: (() => void)[] = [];
  #tokens: number;
  #filledAt: number;
  #notBefore = 0;
  #carefulUntil = 0;
  #throttles = 0;
  #draining = false;

  constructor(parts: HostParts, rate: number) {
    this.#parts = parts;
    this.#rate = rate;
    this.#tokens = this.#burst;
    this.#filledAt = parts.now();
  }

  get #burst(): number {
    return Math.max(this.#rate, 1);
  }

  /** True, and one request fewer, where one may be sent now. */
  take(now: number): boolean {
    if (now < this.#notBefore) return false;
    if (this.#rate === Number.POSITIVE_INFINITY) return true;
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) / 1000) * this.#rate);
    this.#filledAt = now;
    if (!(this.#tokens >= 1)) return false;
    this.#tokens -= 1;
    return true;
  }

  /** True where a job may be started now: any number of them, until the vendor asks for fewer requests. */
  mayStart(now: number): boolean {
    return now >= this.#carefulUntil || this.take(now);
  }

  /**
   * Has `run` called when its turn comes: in order, so that among more jobs than may be asked for every one is asked for
   * now and then, whichever Flyte begins with.
   */
  queue(run: () => void): void {
    this.#waiting.push(run);
    this.#drain();
  }

  /** The vendor asks for fewer requests. */
  throttled(now: number, retryAfterMs: number | undefined): void {
    this.#throttles += 1;
    this.#notBefore = Math.max(this.#notBefore, now + this.#parts.backoff(this.#throttles, retryAfterMs));
    this.#carefulUntil = this.#notBefore + careful;
  }

  /** The vendor has answered. */
  answered(): void {
    this.#throttles = 0;
  }

  #drain(): void {
    if (this.#draining || this.#waiting.length === 0) return;
    this.#draining = true;
    const now = this.#parts.now();
    const wait = Math.max(this.#notBefore - now, Number.isFinite(this.#rate) ? 1000 / this.#rate : 0);
    this.#parts.wheel.after(wait, () => {
      this.#draining = false;
      while (this.#waiting.length > 0 && this.take(this.#parts.now())) this.#waiting.shift()?.();
      this.#drain();
    });
  }
}

/** The limits of all endpoints. */
export class EndpointLimits {
  readonly #parts: HostParts;
  readonly #limits = new Map<string, EndpointLimit>();
  readonly #ofStarts = new WeakMap<AsyncConnector, EndpointLimit>();

  constructor(parts: HostParts) {
    this.#parts = parts;
  }

  /** The limit of a job that the vendor has. */
  of(state: JobState): EndpointLimit {
    state.limit ??= this.#limit(state);
    return state.limit;
  }

  /** The limit of a connector's starts: where they go is not known before there is a job. */
  ofStarts(connector: AsyncConnector): EndpointLimit {
    let limit = this.#ofStarts.get(connector);
    if (limit === undefined) {
      limit = this.#named(`${connector.name}, starts`, connector);
      this.#ofStarts.set(connector, limit);
    }
    return limit;
  }

  #limit({ connector, job }: JobState): EndpointLimit {
    let endpoint = connector.name;
    try {
      endpoint = `${connector.name} ${connector.endpoint?.(job?.meta) ?? ""}`;
    } catch (error) {
      this.#parts.log.warn(`${connector.name} cannot tell an endpoint: ${String(error)}`);
    }
    return this.#named(endpoint, connector);
  }

  #named(endpoint: string, connector: AsyncConnector): EndpointLimit {
    let limit = this.#limits.get(endpoint);
    if (limit === undefined) {
      limit = new EndpointLimit(this.#parts, connector.requestsPerSecond ?? usualRate);
      this.#limits.set(endpoint, limit);
      const [oldest] = this.#limits.keys();
      if (this.#limits.size > 1_000 && oldest !== undefined) this.#limits.delete(oldest);
    }
    return limit;
  }
}
