import type { Clock, SleepOptions } from "../context/clock.ts";

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** A clock for tests, which stands still until it is told to go on. */
export class ManualClock implements Clock {
  #epoch: number;
  #elapsed = 0;
  readonly #sleepers = new Set<Sleeper>();

  /** @param epoch what `now` says at first. */
  constructor(epoch: number = Date.UTC(2026, 0, 1)) {
    this.#epoch = epoch;
  }

  now(): number {
    return this.#epoch + this.#elapsed;
  }

  elapsed(): number {
    return this.#elapsed;
  }

  /** How many sleeps are under way. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  sleep(ms: number, { signal }: SleepOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper: Sleeper = {
        due: this.#elapsed + Math.max(ms, 0),
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      const onAbort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /** Sets the time of day by so many milliseconds, as an operator does: what sleeps sleeps on. */
  jump(ms: number): void {
    this.#epoch += ms;
  }

  /** Lets time pass: whoever is due wakes up in order, and what follows without waiting for the world is done. */
  async pass(ms: number): Promise<void> {
    const until = this.#elapsed + ms;
    await settled();
    for (;;) {
      const next = [...this.#sleepers].reduce<Sleeper | undefined>(
        (least, each) => (each.due <= until && each.due < (least?.due ?? Infinity) ? each : least),
        undefined,
      );
      if (next === undefined) break;
      this.#elapsed = Math.max(this.#elapsed, next.due);
      next.wake();
      await settled();
    }
    this.#elapsed = until;
  }
}

/** Lets what is ready run. */
async function settled(): Promise<void> {
  for (let round = 0; round < 5; round++) await new Promise((resolve) => setImmediate(resolve));
}
