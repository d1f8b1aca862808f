import type { Clock } from "../context/clock.ts";

/** How exact a time is kept, in milliseconds. */
const step = 25;

/** Something that is to happen at a time: a link in the ring of its bucket. */
export class WheelTimer {
  #run: (() => void) | undefined;
  #before: WheelTimer = this;
  #after: WheelTimer = this;

  constructor(run?: () => void) {
    this.#run = run;
  }

  /** Takes it back. Nothing of it is left in its bucket, which may last for a minute. */
  stop(): void {
    this.#run = undefined;
    this.#before.#after = this.#after;
    this.#after.#before = this.#before;
    this.#before = this;
    this.#after = this;
  }

  /** Puts another one at the end of the ring that this one begins. */
  add(timer: WheelTimer): void {
    timer.#before = this.#before;
    timer.#after = this;
    this.#before.#after = timer;
    this.#before = timer;
  }

  /** Calls all others of the ring, except those that one of them takes back. */
  ring(): void {
    while (this.#after !== this) {
      const timer = this.#after;
      const run = timer.#run;
      timer.stop();
      run?.();
    }
  }
}

/** The timers of 25 ms. */
interface Bucket {
  /** Begins the ring of the timers. */
  readonly head: WheelTimer;
  /** One for each bucket: a signal that many wait for takes time to wait for. */
  readonly waiting: AbortController;
}

/**
 * Many times that hardly ever come: each waits in the bucket of its 25 ms, and a bucket has one timer, so that setting
 * one and taking it back costs next to nothing.
 */
export class TimerWheel {
  readonly #clock: Clock;
  readonly #buckets = new Map<number, Bucket>();
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `run` after `ms` milliseconds, unless that is taken back. */
  after(ms: number, run: () => void): WheelTimer {
    const timer = new WheelTimer(run);
    if (this.#isClosed) return timer;
    const now = this.#clock.elapsed?.() ?? this.#clock.now();
    const at = Math.ceil((now + Math.max(ms, 0)) / step) * step;
    (this.#buckets.get(at) ?? this.#bucket(at, at - now)).head.add(timer);
    return timer;
  }

  /** Nothing is called from now on, and no timer keeps the process alive. */
  close(): void {
    this.#isClosed = true;
    for (const { waiting } of this.#buckets.values()) waiting.abort();
    this.#buckets.clear();
  }

  #bucket(at: number, ms: number): Bucket {
    const bucket: Bucket = { head: new WheelTimer(), waiting: new AbortController() };
    this.#buckets.set(at, bucket);
    this.#clock.sleep(ms, { signal: bucket.waiting.signal }).then(
      () => {
        this.#buckets.delete(at);
        bucket.head.ring();
      },
      () => {},
    );
    return bucket;
  }
}
