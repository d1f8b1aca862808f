import { type Clock, FlyteError } from "@flyte-ts/core/plugin";
import type {
  ListPage,
  ObjectAddress,
  ObjectClient,
  ObjectHead,
  ObjectPart,
  ObjectReadAnswer,
  ObjectReadRequest,
  ObjectWrite,
  UploadedPart,
} from "../objects/object-client.ts";
import { refusedRead, restRead } from "../objects/read-answer.ts";
import { rangeHeader } from "../transfer/content-range.ts";
import { type RestAnswer, type RestRequest, sendRest, textOf } from "../transfer/rest-request.ts";
import { faultOf, GcsFault, gcsError, noBucket } from "./gcs-error.ts";
import type { GcsStorageOptions } from "./gcs-options.ts";
import type { Authorize } from "./google-token.ts";
import { ResumableUpload } from "./resumable-upload.ts";

/** The name under which a write's mark is kept among an object's metadata. */
const markName = "flyte-ts-write";

/** What is asked for of an object. */
const fields = "name,size,updated,generation";

/** An object as the JSON API has it; numbers are texts there. */
interface GcsObject {
  readonly name?: string;
  readonly size?: string;
  readonly updated?: string;
  readonly generation?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Google's JSON API behind `ObjectClient`, with Google's own library for credentials. Not with its storage library: that
 * one ends no request by a signal, waits for ever for a body that was cut off, and turns its repetitions off for good
 * after one write without a condition.
 */
export class JsonApiClient implements ObjectClient {
  readonly parts = { multiple: 2 ** 18, sequential: true };
  readonly #options: GcsStorageOptions;
  readonly #clock: Clock;
  readonly #endpoint: string;
  readonly #uploads = new Map<string, ResumableUpload>();
  #authorize: Promise<Authorize> | undefined;
  #anonymous: boolean;

  constructor(options: GcsStorageOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#endpoint = (options.endpoint ?? "https://storage.googleapis.com").replace(/\/+$/, "");
    this.#anonymous = options.anonymous ?? false;
  }

  async head(address: ObjectAddress, signal?: AbortSignal): Promise<ObjectHead | undefined> {
    const url = this.#object(address, { fields: `${fields},metadata` });
    const answer = await this.#call("stat", address, { method: "GET", url, signal }, "reads", 404);
    if (answer.status === 404) {
      await this.#refuseMissingBucket(answer, "stat", address);
      return undefined;
    }
    return headOf(JSON.parse(await textOf(answer)) as GcsObject);
  }

  async get(
    address: ObjectAddress,
    { start, end, etag }: ObjectReadRequest,
    signal?: AbortSignal,
  ): Promise<ObjectReadAnswer | "past-end" | "changed"> {
    const url = this.#object(address, { alt: "media", ...(etag === undefined ? {} : { ifGenerationMatch: etag }) });
    const range = rangeHeader(start, end);
    // Without this, Google unpacks what is kept packed, and ranges and sizes are no longer those of the object.
    const headers = { "accept-encoding": "gzip", ...(range === undefined ? {} : { range }) };
    const answer = await this.#call("read", address, { method: "GET", url, headers, signal }, "reads", 404, 412, 416);
    const { status, headers: given, body } = answer;
    if (status === 404) {
      const fault = await faultOf(answer);
      // Of a media download the answer's text does not always say which of the two is missing.
      const missing = (await this.hasContainer(address, signal).catch(() => undefined)) === false;
      signal?.throwIfAborted();
      const reason = missing ? ({ reason: "NoSuchContainer" } as const) : {};
      const what = `read ${shown(address)}: there is no such ${missing ? "bucket" : "object"}`;
      throw new FlyteError("NotFound", what, { ...reason, cause: fault });
    }
    const refused = refusedRead(status);
    if (refused !== undefined) {
      body.destroy();
      return refused;
    }
    const generation = given["x-goog-generation"];
    return restRead(answer, typeof generation === "string" ? generation : undefined);
  }

  async put(address: ObjectAddress, bytes: Uint8Array, write: ObjectWrite, signal?: AbortSignal): Promise<void> {
    const boundary = "flyte-ts-7f3a9d52c1";
    const type = write.contentType ?? "application/octet-stream";
    const head = `--${boundary}\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(resource(address, write))}\r\n`;
    const body = [
      Buffer.from(`${head}--${boundary}\r\ncontent-type: ${type}\r\n\r\n`),
      bytes,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ];
    const url = this.#upload(address, write, "multipart");
    const headers = { "content-type": `multipart/related; boundary=${boundary}` };
    await textOf(await this.#call("write", address, { method: "POST", url, headers, body, signal }));
  }

  async createUpload(address: ObjectAddress, write: ObjectWrite, signal?: AbortSignal): Promise<string> {
    const headers = {
      "content-type": "application/json",
      "x-upload-content-type": write.contentType ?? "application/octet-stream",
    };
    const body = Buffer.from(JSON.stringify(resource(address, write)));
    const url = this.#upload(address, write, "resumable");
    const answer = await this.#call("begin to write", address, { method: "POST", url, headers, body, signal });
    await textOf(answer);
    const { location } = answer.headers;
    if (location === undefined) {
      throw new FlyteError("Unavailable", `begin to write ${shown(address)}: the store names no upload`);
    }
    // The address of a session is its own authorization.
    this.#uploads.set(location, new ResumableUpload(new URL(location), sendRest));
    return location;
  }

  async uploadPart(
    address: ObjectAddress,
    uploadId: string,
    part: ObjectPart,
    signal?: AbortSignal,
  ): Promise<UploadedPart> {
    const upload = this.#uploads.get(uploadId) ?? new ResumableUpload(new URL(uploadId), sendRest);
    try {
      await upload.send(part, signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw this.asError(error, `write a part of ${shown(address)}`);
    }
    return { number: part.number, etag: "", checksums: {} };
  }

  /** The last part has made the object. */
  async completeUpload(_: ObjectAddress, uploadId: string): Promise<"completed" | "unknown"> {
    const gone = this.#uploads.get(uploadId)?.gone ?? true;
    this.#uploads.delete(uploadId);
    return gone ? "unknown" : "completed";
  }

  async abortUpload(_: ObjectAddress, uploadId: string, signal?: AbortSignal): Promise<void> {
    this.#uploads.delete(uploadId);
    // Google answers 499 to that.
    await textOf(await sendRest({ method: "DELETE", url: new URL(uploadId), signal }));
  }

  async list(address: ObjectAddress, page: string | undefined, signal?: AbortSignal): Promise<ListPage> {
    const asked = { prefix: address.key, fields: `items(${fields}),nextPageToken` };
    const url = this.#bucket(address, { ...asked, ...(page === undefined ? {} : { pageToken: page }) });
    const answer = await this.#call("list", address, { method: "GET", url, signal }, "reads");
    const found = JSON.parse(await textOf(answer)) as { items?: GcsObject[]; nextPageToken?: string };
    const objects = (found.items ?? []).map((item) => ({ key: item.name ?? "", ...headOf(item) }));
    return { objects, next: found.nextPageToken || undefined };
  }

  async copy(from: ObjectAddress, to: ObjectAddress, signal?: AbortSignal): Promise<void> {
    // Large objects are copied in several steps; the token says how far it is.
    let rewriteToken: string | undefined;
    do {
      const url = this.#url(
        `storage/v1/b/${encode(from.container)}/o/${encode(from.key)}/rewriteTo/b/${encode(to.container)}/o/${encode(to.key)}`,
        rewriteToken === undefined ? {} : { rewriteToken },
      );
      const answer = await this.#call("copy", from, { method: "POST", url, signal });
      const step = JSON.parse(await textOf(answer)) as { done?: boolean; rewriteToken?: string };
      rewriteToken = step.done === false ? step.rewriteToken : undefined;
    } while (rewriteToken !== undefined);
  }

  async delete(address: ObjectAddress, signal?: AbortSignal): Promise<void> {
    const answer = await this.#call(
      "delete",
      address,
      { method: "DELETE", url: this.#object(address), signal },
      undefined,
      404,
    );
    if (answer.status === 404) await this.#refuseMissingBucket(answer, "delete", address);
    else await textOf(answer);
  }

  /** By a listing: who may read objects may do that more often than look at the bucket. */
  async hasContainer(address: ObjectAddress, signal?: AbortSignal): Promise<boolean | undefined> {
    const url = this.#bucket(address, { maxResults: "1", fields: "kind" });
    const answer = await this.#call("look for", address, { method: "GET", url, signal }, "reads", 401, 403, 404);
    await textOf(answer);
    return answer.status === 404 ? false : answer.status === 200 ? true : undefined;
  }

  asError(error: unknown, what: string): FlyteError {
    return gcsError(error, what, this.#clock.now());
  }

  /** One request. The statuses that are named are answers; `reads` allows a try without credentials. */
  async #call(
    action: string,
    address: ObjectAddress,
    request: RestRequest,
    reads?: "reads",
    ...answers: readonly number[]
  ): Promise<RestAnswer> {
    const what = `${action} ${shown(address)}`;
    const began = this.#clock.now();
    try {
      const authorization = this.#anonymous ? {} : await this.#authorization(request.url, reads !== undefined);
      const answer = await sendRest({ ...request, headers: { ...request.headers, ...authorization } });
      this.#options.debug?.(`gs ${what}: ${answer.status}, ${this.#clock.now() - began} ms`);
      if ((answer.status >= 200 && answer.status < 300) || answers.includes(answer.status)) return answer;
      const fault = await faultOf(answer);
      throw fault.status === 404 && /\/b\/[^/]+\/o$/.test(request.url.pathname) ? noBucket(fault, what) : fault;
    } catch (error) {
      request.signal?.throwIfAborted();
      if (!(error instanceof GcsFault)) this.#options.debug?.(`gs ${what}: ${String(error)}`);
      throw this.asError(error, what);
    }
  }

  async #authorization(url: URL, reads: boolean): Promise<Readonly<Record<string, string>>> {
    const { googleAuthorize, isWithoutCredentials } = await import("./google-token.ts");
    this.#authorize ??= Promise.resolve(googleAuthorize(this.#options));
    try {
      return await (await this.#authorize)(url);
    } catch (error) {
      // As flytekit does: what is public can be read without.
      if (reads && isWithoutCredentials(error)) return {};
      throw error;
    }
  }

  async #refuseMissingBucket(answer: RestAnswer, action: string, address: ObjectAddress): Promise<void> {
    const error = this.asError(await faultOf(answer), `${action} ${shown(address)}`);
    if (error.reason !== undefined) throw error;
  }

  #object({ container, key }: ObjectAddress, query: Readonly<Record<string, string>> = {}): URL {
    return this.#url(`storage/v1/b/${encode(container)}/o/${encode(key)}`, query);
  }

  #bucket({ container }: ObjectAddress, query: Readonly<Record<string, string>>): URL {
    return this.#url(`storage/v1/b/${encode(container)}/o`, query);
  }

  #upload({ container, key }: ObjectAddress, { ifAbsent }: ObjectWrite, uploadType: string): URL {
    const condition = ifAbsent === true ? { ifGenerationMatch: "0" } : {};
    return this.#url(`upload/storage/v1/b/${encode(container)}/o`, { uploadType, name: key, ...condition });
  }

  #url(path: string, query: Readonly<Record<string, string>>): URL {
    const { userProject } = this.#options;
    const all = userProject === undefined ? query : { ...query, userProject };
    return new URL(`${this.#endpoint}/${path}?${new URLSearchParams(all)}`);
  }
}

const encode = encodeURIComponent;

const shown = ({ root, key }: ObjectAddress): string => root + key;

function headOf({ size, updated, generation, metadata }: GcsObject): ObjectHead {
  return {
    size: size === undefined ? 0 : Number(size),
    modified: updated === undefined ? undefined : new Date(updated),
    // A generation is a version of the content; Google's ETags change with the metadata, too.
    etag: generation,
    mark: metadata?.[markName],
  };
}

/** What is kept with an object. */
function resource({ key }: ObjectAddress, { contentType, mark }: ObjectWrite): object {
  return {
    name: key,
    ...(contentType === undefined ? {} : { contentType }),
    ...(mark === undefined ? {} : { metadata: { [markName]: mark } }),
  };
}
