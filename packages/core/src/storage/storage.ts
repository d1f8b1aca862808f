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
  /** Reads only this version, an `etag` of `stat`; where the object is another by now, that is `Unavailable`. */
  readonly etag?: string | undefined;
}

/** Options of `write`. */
export interface WriteOptions extends StorageOptions {
  /** The media type that the store keeps with the object. */
  readonly contentType?: string;
  /**
   * Writes only where there is no such object; otherwise that is `AlreadyExists`, and of several such writes at once one
   * wins. A write that won although its answer was lost resolves.
   */
  readonly ifAbsent?: boolean;
}

/** Options of `list`. */
export interface ListOptions extends StorageOptions {
  /** Only objects whose name in the folder begins with this; the store itself looks for it. */
  readonly startsWith?: string;
}

/** The bytes to write: at once, or as a stream. */
export type WriteBody = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * One kind of object store, addressed by URIs. A "folder" is a prefix that ends in `/`. What can be made of these methods
 * (whether an object exists, globs, folders, hashes, copies between stores) is made of them once, by the functions beside
 * this interface.
 *
 * Errors are `FlyteError`s with the store's own as cause: `NotFound` (with the reason `NoSuchContainer` where the bucket
 * or container is missing, as far as the store lets anybody know), `PermissionDenied`, `Throttled`, `Unavailable`,
 * `AlreadyExists`, `Unsupported` (a store that cannot write, say), `InvalidInput` (an URI that is not one of this store).
 * Implementations repeat what failed for a passing reason before they give up, and wait for no answer without a limit.
 */
export interface Storage {
  /** What is known of the object; undefined when there is none. A folder is not an object. */
  stat(uri: string, options?: StorageOptions): Promise<ObjectStat | undefined>;
  /** The object's bytes, as they arrive. A body that is cut off is continued or is an error, never a short read. */
  read(uri: string, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /** Writes an object whole: until this resolves nothing of it is visible, and after an error nothing is left. */
  write(uri: string, body: WriteBody, options?: WriteOptions): Promise<void>;
  /** All objects whose URI begins with the folder `prefix`, in the order of their names' bytes, as they are found. */
  list(prefix: string, options?: ListOptions): AsyncIterable<ObjectStat>;
  /**
   * Copies an object inside the store, whole as `write` does, without its bytes passing through here where the store
   * can. `Unsupported` where the two URIs are of different stores; `copyObject` copies these, too.
   */
  copy(from: string, to: string, options?: StorageOptions): Promise<void>;
  /** Removes an object; removing one that is not there is fine. */
  delete(uri: string, options?: StorageOptions): Promise<void>;
}
