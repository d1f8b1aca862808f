import type { Clock } from "@flyte-ts/core/plugin";

/** Options of a store in memory. */
export interface MemoryStorageOptions {
  /** The containers that are there, as a cloud has buckets; any other is `NotFound`. All are there unless this is given. */
  readonly containers?: readonly string[];
  /** Where the objects' times come from. */
  readonly clock?: Clock;
}
