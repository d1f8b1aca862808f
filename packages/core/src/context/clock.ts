/** Options of `sleep`. */
export interface SleepOptions {
  readonly signal?: AbortSignal | undefined;
  /** True for a sleep that does not keep a process alive which has nothing else to do. */
  readonly background?: boolean | undefined;
}

/** Time as a service, so that tests own it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Milliseconds since some moment, which no setting of the clock changes: what lasts is measured by it. Without it, by
   * `now`.
   */
  elapsed?(): number;
  /**
   * Resolves after `ms` milliseconds; the machine's own clock after 24 days at most.
   * @throws the signal's reason as soon as it is aborted.
   */
  sleep(ms: number, options?: SleepOptions): Promise<void>;
}

/** What Node's timers can wait, in milliseconds: a longer one would be over at once. */
const longestTimer = 2_147_483_647;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (ms, { signal, background = false } = {}) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(
        () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
        Math.min(ms, longestTimer),
      );
      if (background) timer.unref();
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
};
