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
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { type Clock, FlyteError } from "@flyte-ts/core/plugin";
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
import { rangeHeader } from "../transfer/content-range.ts";
import { textOf } from "../transfer/rest-request.ts";
import { at, checksumsOf, condition, copySource, decodedKey, kept, markName, shown } from "./command-inputs.ts";
import { quickHead, quickRead } from "./quick-requests.ts";
import { s3Error, statusOf } from "./s3-error.ts";
import type { S3StorageOptions } from "./s3-options.ts";
import { S3Requests } from "./s3-requests.ts";

/** AWS' SDK behind `ObjectClient`. The SDK repeats nothing: `ObjectStorage` does, on its own clock. */
export class SdkClient implements ObjectClient {
  readonly parts = { multiple: 1, sequential: false };
  readonly copiesInParts: CopiesInParts = {
    above: 5 * 2 ** 30,
    bytes: 2 ** 29,
    send: (part, to, uploadId, signal) => this.#copyPart(part, to, uploadId, signal),
  };
  readonly #clock: Clock;
  readonly #requests: S3Requests;

  constructor(options: S3StorageOptions, clock: Clock) {
    this.#clock = clock;
    this.#requests = new S3Requests(options, clock);
  }

  async head(address: ObjectAddress, signal?: AbortSignal): Promise<ObjectHead | undefined> {
    const quick = await this.#requests.quickly("HeadObject", { method: "HEAD", address, signal }, 404);
    if (quick?.status === 404) return undefined;
    if (quick !== undefined) return quickHead(quick);
    const answer = await this.#requests.bySdk("HeadObject", address, signal, {
      send: (client, options) => client.send(new HeadObjectCommand(at(address)), options),
      otherwise: (fault) => (statusOf(fault) === 404 ? "missing" : undefined),
      reads: true,
    });
    if (answer === "missing") return undefined;
    const { ContentLength: size, LastModified: modified, ETag: etag, Metadata, ContentType: contentType } = answer;
    return { size, modified, etag, mark: Metadata?.[markName], contentType };
  }

  async get(
    address: ObjectAddress,
    { start, end, etag }: ObjectReadRequest,
    signal?: AbortSignal,
  ): Promise<ObjectReadAnswer | "past-end" | "changed"> {
    const range = rangeHeader(start, end);
    const headers = { range, "if-match": etag };
    const quick = await this.#requests.quickly("GetObject", { method: "GET", address, headers, signal }, 412, 416);
    if (quick !== undefined) return quickRead(quick, `GetObject ${shown(address)}`);
    const command = {
      ...at(address),
      ...(range === undefined ? {} : { Range: range }),
      ...(etag === undefined ? {} : { IfMatch: etag }),
    };
    const answer = await this.#requests.bySdk("GetObject", address, signal, {
      send: (client, options) => client.send(new GetObjectCommand(command), options),
      otherwise: (fault) => refusedRead(statusOf(fault)),
      reads: true,
    });
    if (typeof answer === "string") return answer;
    const { Body, ContentLength: size, ETag, ContentRange: contentRange } = answer;
    return sdkRead(Body, { etag: ETag, size, contentRange }, `GetObject ${shown(address)}`);
  }

  async put(address: ObjectAddress, bytes: Uint8Array, write: ObjectWrite, signal?: AbortSignal): Promise<void> {
    const headers = {
      "content-type": write.contentType ?? "application/octet-stream",
      "if-none-match": write.ifAbsent === true ? "*" : undefined,
      [`x-amz-meta-${markName}`]: write.mark,
    };
    const quick = await this.#requests.quickly("PutObject", { method: "PUT", address, headers, body: bytes, signal });
    if (quick !== undefined) return void (await textOf(quick));
    const command = {
      ...at(address),
      ...kept(write),
      ...condition(write),
      Body: bytes,
      ContentLength: bytes.byteLength,
    };
    await this.#requests.bySdk("PutObject", address, signal, {
      send: (client, options) => client.send(new PutObjectCommand(command), options),
    });
  }

  async createUpload(address: ObjectAddress, write: ObjectWrite, signal?: AbortSignal): Promise<string> {
    const { UploadId } = await this.#requests.bySdk("CreateMultipartUpload", address, signal, {
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
    const answer = await this.#requests.bySdk("UploadPart", address, signal, {
      send: (client, options) => client.send(new UploadPartCommand(command), options),
    });
    return { number, etag: answer.ETag ?? "", checksums: checksumsOf(answer) };
  }

  async completeUpload(
    address: ObjectAddress,
    uploadId: string,
    parts: readonly UploadedPart[],
    write: ObjectWrite,
    signal?: AbortSignal,
  ): Promise<"completed" | "unknown"> {
    const Parts = parts.map(({ number, etag, checksums }) => ({ PartNumber: number, ETag: etag, ...checksums }));
    const answer = await this.#requests.bySdk("CompleteMultipartUpload", address, signal, {
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
    await this.#requests.bySdk("AbortMultipartUpload", address, signal, {
      send: (client, options) =>
        client.send(new AbortMultipartUploadCommand({ ...at(address), UploadId: uploadId }), options),
      otherwise: (fault) => (statusOf(fault) === 404 ? "missing" : undefined),
    });
  }

  async list(address: ObjectAddress, page: string | undefined, signal?: AbortSignal): Promise<ListPage> {
    const answer = await this.#requests.bySdk("ListObjectsV2", address, signal, {
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
    const quick = await this.#requests.quickly("DeleteObject", { method: "DELETE", address, signal });
    if (quick !== undefined) return void (await textOf(quick));
    await this.#requests.bySdk("DeleteObject", address, signal, {
      send: (client, options) => client.send(new DeleteObjectCommand(at(address)), options),
    });
  }

  async copy(from: ObjectAddress, to: ObjectAddress, signal?: AbortSignal): Promise<void> {
    await this.#requests.bySdk("CopyObject", to, signal, {
      send: (client, options) =>
        client.send(new CopyObjectCommand({ ...at(to), CopySource: copySource(from) }), options),
    });
  }

  async #copyPart(
    { from, etag, start, end, number }: CopiedPart,
    to: ObjectAddress,
    uploadId: string,
    signal?: AbortSignal,
  ): Promise<UploadedPart> {
    const command = {
      ...at(to),
      UploadId: uploadId,
      PartNumber: number,
      CopySource: copySource(from),
      CopySourceRange: `bytes=${start}-${end - 1}`,
      ...(etag === undefined ? {} : { CopySourceIfMatch: etag }),
    };
    const answer = await this.#requests.bySdk("UploadPartCopy", to, signal, {
      send: (client, options) => client.send(new UploadPartCopyCommand(command), options),
      otherwise: (fault) => (statusOf(fault) === 412 ? "changed" : undefined),
    });
    if (answer === "changed") throw changedSource(from);
    const { CopyPartResult = {} } = answer;
    return { number, etag: CopyPartResult.ETag ?? "", checksums: checksumsOf(CopyPartResult) };
  }

  async hasContainer({ container, root }: ObjectAddress, signal?: AbortSignal): Promise<boolean | undefined> {
    const found = await this.#requests.bySdk("HeadBucket", { root, container, key: "" }, signal, {
      send: (client, options) => client.send(new HeadBucketCommand({ Bucket: container }), options),
      otherwise: (fault) => (statusOf(fault) === 404 ? "missing" : statusOf(fault) === 403 ? "denied" : undefined),
      reads: true,
    });
    return found === "denied" ? undefined : found !== "missing";
  }

  asError(error: unknown, what: string): FlyteError {
    return s3Error(error, what, this.#clock.now());
  }
}
