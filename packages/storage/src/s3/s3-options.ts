import type { RetryOptions } from "../transfer/retry.ts";
import type { S3ObjectClient } from "./s3-client.ts";

/** Keys for S3. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Options of a store of `s3:` URIs. */
export interface S3StorageOptions extends RetryOptions {
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
  /** How long to wait for an answer, and for the next bytes of a body, in milliseconds; 60,000 by default. */
  readonly timeoutMs?: number;
  /** How long to wait for a connection, in milliseconds; 10,000 by default. */
  readonly connectTimeoutMs?: number;
  /** Bytes of a part of an upload, 8 MiB by default and 5 MiB at least; larger objects' later parts are larger. */
  readonly partBytes?: number;
  /** How many parts of an upload are under way at once, 4 by default: memory is this number, and one, of parts. */
  readonly concurrency?: number;
  /** Gets one line for every request. */
  readonly debug?: (line: string) => void;
  /** Speaks to the store in the place of AWS' SDK. */
  readonly client?: S3ObjectClient;
}
