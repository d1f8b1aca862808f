import type { Clock } from "../context/clock.ts";

/** How exact a time is kept, in milliseconds. */
const step = 25;

/**
 * Many times that hardly ever come: each waits in the bucket of its 25 ms, and a bucket has one timer, so that setting
 * one and taking it back costs next to nothing.
 */
export class TimerWheel {
  readonly #clock: Clock;
  readonly #buckets = new Map<number, Set<() => void>>();
  readonly #closed = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `run` after `ms` milliseconds; gives the way to take that back. */
  after(ms: number, run: () => void): () => void {
    const now = this.#clock.elapsed?.() ?? this.#clock.now();
    const at = Math.ceil((now + Math.max(ms, 0)) / step) * step;
    const due = this.#buckets.get(at) ?? this.#bucket(at, at - now);
    due.add(run);
    return () => {
      due.delete(run);
    };
  }

  /** Nothing is called from now on, and no timer keeps the process alive. */
  close(): void {
    this.#closed.abort();
    this.#buckets.clear();
  }

  #bucket(at: number, ms: number): Set<() => void> {
    const due = new Set<() => void>();
    this.#buckets.set(at, due);
    this.#clock.sleep(ms, { signal: this.#closed.signal }).then(
      () => {
        this.#buckets.delete(at);
        for (const run of due) run();
      },
      () => {},
    );
    return due;
  }
}
