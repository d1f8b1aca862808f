import type { Clock } from "@flyte-ts/core/plugin";

/** Bytes without a pattern that a wrong offset could hide in. */
export function sample(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0, state = length >>> 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** Everything that is read. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

/** A clock whose pauses take no time and are written down. */
export class PausingClock implements Clock {
  readonly pauses: number[] = [];
  time = Date.UTC(2025, 0, 2);
  now(): number {
    return this.time;
  }
  async sleep(ms: number, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    signal?.throwIfAborted();
    this.pauses.push(ms);
    this.time += ms;
  }
}
