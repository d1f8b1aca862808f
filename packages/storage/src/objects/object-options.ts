import type { RetryOptions } from "../transfer/retry.ts";
import type { ObjectClient } from "./object-client.ts";

/** Options that the stores of all clouds have. */
export interface ObjectStorageOptions extends RetryOptions {
  /**
   * How long to wait for an answer, and for the next bytes of a body, in milliseconds; 60,000 by default. What has much to
   * send may take longer, by a second for every 50 kB.
   */
  readonly timeoutMs?: number;
  /** Bytes of a part of an upload, 8 MiB by default; larger objects' later parts are larger. */
  readonly partBytes?: number;
  /** How many parts of an upload are under way at once, 4 by default: memory is this number, and one, of parts. */
  readonly concurrency?: number;
  /**
   * The most bytes of an object that the store copies at once; a larger one is copied in parts of so many. S3's own limit
   * by default (5 GiB, then parts of 512 MiB), or Azure's (256 MiB); Google has none.
   */
  readonly copyBytes?: number;
  /** Gets one line for every request. */
  readonly debug?: (line: string) => void;
  /** Speaks to the store in the place of the built-in one. */
  readonly client?: ObjectClient;
}
