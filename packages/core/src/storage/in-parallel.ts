/** How much of `inParallel` happens at once. */
export interface ParallelOptions<T> {
  /** The most items at once. */
  readonly limit: number;
  /** What an item costs while it runs, of `budget`; an item that costs more than all of it runs alone. */
  readonly cost?: (item: T) => number;
  readonly budget?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does something with every item of a stream, several at a time; the stream is read no faster than that. The first error
 * ends all: nothing more is begun, what runs gets its signal aborted and is waited for.
 * @throws what failed first, or the signal's reason.
 */
export async function inParallel<T>(
  items: AsyncIterable<T> | Iterable<T>,
  { limit, cost = () => 0, budget = Infinity, signal }: ParallelOptions<T>,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  signal?.throwIfAborted();
  const halt = new AbortController();
  const onAbort = (): void => halt.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
    halt.abort(error);
  };
  const running = new Set<Promise<void>>();
  let spent = 0;
  const begin = (item: T, price: number): void => {
    spent += price;
    const run: Promise<void> = work(item, halt.signal)
      .catch(fail)
      .finally(() => {
        spent -= price;
        running.delete(run);
      });
    running.add(run);
  };
  try {
    for await (const item of items) {
      const price = cost(item);
      while (running.size > 0 && (running.size >= limit || spent + price > budget)) await Promise.race(running);
      if (halt.signal.aborted) break;
      begin(item, price);
    }
  } catch (error) {
    fail(error);
  }
  await Promise.all(running);
  signal?.removeEventListener("abort", onAbort);
  signal?.throwIfAborted();
  if (failure !== undefined) throw failure.error;
}
