import http from "node:http";
import https from "node:https";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
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
import { rangeHeader } from "../transfer/content-range.ts";
import { type S3Fault, s3Error, statusOf } from "./s3-error.ts";
import type { S3StorageOptions } from "./s3-options.ts";

/** One request by the SDK, given the client and what ends it. */
type Send<T> = (client: S3Client, options: { abortSignal?: AbortSignal }) => Promise<T>;

/** The name under which a write's mark is kept among an object's metadata. */
const markName = "flyte-ts-write";

/** An object that is larger than this is copied in parts; S3 copies no more at once. */
const mostCopiedBytes = 5 * 2 ** 30;

/** Bytes of such a part. */
const copiedPartBytes = 2 ** 29;

/** AWS' SDK behind `ObjectClient`. The SDK repeats nothing: `ObjectStorage` does, on its own clock. */
export class SdkClient implements ObjectClient {
  readonly parts = { multiple: 1, sequential: false };
  readonly #options: S3StorageOptions;
  readonly #clock: Clock;
  #client: Promise<S3Client> | undefined;
  #anonymous: boolean;

  constructor(options: S3StorageOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#anonymous = options.anonymous ?? false;
  }

  async head(address: ObjectAddress, signal?: AbortSignal): Promise<ObjectHead | undefined> {
    const answer = await this.#call("HeadObject", address, signal, {
      send: (client, options) => client.send(new HeadObjectCommand(at(address)), options),
      otherwise: (fault) => (statusOf(fault) === 404 ? "missing" : undefined),
      reads: true,
    });
    if (answer === "missing") return undefined;
    const { ContentLength: size, LastModified: modified, ETag: etag, Metadata } = answer;
    return { size, modified, etag, mark: Metadata?.[markName] };
  }

  async get(
    address: ObjectAddress,
    { start, end, etag }: ObjectReadRequest,
    signal?: AbortSignal,
  ): Promise<ObjectReadAnswer | "past-end" | "changed"> {
    const range = rangeHeader(start, end);
    const answer = await this.#call("GetObject", address, signal, {
      send: (client, options) =>
        client.send(
          new GetObjectCommand({
            ...at(address),
            ...(range === undefined ? {} : { Range: range }),
            ...(etag === undefined ? {} : { IfMatch: etag }),
          }),
          options,
        ),
      otherwise: (fault) => (statusOf(fault) === 416 ? "past-end" : statusOf(fault) === 412 ? "changed" : undefined),
      reads: true,
    });
    if (typeof answer === "string") return answer;
    const { Body: body } = answer;
    if (!(body instanceof Readable))
      throw new FlyteError("Internal", `GetObject ${shown(address)}: the SDK gave no stream`);
    return {
      size: answer.ContentLength,
      etag: answer.ETag,
      contentRange: answer.ContentRange,
      chunks: body,
      close: (error) => void body.destroy(error),
    };
  }

  async put(address: ObjectAddress, bytes: Uint8Array, write: ObjectWrite, signal?: AbortSignal): Promise<void> {
    const command = {
      ...at(address),
      ...kept(write),
      ...condition(write),
      Body: bytes,
      ContentLength: bytes.byteLength,
    };
    await this.#call("PutObject", address, signal, {
      send: (client, options) => client.send(new PutObjectCommand(command), options),
    });
  }

  async createUpload(address: ObjectAddress, write: ObjectWrite, signal?: AbortSignal): Promise<string> {
    const { UploadId } = await this.#call("CreateMultipartUpload", address, signal, {
      send: async (client, options) => {
        // The parts' checksums have to be announced, as the SDK's own uploader does.
        const sum = (await client.config.requestChecksumCalculation()) === "WHEN_SUPPORTED";
        const checksum = sum ? ({ ChecksumAlgorithm: "CRC32" } as const) : {};
        return client.send(new CreateMultipartUploadCommand({ ...at(address), ...kept(write), ...checksum }), options);
      },
    });
    if (UploadId !== undefined) return UploadId;
    throw new FlyteError("Unavailable", `CreateMultipartUpload ${shown(address)}: the store gave no upload id`);
  }

  async uploadPart(
    address: ObjectAddress,
    uploadId: string,
    { number, bytes }: ObjectPart,
    signal?: AbortSignal,
  ): Promise<UploadedPart> {
    const command = {
      ...at(address),
      UploadId: uploadId,
      PartNumber: number,
      Body: bytes,
      ContentLength: bytes.byteLength,
    };
    const answer = await this.#call("UploadPart", address, signal, {
      send: (client, options) => client.send(new UploadPartCommand(command), options),
    });
    const given = Object.entries(answer).filter(
      ([name, value]) => /^Checksum[A-Z0-9]+$/.test(name) && typeof value === "string",
    );
    return { number, etag: answer.ETag ?? "", checksums: Object.fromEntries(given) };
  }

  async completeUpload(
    address: ObjectAddress,
    uploadId: string,
    parts: readonly UploadedPart[],
    write: ObjectWrite,
    signal?: AbortSignal,
  ): Promise<"completed" | "unknown"> {
    const Parts = parts.map(({ number, etag, checksums }) => ({ PartNumber: number, ETag: etag, ...checksums }));
    const answer = await this.#call("CompleteMultipartUpload", address, signal, {
      send: (client, options) =>
        client.send(
          new CompleteMultipartUploadCommand({
            ...at(address),
            ...condition(write),
            UploadId: uploadId,
            MultipartUpload: { Parts },
          }),
          options,
        ),
      otherwise: (fault) => (fault.name === "NoSuchUpload" ? "unknown" : undefined),
    });
    return answer === "unknown" ? "unknown" : "completed";
  }

  async abortUpload(address: ObjectAddress, uploadId: string, signal?: AbortSignal): Promise<void> {
    await this.#call("AbortMultipartUpload", address, signal, {
      send: (client, options) =>
        client.send(new AbortMultipartUploadCommand({ ...at(address), UploadId: uploadId }), options),
      otherwise: (fault) => (statusOf(fault) === 404 ? "missing" : undefined),
    });
  }

  async list(address: ObjectAddress, page: string | undefined, signal?: AbortSignal): Promise<ListPage> {
    const answer = await this.#call("ListObjectsV2", address, signal, {
      send: (client, options) =>
        client.send(
          // Keys may hold characters that XML cannot, so they are asked for encoded. Not every store does it.
          new ListObjectsV2Command({
            Bucket: address.container,
            Prefix: address.key,
            EncodingType: "url",
            ...(page === undefined ? {} : { ContinuationToken: page }),
          }),
          options,
        ),
      reads: true,
    });
    const decode = (key: string): string =>
      answer.EncodingType === "url" ? decodeURIComponent(key.replaceAll("+", " ")) : key;
    return {
      objects: (answer.Contents ?? []).map(({ Key = "", Size, LastModified, ETag }) => ({
        key: decode(Key),
        size: Size,
        modified: LastModified,
        etag: ETag,
      })),
      next: answer.IsTruncated === true ? answer.NextContinuationToken : undefined,
    };
  }

  async delete(address: ObjectAddress, signal?: AbortSignal): Promise<void> {
    await this.#call("DeleteObject", address, signal, {
      send: (client, options) => client.send(new DeleteObjectCommand(at(address)), options),
    });
  }

  async copy(from: ObjectAddress, to: ObjectAddress, signal?: AbortSignal): Promise<void> {
    const head = await this.head(from, signal);
    if (head === undefined) throw new FlyteError("NotFound", `CopyObject ${shown(from)}: there is no such object`);
    const CopySource = `${from.container}/${from.key.split("/").map(encodeURIComponent).join("/")}`;
    const { size = 0 } = head;
    if (size > mostCopiedBytes) return this.#copyInParts(CopySource, size, head.etag, to, signal);
    await this.#call("CopyObject", to, signal, {
      send: (client, options) => client.send(new CopyObjectCommand({ ...at(to), CopySource }), options),
    });
  }

  async #copyInParts(
    CopySource: string,
    size: number,
    etag: string | undefined,
    to: ObjectAddress,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const UploadId = await this.createUpload(to, {}, signal);
    try {
      const parts: UploadedPart[] = [];
      for (let start = 0; start < size; start += copiedPartBytes) {
        const command = {
          ...at(to),
          UploadId,
          CopySource,
          PartNumber: parts.length + 1,
          CopySourceRange: `bytes=${start}-${Math.min(size, start + copiedPartBytes) - 1}`,
          ...(etag === undefined ? {} : { CopySourceIfMatch: etag }),
        };
        const { CopyPartResult } = await this.#call("UploadPartCopy", to, signal, {
          send: (client, options) => client.send(new UploadPartCopyCommand(command), options),
        });
        parts.push({ number: command.PartNumber, etag: CopyPartResult?.ETag ?? "", checksums: {} });
      }
      await this.completeUpload(to, UploadId, parts, {}, signal);
    } catch (error) {
      await this.abortUpload(to, UploadId, AbortSignal.timeout(15_000)).catch(() => {});
      throw error;
    }
  }

  async hasContainer({ container, root }: ObjectAddress, signal?: AbortSignal): Promise<boolean | undefined> {
    const found = await this.#call("HeadBucket", { root, container, key: "" }, signal, {
      send: (client, options) => client.send(new HeadBucketCommand({ Bucket: container }), options),
      otherwise: (fault) => (statusOf(fault) === 404 ? "missing" : statusOf(fault) === 403 ? "denied" : undefined),
      reads: true,
    });
    return found === "denied" ? undefined : found !== "missing";
  }

  asError(error: unknown, what: string): FlyteError {
    return s3Error(error, what, this.#clock.now());
  }

  /** One request. `otherwise` names what is an answer although the SDK throws it; `reads` allows a try without a signature. */
  async #call<T, Other extends string = never>(
    action: string,
    address: ObjectAddress,
    signal: AbortSignal | undefined,
    { send, otherwise, reads }: { send: Send<T>; otherwise?: (fault: S3Fault) => Other | undefined; reads?: boolean },
  ): Promise<T | Other> {
    const what = `${action} ${shown(address)}`;
    const began = this.#clock.now();
    const options = signal === undefined ? {} : { abortSignal: signal };
    try {
      signal?.throwIfAborted();
      this.#client ??= newClient(this.#options, this.#anonymous);
      const answer = await send(await this.#client, options);
      this.#options.debug?.(`s3 ${what}: ok, ${this.#clock.now() - began} ms`);
      return answer;
    } catch (error) {
      signal?.throwIfAborted();
      const fault = error as S3Fault;
      this.#options.debug?.(`s3 ${what}: ${fault.name} ${statusOf(fault) ?? ""}, ${this.#clock.now() - began} ms`);
      const other = otherwise?.(fault);
      if (other !== undefined) return other;
      if (reads === true && fault.name === "CredentialsProviderError" && !this.#anonymous) {
        return await this.#unsigned(what, send, otherwise, options, error);
      }
      throw s3Error(error, what, this.#clock.now());
    }
  }

  /** Reads without a signature, as flytekit does where no credentials are found; the first success makes it the rule. */
  async #unsigned<T, Other extends string>(
    what: string,
    send: Send<T>,
    otherwise: ((fault: S3Fault) => Other | undefined) | undefined,
    options: { abortSignal?: AbortSignal },
    noCredentials: unknown,
  ): Promise<T | Other> {
    const client = await newClient(this.#options, true);
    try {
      const answer = await send(client, options);
      this.#anonymous = true;
      this.#client = Promise.resolve(client);
      return answer;
    } catch (error) {
      options.abortSignal?.throwIfAborted();
      const other = otherwise?.(error as S3Fault);
      if (other !== undefined) return other;
      const failed = s3Error(error, what, this.#clock.now());
      throw failed.code === "PermissionDenied" ? s3Error(noCredentials, what, this.#clock.now()) : failed;
    }
  }
}

async function newClient(options: S3StorageOptions, anonymous: boolean): Promise<S3Client> {
  const { endpoint, region, credentials, addressing, timeoutMs = 60_000, connectTimeoutMs = 10_000 } = options;
  const config: S3ClientConfig = {
    maxAttempts: 1,
    followRegionRedirects: true,
    forcePathStyle: addressing === undefined ? endpoint !== undefined : addressing === "path",
    // The process's own agents know the proxy that NODE_USE_ENV_PROXY asks for.
    requestHandler: {
      connectionTimeout: connectTimeoutMs,
      socketTimeout: timeoutMs,
      httpAgent: http.globalAgent,
      httpsAgent: https.globalAgent,
    },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(anonymous
      ? { credentials: { accessKeyId: "", secretAccessKey: "" }, signer: { sign: async (request) => request } }
      : {}),
  };
  const client = new S3Client(region === undefined ? config : { ...config, region });
  if (region !== undefined) return client;
  return client.config.region().then(
    () => client,
    () => new S3Client({ ...config, region: "us-east-1" }),
  );
}

const at = ({ container, key }: ObjectAddress): { Bucket: string; Key: string } => ({ Bucket: container, Key: key });

const shown = ({ root, key }: ObjectAddress): string => root + key;

/** What is kept with an object. */
const kept = ({ contentType, mark }: ObjectWrite): { ContentType?: string; Metadata?: Record<string, string> } => ({
  ...(contentType === undefined ? {} : { ContentType: contentType }),
  ...(mark === undefined ? {} : { Metadata: { [markName]: mark } }),
});

const condition = ({ ifAbsent }: ObjectWrite): { IfNoneMatch?: string } =>
  ifAbsent === true ? { IfNoneMatch: "*" } : {};
