/** What a task keeps from one attempt to the next. */
export interface Checkpoint {
  /** What the previous attempt kept; undefined on a first attempt, or when nothing was kept. */
  read(): Promise<Uint8Array | undefined>;
  /** Keeps `bytes` for the next attempt, in the place of what this attempt kept before. */
  write(bytes: Uint8Array): Promise<void>;
}
