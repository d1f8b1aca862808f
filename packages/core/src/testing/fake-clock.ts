import type { Clock } from "../context/clock.ts";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  #now: number;
  #sleepers: readonly Sleeper[] = [];

  /** @param now the time to begin with, in milliseconds since the epoch. */
  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const gone = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        signal?.removeEventListener("abort", onAbort);
      };
      const onAbort = (): void => {
        gone();
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        at: this.#now + ms,
        wake: () => {
          gone();
          resolve();
        },
      };
      this.#sleepers = [...this.#sleepers, sleeper];
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** How many sleep. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Lets time pass: wakes the sleepers one after another, each with what follows from it, those that only then sleep too. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await settled();
      const [next] = this.#sleepers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
    }
    this.#now = until;
    await settled();
  }

  /** What a promise comes to, time passing as long as it does not settle: at most so many milliseconds. */
  async until<T>(promise: Promise<T>, ms = 600_000): Promise<T> {
    let done = false;
    const end = promise.finally(() => {
      done = true;
    });
    end.catch(() => {});
    for (let gone = 0; !done && gone < ms; gone += 250) await this.advance(250);
    if (done) return end;
    throw new Error(`still not settled after ${ms} ms of the fake clock`);
  }
}

/** Gives everything that is due its turn. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
