/** What is known of an object without reading it. */
export interface ObjectStat {
  /** The whole URI of the object. */
  readonly uri: string;
  /** Bytes; undefined where the server does not say. */
  readonly size: number | undefined;
  /** When it was last written; undefined where the server does not say. */
  readonly modified: Date | undefined;
  /** Changes whenever the content does; undefined where the server has none. */
  readonly etag: string | undefined;
}

/** Options that every operation takes. */
export interface StorageOptions {
  /** Ends the operation; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of `read`. */
export interface ReadOptions extends StorageOptions {
  /** The first byte, from 0. */
  readonly start?: number;
  /** The byte after the last one. Without it, to the end. */
  readonly end?: number;
}

/** Options of `write`. */
export interface WriteOptions extends StorageOptions {
  /** The media type that the store keeps with the object. */
  readonly contentType?: string;
}

/** The bytes to write: at once, or as a stream. */
export type WriteBody = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * One kind of object store, addressed by URIs. A "folder" is a prefix that ends in `/`.
 *
 * Errors are `FlyteError`s with the store's own as cause: `NotFound`, `PermissionDenied`, `Throttled`, `Unavailable`,
 * `Unsupported` (a store that cannot write, say), `InvalidInput` (an URI that is not one of this store).
 * Implementations repeat what failed for a passing reason before they give up.
 */
export interface Storage {
  /** What is known of the object; undefined when there is none. A folder is not an object. */
  stat(uri: string, options?: StorageOptions): Promise<ObjectStat | undefined>;
  /** The object's bytes, as they arrive. A body that is cut off is continued or is an error, never a short read. */
  read(uri: string, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /** Writes an object whole: until this resolves nothing of it is visible, and after an error nothing is left. */
  write(uri: string, body: WriteBody, options?: WriteOptions): Promise<void>;
  /** All objects whose URI begins with the folder `prefix`, in the order of their names' bytes. */
  list(prefix: string, options?: StorageOptions): AsyncIterable<ObjectStat>;
  /** Removes an object; removing one that is not there is fine. */
  delete(uri: string, options?: StorageOptions): Promise<void>;
}
