/**
 * What a task keeps from one attempt to the next: bytes (`write`, `read`), or files and folders (`save`, `restore`).
 * What is written after the task was asked to stop is still kept, as long as the grace period lasts.
 */
export interface Checkpoint {
  /**
   * What the previous attempt kept; undefined on a first attempt, or when nothing was kept.
   * @throws FlyteError `InvalidInput` when it kept more than one file: `restore` gives them all.
   */
  read(): Promise<Uint8Array | undefined>;
  /**
   * Keeps `bytes` for the next attempt, in the place of what this attempt wrote before.
   * @throws FlyteError `Unsupported` when the task was given no place for checkpoints.
   */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Copies all files that the previous attempt kept into a folder, which is made if it is missing; the second call gives
   * the folder of the first.
   * @param directory the folder's path; by default one in the task's working directory.
   * @returns the folder's path; undefined when there is no previous attempt.
   */
  restore(directory?: string): Promise<string | undefined>;
  /**
   * Keeps a local file, or everything in a folder, for the next attempt, by its own name.
   * @throws FlyteError `NotFound` when there is nothing at `path`, `Unsupported` as for `write`.
   */
  save(path: string): Promise<void>;
}
