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
   * Resolves after `ms` milliseconds.
   * @throws the signal's reason as soon as it is aborted.
   */
  sleep(ms: number, options?: SleepOptions): Promise<void>;
}

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
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, ms);
      if (background) timer.unref();
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
};
