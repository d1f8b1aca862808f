import type { Clock } from "@flyte-ts/core/plugin";

/** How long a bucket that was there counts as there, in milliseconds. */
const goodForMs = 300_000;

/**
 * Which buckets are there. A store says of a missing object only that it is missing, so its bucket has to be asked for;
 * whoever waits for an object asks for it again and again, and for its bucket once in a while.
 */
export class ContainerKnowledge {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something in the bucket was found, so that it is there. */
  seen(root: string): void {
    this.#until.set(root, this.#clock.now() + goodForMs);
  }

  /** @param ask gives undefined where the store does not let us know; the bucket then counts as there. */
  async isThere(root: string, ask: () => Promise<boolean | undefined>): Promise<boolean> {
    if (this.#clock.now() < (this.#until.get(root) ?? -Infinity)) return true;
    const there = (await ask()) ?? true;
    if (there) this.seen(root);
    return there;
  }
}
