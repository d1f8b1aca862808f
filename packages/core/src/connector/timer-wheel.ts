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
  // One for each timer: a signal that many wait for takes time to wait for.
  readonly #timers = new Map<number, AbortController>();
  #isClosed = false;

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
    this.#isClosed = true;
    for (const timer of this.#timers.values()) timer.abort();
    this.#timers.clear();
    this.#buckets.clear();
  }

  #bucket(at: number, ms: number): Set<() => void> {
    const due = new Set<() => void>();
    if (this.#isClosed) return due;
    const timer = new AbortController();
    this.#buckets.set(at, due);
    this.#timers.set(at, timer);
    this.#clock.sleep(ms, { signal: timer.signal }).then(
      () => {
        this.#buckets.delete(at);
        this.#timers.delete(at);
        for (const run of due) run();
      },
      () => {},
    );
    return due;
  }
}
