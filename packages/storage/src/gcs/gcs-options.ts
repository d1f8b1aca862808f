import type { ObjectStorageOptions } from "../objects/object-options.ts";

/** A key of a service account, as Google's JSON files have it. */
export interface GcsCredentials {
  readonly client_email: string;
  readonly private_key: string;
}

/** Options of a store of `gs:` URIs. */
export interface GcsStorageOptions extends ObjectStorageOptions {
  /** The URL of a store that is not Google's own, `https://storage.googleapis.com` by default. */
  readonly endpoint?: string;
  /** A key; else Google's default chain: `GOOGLE_APPLICATION_CREDENTIALS`, gcloud's file, the metadata server. */
  readonly credentials?: GcsCredentials;
  /** The path of a key's file, or of one that describes a workload identity. */
  readonly keyFile?: string;
  /** Send no credentials, for public buckets. Without credentials to be found, reading does so by itself. */
  readonly anonymous?: boolean;
  /** The project that pays for requests, where a bucket leaves that to its readers. */
  readonly userProject?: string;
}
