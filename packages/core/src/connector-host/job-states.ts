import type { JobState } from "./job-state.ts";

/** How many bytes of outputs are remembered, of all jobs together. */
const mostBytes = 64 * 1024 * 1024;

/**
 * The jobs that a host remembers, by key, of which those that nobody has asked for longest are forgotten. Two
 * generations: what is asked for moves to the young one, and when that is full the old one goes.
 */
export class JobStates {
  readonly #most: number;
  #young = new Map<string, JobState>();
  #old = new Map<string, JobState>();
  #big: { readonly state: JobState; readonly bytes: number }[] = [];
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): JobState | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.add(old);
    return old;
  }

  add(state: JobState): void {
    this.#young.set(state.key, state);
    if (this.#young.size * 2 < this.#most) return;
    const gone = this.#old;
    this.#old = this.#young;
    this.#young = new Map();
    // one that is at work is kept: a second one beside it would do the work twice
    for (const left of gone.values()) if (left.busy && !this.#old.has(left.key)) this.#young.set(left.key, left);
  }

  /**
   * Says how many bytes a job is remembered with besides the usual. When the big ones become too many, those that came
   * first are forgotten.
   */
  weigh(state: JobState, bytes: number): void {
    this.#big.push({ state, bytes });
    this.#bytes += bytes;
    while (this.#bytes > mostBytes) {
      const first = this.#big.shift();
      if (first === undefined) return;
      this.#bytes -= first.bytes;
      this.forget(first.state);
    }
  }

  /** Forgets a job. */
  forget(state: JobState): void {
    const { key } = state;
    // a job that was asked for anew has a state of its own by now
    if (this.#young.get(key) === state) this.#young.delete(key);
    if (this.#old.get(key) === state) this.#old.delete(key);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
