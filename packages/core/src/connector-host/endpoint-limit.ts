import type { HostParts } from "../connector-calls/host-parts.ts";

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
