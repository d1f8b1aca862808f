import type { ContainerClient } from "@azure/storage-blob";
import { type Clock, type FlyteError, uniqueName } from "@flyte-ts/core/plugin";
import { changedSource } from "../objects/copy-in-parts.ts";
import type {
  CopiedPart,
  CopiesInParts,
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
import { refusedRead, sdkRead } from "../objects/read-answer.ts";
import { type AzureFault, azureError, codeOf } from "./azure-error.ts";
import type { AzureStorageOptions } from "./azure-options.ts";
import { AzureService } from "./azure-service.ts";

/** The name under which a write's mark is kept among an object's metadata; Azure takes only identifiers. */
const markName = "flyte_ts_write";

/** What ends a request of the SDK. */
type Ending = { abortSignal?: AbortSignal };

/** Azure's SDK behind `ObjectClient`. The SDK repeats nothing: `ObjectStorage` does, on its own clock. */
export class BlobClient implements ObjectClient {
  readonly parts = { multiple: 1, sequential: false };
  readonly copiesInParts: CopiesInParts = {
    above: 2 ** 28,
    bytes: 2 ** 28,
    send: (part, to, uploadId, signal) => this.#copyPart(part, to, uploadId, signal),
  };
  readonly #options: AzureStorageOptions;
  readonly #clock: Clock;
  readonly #service: AzureService;

  constructor(options: AzureStorageOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#service = new AzureService(options);
  }

  async head(address: ObjectAddress, signal?: AbortSignal): Promise<ObjectHead | undefined> {
    const found = await this.#call("GetBlobProperties", address, signal, async (container, ending) =>
      container.getBlobClient(address.key).getProperties(ending).catch(absent),
    );
    // With a hierarchical namespace, folders are blobs of their own.
    if (found === undefined || found.metadata?.hdi_isfolder === "true") return undefined;
    const { contentLength: size, lastModified: modified, etag, metadata, contentType } = found;
    return { size, modified, etag, mark: metadata?.[markName], contentType };
  }

  async get(
    address: ObjectAddress,
    { start, end, etag }: ObjectReadRequest,
    signal?: AbortSignal,
  ): Promise<ObjectReadAnswer | "past-end" | "changed"> {
    const answer = await this.#call("GetBlob", address, signal, (container, ending) => {
      const conditions = etag === undefined ? {} : { conditions: { ifMatch: etag } };
      const count = end === undefined ? undefined : end - start;
      return container
        .getBlobClient(address.key)
        .download(start, count, { ...ending, ...conditions, maxRetryRequests: 0 })
        .catch((error: AzureFault) => {
          const refused = refusedRead(error.statusCode);
          if (refused === undefined) throw error;
          return refused;
        });
    });
    if (typeof answer === "string") return answer;
    const { readableStreamBody, etag: version, contentLength: size, contentRange } = answer;
    return sdkRead(readableStreamBody, { etag: version, size, contentRange }, `GetBlob ${shown(address)}`);
  }

  async put(address: ObjectAddress, bytes: Uint8Array, write: ObjectWrite, signal?: AbortSignal): Promise<void> {
    await this.#call("PutBlob", address, signal, (container, ending) =>
      container.getBlockBlobClient(address.key).upload(bytes, bytes.byteLength, { ...ending, ...kept(write) }),
    );
  }

  /** Blocks need no beginning; the id keeps those of several writers apart. */
  async createUpload(): Promise<string> {
    return uniqueName();
  }

  async uploadPart(
    address: ObjectAddress,
    uploadId: string,
    { number, bytes }: ObjectPart,
    signal?: AbortSignal,
  ): Promise<UploadedPart> {
    const id = blockId(uploadId, number);
    await this.#call("PutBlock", address, signal, (container, ending) =>
      container.getBlockBlobClient(address.key).stageBlock(id, bytes, bytes.byteLength, ending),
    );
    return { number, etag: id, checksums: {} };
  }

  async completeUpload(
    address: ObjectAddress,
    _uploadId: string,
    parts: readonly UploadedPart[],
    write: ObjectWrite,
    signal?: AbortSignal,
  ): Promise<"completed"> {
    const ids = parts.map(({ etag }) => etag);
    await this.#call("PutBlockList", address, signal, (container, ending) =>
      container.getBlockBlobClient(address.key).commitBlockList(ids, { ...ending, ...kept(write) }),
    );
    return "completed";
  }

  /** Azure forgets blocks of which nothing was made, after a week or with the next write; none can be removed. */
  async abortUpload(): Promise<void> {}

  async list(address: ObjectAddress, page: string | undefined, signal?: AbortSignal): Promise<ListPage> {
    const found = await this.#call("ListBlobs", address, signal, async (container, ending) => {
      const pages = container
        .listBlobsFlat({ ...ending, prefix: address.key, includeMetadata: true })
        .byPage({ maxPageSize: 1000, ...(page === undefined ? {} : { continuationToken: page }) });
      for await (const first of pages) return first;
      return undefined;
    });
    const objects = (found?.segment.blobItems ?? [])
      .filter(({ metadata }) => metadata?.hdi_isfolder !== "true")
      .map(({ name, properties: { contentLength, lastModified, etag } }) => ({
        key: name,
        size: contentLength,
        modified: lastModified,
        // Listings give it without the quotes that all else has.
        etag: etag === undefined || etag.startsWith('"') ? etag : `"${etag}"`,
      }));
    // Azure's order is by UTF-16, which differs from that of the bytes beyond U+FFFF.
    objects.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
    return { objects, next: found?.continuationToken || undefined };
  }

  async copy(from: ObjectAddress, to: ObjectAddress, signal?: AbortSignal): Promise<void> {
    const { url, right } = await this.#source(from);
    await this.#call("CopyBlob", to, signal, (container, ending) =>
      container.getBlockBlobClient(to.key).syncCopyFromURL(url, { ...ending, ...right }),
    );
  }

  async #copyPart(
    { from, etag, start, end, number }: CopiedPart,
    to: ObjectAddress,
    uploadId: string,
    signal?: AbortSignal,
  ): Promise<UploadedPart> {
    const { url, right } = await this.#source(from);
    const id = blockId(uploadId, number);
    await this.#call("PutBlockFromURL", to, signal, (container, ending) =>
      container.getBlockBlobClient(to.key).stageBlockFromURL(id, url, start, end - start, { ...ending, ...right }),
    );
    // The SDK hands no condition of the source on.
    if ((await this.head(from, signal))?.etag !== etag) throw changedSource(from);
    return { number, etag: id, checksums: {} };
  }

  async delete(address: ObjectAddress, signal?: AbortSignal): Promise<void> {
    await this.#call("DeleteBlob", address, signal, async (container, ending) =>
      container.getBlobClient(address.key).delete(ending).catch(absent),
    );
  }

  async hasContainer(address: ObjectAddress, signal?: AbortSignal): Promise<boolean | undefined> {
    return this.#call("GetContainerProperties", address, signal, (container, ending) =>
      container.getProperties(ending).then(
        () => true,
        (error: AzureFault) => {
          if (error.statusCode === 404) return false;
          if (error.statusCode === 401 || error.statusCode === 403) return undefined;
          throw error;
        },
      ),
    );
  }

  asError(error: unknown, what: string): FlyteError {
    return azureError(error, what, this.#clock.now());
  }

  async #source({ account, container, key }: ObjectAddress): Promise<{ readonly url: string; readonly right: object }> {
    const service = await this.#service.client(account);
    const blob = service.getContainerClient(container).getBlobClient(key);
    const { url, sourceAuthorization } = await this.#service.source(blob);
    return { url, right: sourceAuthorization === undefined ? {} : { sourceAuthorization } };
  }

  /** One request. */
  async #call<T>(
    action: string,
    address: ObjectAddress,
    signal: AbortSignal | undefined,
    send: (container: ContainerClient, ending: Ending) => Promise<T>,
  ): Promise<T> {
    const what = `${action} ${shown(address)}`;
    const began = this.#clock.now();
    const took = (): string => `${this.#clock.now() - began} ms`;
    try {
      signal?.throwIfAborted();
      const service = await this.#service.client(address.account);
      const ending = signal === undefined ? {} : { abortSignal: signal };
      const answer = await send(service.getContainerClient(address.container), ending);
      this.#options.debug?.(`az ${what}: ok, ${took()}`);
      return answer;
    } catch (error) {
      signal?.throwIfAborted();
      const fault = error as AzureFault;
      this.#options.debug?.(`az ${what}: ${codeOf(fault)} ${fault.statusCode ?? ""}, ${took()}`);
      throw this.asError(error, what);
    }
  }
}

const shown = ({ root, key }: ObjectAddress): string => root + key;

/** A block's id: all of a blob have to be equally long. */
const blockId = (upload: string, number: number): string =>
  Buffer.from(`${upload.slice(0, 16)}-${String(number).padStart(6, "0")}`).toString("base64");

/** What is kept with an object, and the condition of its write. */
function kept({ contentType, ifAbsent, mark }: ObjectWrite): {
  blobHTTPHeaders?: { blobContentType: string };
  metadata?: Record<string, string>;
  conditions?: { ifNoneMatch: string };
} {
  return {
    ...(contentType === undefined ? {} : { blobHTTPHeaders: { blobContentType: contentType } }),
    ...(mark === undefined ? {} : { metadata: { [markName]: mark } }),
    ...(ifAbsent === true ? { conditions: { ifNoneMatch: "*" } } : {}),
  };
}

/** An object that is not there is an answer; a container that is not there is an error. */
function absent(error: AzureFault): undefined {
  if (error.statusCode !== 404 || codeOf(error).startsWith("Container")) throw error;
}
