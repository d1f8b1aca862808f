import type { ObjectStorageOptions } from "../objects/object-options.ts";

/** Keys for S3. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Options of a store of `s3:` URIs. */
export interface S3StorageOptions extends ObjectStorageOptions {
  /** The URL of a store that is not AWS' own, such as `http://minio.flyte:9000`. */
  readonly endpoint?: string;
  /** The bucket's region; else that of AWS' configuration, else `us-east-1`, from where AWS leads on to the right one. */
  readonly region?: string;
  /** Fixed keys; else AWS' default chain: environment, profile, web identity, container, instance. */
  readonly credentials?: S3Credentials;
  /** Send no signature, for public buckets. Without credentials to be found, reading does so by itself. */
  readonly anonymous?: boolean;
  /** Whether the bucket's name stands in the path or in the host; with an endpoint in the path, else in the host. */
  readonly addressing?: "path" | "virtual";
  /** How long to wait for a connection, in milliseconds; 10,000 by default. */
  readonly connectTimeoutMs?: number;
}
