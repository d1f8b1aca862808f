import http from "node:http";
import https from "node:https";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { type Clock, FlyteError } from "@flyte-ts/core/plugin";
import type {
  S3ListPage,
  S3ObjectAddress,
  S3ObjectClient,
  S3ObjectHead,
  S3ReadAnswer,
  S3ReadRequest,
  S3UploadedPart,
} from "./s3-client.ts";
import { type S3Fault, s3Error, statusOf } from "./s3-error.ts";
import type { S3StorageOptions } from "./s3-options.ts";

/** One request by the SDK, given the client and what ends it. */
type Send<T> = (client: S3Client, options: { abortSignal?: AbortSignal }) => Promise<T>;

/** AWS' SDK behind `S3ObjectClient`. The SDK repeats nothing: `S3Storage` does, on its own clock. */
export class SdkClient implements S3ObjectClient {
  readonly #options: S3StorageOptions;
  readonly #clock: Clock;
  #client: Promise<S3Client> | undefined;
  #anonymous: boolean;

  constructor(options: S3StorageOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#anonymous = options.anonymous ?? false;
  }

  async head(address: S3ObjectAddress, signal?: AbortSignal): Promise<S3ObjectHead | undefined> {
    const answer = await this.#call("HeadObject", address, signal, {
      send: (client, options) => client.send(new HeadObjectCommand(at(address)), options),
      otherwise: (fault) => (statusOf(fault) === 404 ? "missing" : undefined),
      reads: true,
    });
    if (answer === "missing") return undefined;
    return { size: answer.ContentLength, modified: answer.LastModified, etag: answer.ETag };
  }

  async get(
    address: S3ObjectAddress,
    { range, ifMatch }: S3ReadRequest,
    signal?: AbortSignal,
  ): Promise<S3ReadAnswer | "past-end" | "changed"> {
    const answer = await this.#call("GetObject", address, signal, {
      send: (client, options) =>
        client.send(
          new GetObjectCommand({
            ...at(address),
            ...(range === undefined ? {} : { Range: range }),
            ...(ifMatch === undefined ? {} : { IfMatch: ifMatch }),
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
      modified: answer.LastModified,
      etag: answer.ETag,
      contentRange: answer.ContentRange,
      chunks: body,
      close: (error) => void body.destroy(error),
    };
  }

  async put(address: S3ObjectAddress, bytes: Uint8Array, contentType?: string, signal?: AbortSignal): Promise<void> {
    const command = { ...at(address), Body: bytes, ContentLength: bytes.byteLength, ...typed(contentType) };
    await this.#call("PutObject", address, signal, {
      send: (client, options) => client.send(new PutObjectCommand(command), options),
    });
  }

  async createUpload(address: S3ObjectAddress, contentType?: string, signal?: AbortSignal): Promise<string> {
    const { UploadId } = await this.#call("CreateMultipartUpload", address, signal, {
      send: async (client, options) => {
        // The parts' checksums have to be announced, as the SDK's own uploader does.
        const sum = (await client.config.requestChecksumCalculation()) === "WHEN_SUPPORTED";
        const checksum = sum ? ({ ChecksumAlgorithm: "CRC32" } as const) : {};
        return client.send(
          new CreateMultipartUploadCommand({ ...at(address), ...typed(contentType), ...checksum }),
          options,
        );
      },
    });
    if (UploadId !== undefined) return UploadId;
    throw new FlyteError("Unavailable", `CreateMultipartUpload ${shown(address)}: the store gave no upload id`);
  }

  async uploadPart(
    address: S3ObjectAddress,
    uploadId: string,
    number: number,
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<S3UploadedPart> {
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
    address: S3ObjectAddress,
    uploadId: string,
    parts: readonly S3UploadedPart[],
    signal?: AbortSignal,
  ): Promise<"completed" | "unknown"> {
    const Parts = parts.map(({ number, etag, checksums }) => ({ PartNumber: number, ETag: etag, ...checksums }));
    const answer = await this.#call("CompleteMultipartUpload", address, signal, {
      send: (client, options) =>
        client.send(
          new CompleteMultipartUploadCommand({ ...at(address), UploadId: uploadId, MultipartUpload: { Parts } }),
          options,
        ),
      otherwise: (fault) => (fault.name === "NoSuchUpload" ? "unknown" : undefined),
    });
    return answer === "unknown" ? "unknown" : "completed";
  }

  async abortUpload(address: S3ObjectAddress, uploadId: string, signal?: AbortSignal): Promise<void> {
    await this.#call("AbortMultipartUpload", address, signal, {
      send: (client, options) =>
        client.send(new AbortMultipartUploadCommand({ ...at(address), UploadId: uploadId }), options),
      otherwise: (fault) => (statusOf(fault) === 404 ? "missing" : undefined),
    });
  }

  async list(bucket: string, prefix: string, page: string | undefined, signal?: AbortSignal): Promise<S3ListPage> {
    const answer = await this.#call("ListObjectsV2", { bucket, key: prefix }, signal, {
      send: (client, options) =>
        client.send(
          // Keys may hold characters that XML cannot, so they are asked for encoded. Not every store does it.
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix,
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

  async delete(address: S3ObjectAddress, signal?: AbortSignal): Promise<void> {
    await this.#call("DeleteObject", address, signal, {
      send: (client, options) => client.send(new DeleteObjectCommand(at(address)), options),
    });
  }

  /** One request. `otherwise` names what is an answer although the SDK throws it; `reads` allows a try without a signature. */
  async #call<T, Other extends string = never>(
    action: string,
    address: S3ObjectAddress,
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

const at = ({ bucket, key }: S3ObjectAddress): { Bucket: string; Key: string } => ({ Bucket: bucket, Key: key });

const shown = ({ bucket, key }: S3ObjectAddress): string => `s3://${bucket}/${key}`;

const typed = (contentType: string | undefined): { ContentType?: string } =>
  contentType === undefined ? {} : { ContentType: contentType };
