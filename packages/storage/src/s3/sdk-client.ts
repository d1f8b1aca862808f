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
  type S3Client,
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
import { type RestAnswer, textOf } from "../transfer/rest-request.ts";
import { at, condition, decodedKey, kept, markName, shown } from "./command-inputs.ts";
import { copyInParts, mostCopiedBytes } from "./copy-in-parts.ts";
import { newClient } from "./new-client.ts";
import { type QuickRequest, QuickRequests, quickHead, quickRead, type SentRequest } from "./quick-requests.ts";
import { type S3Fault, s3Error, statusOf } from "./s3-error.ts";
import type { S3StorageOptions } from "./s3-options.ts";

/** One request by the SDK, given the client and what ends it. */
type Send<T> = (client: S3Client, options: { abortSignal?: AbortSignal }) => Promise<T>;

/** AWS' SDK behind `ObjectClient`. The SDK repeats nothing: `ObjectStorage` does, on its own clock. */
export class SdkClient implements ObjectClient {
  readonly parts = { multiple: 1, sequential: false };
  readonly #options: S3StorageOptions;
  readonly #clock: Clock;
  #client: Promise<S3Client> | undefined;
  #quick: QuickRequests | undefined;
  #anonymous: boolean;

  constructor(options: S3StorageOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#anonymous = options.anonymous ?? false;
  }

  async head(address: ObjectAddress, signal?: AbortSignal): Promise<ObjectHead | undefined> {
    const quick = await this.#quickly("HeadObject", { method: "HEAD", address, signal }, 404);
    if (quick?.status === 404) return undefined;
    if (quick !== undefined) return quickHead(quick);
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
    const headers = { range, "if-match": etag };
    const quick = await this.#quickly("GetObject", { method: "GET", address, headers, signal }, 412, 416);
    if (quick !== undefined) return quickRead(quick, `GetObject ${shown(address)}`);
    const command = {
      ...at(address),
      ...(range === undefined ? {} : { Range: range }),
      ...(etag === undefined ? {} : { IfMatch: etag }),
    };
    const answer = await this.#call("GetObject", address, signal, {
      send: (client, options) => client.send(new GetObjectCommand(command), options),
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
    const headers = {
      "content-type": write.contentType ?? "application/octet-stream",
      "if-none-match": write.ifAbsent === true ? "*" : undefined,
      [`x-amz-meta-${markName}`]: write.mark,
    };
    const quick = await this.#quickly("PutObject", { method: "PUT", address, headers, body: bytes, signal });
    if (quick !== undefined) return void (await textOf(quick));
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
    return {
      objects: (answer.Contents ?? []).map(({ Key = "", Size, LastModified, ETag }) => ({
        key: decodedKey(Key, answer.EncodingType),
        size: Size,
        modified: LastModified,
        etag: ETag,
      })),
      next: answer.IsTruncated === true ? answer.NextContinuationToken : undefined,
    };
  }

  async delete(address: ObjectAddress, signal?: AbortSignal): Promise<void> {
    const quick = await this.#quickly("DeleteObject", { method: "DELETE", address, signal });
    if (quick !== undefined) return void (await textOf(quick));
    await this.#call("DeleteObject", address, signal, {
      send: (client, options) => client.send(new DeleteObjectCommand(at(address)), options),
    });
  }

  async copy(from: ObjectAddress, to: ObjectAddress, signal?: AbortSignal): Promise<void> {
    const head = await this.head(from, signal);
    if (head === undefined) throw new FlyteError("NotFound", `CopyObject ${shown(from)}: there is no such object`);
    const CopySource = `${from.container}/${from.key.split("/").map(encodeURIComponent).join("/")}`;
    const { size = 0 } = head;
    if (size > mostCopiedBytes) {
      return copyInParts(this, CopySource, size, to, (part) => {
        const condition = head.etag === undefined ? {} : { CopySourceIfMatch: head.etag };
        return this.#call("UploadPartCopy", to, signal, {
          send: (client, options) =>
            client.send(new UploadPartCopyCommand({ ...at(to), ...part, ...condition }), options),
        }).then(({ CopyPartResult }) => CopyPartResult?.ETag ?? "");
      });
    }
    await this.#call("CopyObject", to, signal, {
      send: (client, options) => client.send(new CopyObjectCommand({ ...at(to), CopySource }), options),
    });
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

  /** The request on the way that the SDK has found before; undefined where it has not. */
  async #quickly(
    action: string,
    request: QuickRequest,
    ...answers: readonly number[]
  ): Promise<RestAnswer | undefined> {
    const { address, signal } = request;
    const what = `${action} ${shown(address)}`;
    const began = this.#clock.now();
    try {
      const answer = await this.#quick?.send(request, ...answers);
      if (answer !== undefined) this.#options.debug?.(`s3 ${what}: ${answer.status}, ${this.#clock.now() - began} ms`);
      return answer;
    } catch (error) {
      signal?.throwIfAborted();
      this.#options.debug?.(`s3 ${what}: ${(error as S3Fault).name}, ${this.#clock.now() - began} ms`);
      throw s3Error(error, what, this.#clock.now());
    }
  }

  /** Lets the quick requests learn from those that the SDK sends and gets answered. */
  #follow(client: S3Client): S3Client {
    const quick = new QuickRequests(client.config);
    this.#quick = quick;
    client.middlewareStack.add(
      (next) => async (args) => {
        const answered = await next(args);
        const { Bucket, Key } = args.input as { Bucket?: string; Key?: string };
        const { statusCode = 500 } = answered.response as { statusCode?: number };
        if (Bucket !== undefined && Key !== undefined && statusCode < 300) {
          quick.learn(Bucket, Key, args.request as SentRequest);
        }
        return answered;
      },
      { step: "deserialize", priority: "low", name: "learnTheWay" },
    );
    return client;
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
      this.#client ??= newClient(this.#options, this.#anonymous).then((client) => this.#follow(client));
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
      this.#client = Promise.resolve(this.#follow(client));
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
