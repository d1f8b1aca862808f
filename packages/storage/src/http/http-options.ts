import type { RetryOptions } from "../transfer/retry.ts";

/** Options of a store of `http:` and `https:` URLs. */
export interface HttpStorageOptions extends RetryOptions {
  /**
   * Headers for every request, or for those to a URL (an `authorization` for one host, say). A redirect to another
   * origin does not get them.
   */
  readonly headers?: Readonly<Record<string, string>> | ((url: URL) => Readonly<Record<string, string>>);
  /** The most bytes that are taken of one object; a larger one is a `TooLarge` error. No limit by default. */
  readonly maxBytes?: number;
  /** How many redirects are followed, 10 by default. */
  readonly maxRedirects?: number;
  /** How long to wait for an answer, and for the next bytes of a body, in milliseconds; 60,000 by default. */
  readonly timeoutMs?: number;
}
