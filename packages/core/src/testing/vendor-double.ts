/** What a vendor is asked: to start a job, how one is (also by its key), to stop one. */
export type VendorOperation = "create" | "get" | "delete";

/** How a vendor's job is. */
export type VendorJobState = "queued" | "running" | "succeeded" | "failed" | "cancelled";

/** A job that a vendor has. */
export interface VendorJob {
  /** The `idempotencyKey` that it was started with, read from the job's id or token. */
  readonly key: string;
  readonly state: VendorJobState;
}

/**
 * What goes wrong with requests:
 *
 * - `unavailable`: not carried out; answered with the vendor's 500 or 503;
 * - `throttle`: not carried out; answered with the vendor's 429, or whatever says "too many";
 * - `lose`: carried out, and the connection breaks before the answer;
 * - `hang`: carried out, and no answer comes, until the caller gives up;
 * - `reject`: not carried out; the user's mistake (a syntax error, say), with `message` in the answer;
 * - `refuse`: not carried out; the vendor's 401 or 403, with `message` in it, and with the credential that the request
 *   brought, where it brought one: vendors do quote them.
 */
export type VendorFaultKind = "unavailable" | "throttle" | "lose" | "hang" | "reject" | "refuse";

/** Something that goes wrong. */
export interface VendorFault {
  /** Which requests meet it. */
  readonly on: VendorOperation;
  readonly kind: VendorFaultKind;
  /** How many of these requests; `Infinity` for all until `mend`. The vendor's client may repeat some by itself. */
  readonly times: number;
  /** With `throttle`, where the vendor can say that: how long to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** With `reject` and `refuse`: a part of the vendor's text. */
  readonly message?: string | undefined;
}

/**
 * A stand-in for a vendor's service, which the author of a connector writes: it keeps jobs, counts them, and fails on
 * demand. It stands where the vendor stands: behind the connector's own client, so that what this makes of the vendor's
 * answers is tested too. Like the vendor it starts one job for each id or token, and says of a second one what the vendor
 * says.
 */
export interface VendorDouble {
  /** Every job that was ever started and has not vanished. Two with one key are what the suite looks for. */
  jobs(): readonly VendorJob[];
  /** Requests that have come in so far, those with faults included. */
  readonly requests: Readonly<Record<VendorOperation, number>>;
  /** True where a throttled request can be told how long to wait. */
  readonly tellsRetryAfter: boolean;
  /** Lets a fault happen from now on; of several on one operation the first is used up first. */
  fault(fault: VendorFault): void;
  /** Ends all faults. What hangs goes on hanging. */
  mend(): void;
  /** Moves a job, backwards too; a succeeded one has the results of the subject's task. `message` says why it failed. */
  set(key: string, state: VendorJobState, message?: string): void;
  /** Forgets a job: from then on the vendor does not know it. */
  vanish(key: string): void;
}

/** A stand-in for a vendor that answers at once. */
export interface SyncVendorDouble {
  /** Requests that have come in so far. */
  readonly requests: number;
  readonly tellsRetryAfter: boolean;
  fault(fault: Omit<VendorFault, "on">): void;
  mend(): void;
}
