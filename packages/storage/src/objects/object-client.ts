import type { FlyteError } from "@flyte-ts/core/plugin";

/** Where an object is, taken from its URI. */
export interface ObjectAddress {
  /** The URI up to the object's name, with its slash: `s3://bucket/`. */
  readonly root: string;
  /** The bucket or container. */
  readonly container: string;
  /** The object's name in it as it is, not percent-encoded; empty for the container itself. */
  readonly key: string;
  /** The storage account, where the URI names one (Azure). */
  readonly account?: string | undefined;
}

/** What is known of an object. */
export interface ObjectHead {
  /** Bytes. */
  readonly size: number | undefined;
  readonly modified: Date | undefined;
  /** As the store gives it. */
  readonly etag: string | undefined;
  /** What `ObjectWrite.mark` the object was written with. */
  readonly mark?: string | undefined;
  /** Its media type; listings have none. */
  readonly contentType?: string | undefined;
}

/** What to read of an object. */
export interface ObjectReadRequest {
  /** The first byte. */
  readonly start: number;
  /** The byte after the last one; undefined for all. */
  readonly end: number | undefined;
  /** Read only this version of the object. */
  readonly etag?: string | undefined;
}

/** An object's bytes as they arrive. */
export interface ObjectReadAnswer {
  readonly etag: string | undefined;
  /** Bytes of this body; undefined where the store does not say. */
  readonly size: number | undefined;
  /** The `Content-Range` of the answer; without one it carries the whole object. */
  readonly contentRange: string | undefined;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Ends the body; whoever waits for its next chunk gets `error`. */
  close(error?: Error): void;
}

/** How an object is written. */
export interface ObjectWrite {
  readonly contentType?: string | undefined;
  /** Write only where there is none; otherwise that is `AlreadyExists`. */
  readonly ifAbsent?: boolean;
  /** Kept with the object, so that a writer whose answer was lost finds out whether the object is its own. */
  readonly mark?: string | undefined;
}

/** A part of an upload. */
export interface ObjectPart {
  /** From 1. */
  readonly number: number;
  /** Where in the object it begins. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** True when nothing follows. */
  readonly last: boolean;
}

/** One part that the store has. */
export interface UploadedPart {
  readonly number: number;
  /** The store's name of the part: an ETag, a block's id. */
  readonly etag: string;
  /** Checksums that the store gave back for the part, by the vendor's field names. */
  readonly checksums: Readonly<Record<string, string>>;
}

/** A range of an object that is to be a part of another. */
export interface CopiedPart {
  readonly from: ObjectAddress;
  /** The version of the object. */
  readonly etag: string | undefined;
  /** The first byte, and the byte after the last one. */
  readonly start: number;
  readonly end: number;
  /** Of the part, from 1. */
  readonly number: number;
}

/** How a store copies what it does not copy at once. */
export interface CopiesInParts {
  /** The most bytes that it copies at once. */
  readonly above: number;
  /** Bytes of a part of what is larger. */
  readonly bytes: number;
  /** Copies one part into an upload; a part that is copied again replaces the first. */
  send(part: CopiedPart, to: ObjectAddress, uploadId: string, signal?: AbortSignal): Promise<UploadedPart>;
}

/** An object of a listing. */
export interface ListedObject extends ObjectHead {
  readonly key: string;
}

/** One page of a listing. */
export interface ListPage {
  readonly objects: readonly ListedObject[];
  /** Asks for the next page; undefined on the last. */
  readonly next: string | undefined;
}

/**
 * What is needed of a cloud's store, one request each and nothing repeated; repetitions, deadlines and what a lost answer
 * means are the business of `ObjectStorage`. Everything throws `FlyteError`s with the vendor's error as cause.
 */
export interface ObjectClient {
  /** How parts of an upload have to be: of a multiple of so many bytes, but for the last; one after another. */
  readonly parts: { readonly multiple: number; readonly sequential: boolean };
  /** undefined when there is no such object. */
  head(address: ObjectAddress, signal?: AbortSignal): Promise<ObjectHead | undefined>;
  /** `past-end` when the range begins behind the object's end, `changed` when it is not the version that is asked for. */
  get(
    address: ObjectAddress,
    request: ObjectReadRequest,
    signal?: AbortSignal,
  ): Promise<ObjectReadAnswer | "past-end" | "changed">;
  /** Writes an object at once. */
  put(address: ObjectAddress, bytes: Uint8Array, write: ObjectWrite, signal?: AbortSignal): Promise<void>;
  /** Begins an upload in parts and gives its id. */
  createUpload(address: ObjectAddress, write: ObjectWrite, signal?: AbortSignal): Promise<string>;
  /** Sends one part; a part that is sent again replaces the first. */
  uploadPart(address: ObjectAddress, uploadId: string, part: ObjectPart, signal?: AbortSignal): Promise<UploadedPart>;
  /** Makes the object of its parts, in the order of their numbers; `unknown` when the store has no such upload (any more). */
  completeUpload(
    address: ObjectAddress,
    uploadId: string,
    parts: readonly UploadedPart[],
    write: ObjectWrite,
    signal?: AbortSignal,
  ): Promise<"completed" | "unknown">;
  /** Removes an upload and its parts; one that is not there is fine. */
  abortUpload(address: ObjectAddress, uploadId: string, signal?: AbortSignal): Promise<void>;
  /** One page of the keys that begin with the address' key, in the order of their bytes. */
  list(address: ObjectAddress, page: string | undefined, signal?: AbortSignal): Promise<ListPage>;
  /** For a store that copies large objects in parts only. */
  readonly copiesInParts?: CopiesInParts;
  /** Copies an object inside the store, at once. */
  copy(from: ObjectAddress, to: ObjectAddress, signal?: AbortSignal): Promise<void>;
  /** Removes an object; one that is not there is fine. */
  delete(address: ObjectAddress, signal?: AbortSignal): Promise<void>;
  /** Whether the bucket or container is there; undefined where the store does not let us know. */
  hasContainer(address: ObjectAddress, signal?: AbortSignal): Promise<boolean | undefined>;
  /** What a body threw, as an error of ours. */
  asError(error: unknown, what: string): FlyteError;
}
