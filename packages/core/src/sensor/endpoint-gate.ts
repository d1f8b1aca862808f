import { FlyteError } from "../errors/flyte-error.ts";

/** Time that only goes forward, in milliseconds from some moment, and a wait in it. */
export interface Timekeeper {
  elapsed(): number;
  sleep(ms: number, signal: AbortSignal, background?: boolean): Promise<void>;
}

/** The most requests to one endpoint at a time. */
const mostAtOnce = 64;

/**
 * Keeps the requests to one endpoint to so many a second, and so many at a time. After a pause as many as a second holds
 * may go at once (the generic cell rate algorithm: one number is all that it remembers).
 */
export class EndpointGate {
  readonly #time: Timekeeper;
  readonly #spacing: number;
  readonly #burst: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** When the next request would be due if all were spaced evenly. */
  #next = -Infinity;

  constructor(requestsPerSecond: number, time: Timekeeper) {
    this.#time = time;
    this.#spacing = 1000 / requestsPerSecond;
    this.#burst = Math.max(1000 - this.#spacing, 0);
  }

  /** True when nothing is under way, and nothing keeps requests back: a new gate would do the same. */
  get idle(): boolean {
    return this.#running === 0 && this.#waiting.length === 0 && this.#next <= this.#time.elapsed();
  }

  /**
   * Resolves when a request may be made.
   * @throws FlyteError `Unavailable` at once, when that is only after `latest`.
   */
  async turn(signal: AbortSignal, latest = Infinity): Promise<void> {
    signal.throwIfAborted();
    const now = this.#time.elapsed();
    const due = Math.max(this.#next, now);
    const delay = due - now - this.#burst;
    if (now + delay > latest) {
      throw new FlyteError("Unavailable", "there were more polls of this endpoint than it may be sent requests");
    }
    this.#next = due + this.#spacing;
    if (delay > 0) await this.#time.sleep(delay, signal);
  }

  /** No request goes out before so many milliseconds have passed. */
  pause(ms: number): void {
    this.#next = Math.max(this.#next, this.#time.elapsed() + ms + this.#burst);
  }

  /** Runs something that makes requests, when it is its turn. @throws FlyteError as `turn`. */
  async run<R>(signal: AbortSignal, latest: number, work: () => Promise<R>): Promise<R> {
    if (this.#running >= mostAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      await this.turn(signal, latest);
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
