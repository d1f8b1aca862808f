/**
 * A stream that the signal ends, even while it hangs; the stream itself is told, but not waited for then.
 * @throws the signal's reason, and what the stream throws.
 */
export async function* abortable<T>(stream: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncIterable<T> {
  if (signal === undefined) return yield* stream;
  signal.throwIfAborted();
  const iterator = stream[Symbol.asyncIterator]();
  let giveUp: ((reason: unknown) => void) | undefined;
  const onAbort = (): void => giveUp?.(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  let ended = false;
  try {
    for (;;) {
      const next = await new Promise<IteratorResult<T>>((resolve, reject) => {
        giveUp = reject;
        iterator.next().then(resolve, (error: unknown) => {
          ended = true;
          reject(error);
        });
      });
      signal.throwIfAborted();
      if (next.done === true) {
        ended = true;
        return;
      }
      yield next.value;
      signal.throwIfAborted();
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // A stream that hangs never answers to this, so that after an abort nobody waits for it.
    if (!ended) {
      const told = iterator.return?.();
      if (signal.aborted) void told?.catch(() => {});
      else await told;
    }
  }
}
