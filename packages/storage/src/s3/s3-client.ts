/** Where an object is. */
export interface S3ObjectAddress {
  readonly bucket: string;
  /** The key as it is, not percent-encoded. */
  readonly key: string;
}

/** What is known of an object. */
export interface S3ObjectHead {
  /** Bytes. */
  readonly size: number | undefined;
  readonly modified: Date | undefined;
  /** With its quotes, as the store sends it. */
  readonly etag: string | undefined;
}

/** What to read of an object. */
export interface S3ReadRequest {
  /** A `Range` header (`bytes=0-99`); without it the whole object. */
  readonly range?: string | undefined;
  /** Read only this version of the object. */
  readonly ifMatch?: string | undefined;
}

/** An object's bytes as they arrive. */
export interface S3ReadAnswer extends S3ObjectHead {
  /** The `Content-Range` of the answer; `size` is then the part's. */
  readonly contentRange: string | undefined;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Ends the body; whoever waits for its next chunk gets `error`. */
  close(error?: Error): void;
}

/** One part of a multipart upload that the store has. */
export interface S3UploadedPart {
  /** From 1. */
  readonly number: number;
  /** The store's ETag of the part. */
  readonly etag: string;
  /** Checksums that the store gave back for the part, by the vendor's field names. */
  readonly checksums: Readonly<Record<string, string>>;
}

/** An object of a listing. */
export interface S3ListedObject extends S3ObjectHead {
  readonly key: string;
}

/** One page of a listing. */
export interface S3ListPage {
  readonly objects: readonly S3ListedObject[];
  /** Asks for the next page; undefined on the last. */
  readonly next: string | undefined;
}

/**
 * What the store needs of S3, one request each and nothing repeated. Everything throws `FlyteError`s with the vendor's
 * error as cause: `NotFound`, `PermissionDenied`, `Throttled`, `Unavailable`, `InvalidInput`.
 */
export interface S3ObjectClient {
  /** undefined when there is no such object. */
  head(address: S3ObjectAddress, signal?: AbortSignal): Promise<S3ObjectHead | undefined>;
  /** `past-end` when the range begins behind the object's end, `changed` when `ifMatch` does not hold. */
  get(
    address: S3ObjectAddress,
    request: S3ReadRequest,
    signal?: AbortSignal,
  ): Promise<S3ReadAnswer | "past-end" | "changed">;
  put(address: S3ObjectAddress, bytes: Uint8Array, contentType?: string, signal?: AbortSignal): Promise<void>;
  /** Begins a multipart upload and gives its id. */
  createUpload(address: S3ObjectAddress, contentType?: string, signal?: AbortSignal): Promise<string>;
  /** Sends one part; a part that is sent again replaces the first. */
  uploadPart(
    address: S3ObjectAddress,
    uploadId: string,
    number: number,
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<S3UploadedPart>;
  /** Makes the object of its parts, in the order of their numbers; `unknown` when the store has no such upload (any more). */
  completeUpload(
    address: S3ObjectAddress,
    uploadId: string,
    parts: readonly S3UploadedPart[],
    signal?: AbortSignal,
  ): Promise<"completed" | "unknown">;
  /** Removes an upload and its parts; one that is not there is fine. */
  abortUpload(address: S3ObjectAddress, uploadId: string, signal?: AbortSignal): Promise<void>;
  /** One page of the keys that begin with `prefix`, in the order of their bytes. */
  list(bucket: string, prefix: string, page: string | undefined, signal?: AbortSignal): Promise<S3ListPage>;
  /** Removes an object; one that is not there is fine. */
  delete(address: S3ObjectAddress, signal?: AbortSignal): Promise<void>;
}
