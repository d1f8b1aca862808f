import {
  FlyteError,
  type ObjectStat,
  type ReadOptions,
  type Storage,
  type StorageOptions,
  type WriteBody,
  type WriteOptions,
} from "@flyte-ts/core/plugin";
import { parseContentRange, rangeHeader } from "../transfer/content-range.ts";
import { type OpenedBody, resumedRead } from "../transfer/resumed-read.ts";
import { type RetryPolicy, retrying, retryPolicy } from "../transfer/retry.ts";
import { uploadStream } from "./multipart-upload.ts";
import type { S3ObjectClient } from "./s3-client.ts";
import { s3Error } from "./s3-error.ts";
import type { S3StorageOptions } from "./s3-options.ts";
import { isFolder, parseObjectUri, parseS3Uri } from "./s3-uri.ts";

/** S3 asks for this many bytes in every part of an upload but the last. */
const leastPartBytes = 5 * 2 ** 20;

/** Objects in S3 and in stores that speak its protocol. AWS' SDK is loaded with the first request. */
export class S3Storage implements Storage {
  readonly #options: S3StorageOptions;
  readonly #retry: RetryPolicy;
  #client: Promise<S3ObjectClient> | undefined;

  /** @throws FlyteError `InvalidInput` that names the option. */
  constructor(options: S3StorageOptions = {}) {
    const { partBytes = leastPartBytes, concurrency = 1 } = options;
    if (!Number.isInteger(partBytes) || partBytes < leastPartBytes) {
      throw new FlyteError(
        "InvalidInput",
        `partBytes is ${partBytes}, where S3 needs a whole number from ${leastPartBytes}`,
      );
    }
    if (!Number.isInteger(concurrency) || concurrency < 1) {
      throw new FlyteError("InvalidInput", `concurrency is ${concurrency}, where a whole number from 1 is needed`);
    }
    this.#options = options;
    this.#retry = retryPolicy(options);
  }

  async stat(uri: string, { signal }: StorageOptions = {}): Promise<ObjectStat | undefined> {
    const address = parseS3Uri(uri);
    if (isFolder(address)) return undefined;
    const client = await this.#connect();
    const head = await retrying(this.#retry, signal, () => client.head(address, signal));
    return head && { uri, size: head.size, modified: head.modified, etag: head.etag };
  }

  async *read(uri: string, options: ReadOptions = {}): AsyncIterable<Uint8Array> {
    const address = parseObjectUri(uri);
    const client = await this.#connect();
    yield* resumedRead(
      {
        name: uri,
        open: async (start, end, validator) => {
          const range = rangeHeader(start, end);
          const answer = await client.get(address, { range, ifMatch: validator }, options.signal);
          if (answer === "past-end") return undefined;
          if (answer === "changed") return anotherVersion;
          const part = parseContentRange(answer.contentRange);
          const whole = part === undefined ? answer.size : part.total;
          return {
            first: part?.first ?? 0,
            end: part?.end ?? whole,
            total: whole,
            validator: answer.etag,
            chunks: answer.chunks,
            close: (error) => answer.close(error),
          };
        },
        asError: (error) => s3Error(error, `GetObject ${uri}`, this.#retry.clock.now()),
      },
      options,
      { retry: this.#retry, stallMs: this.#options.timeoutMs ?? 60_000 },
    );
  }

  async write(uri: string, body: WriteBody, { signal, contentType }: WriteOptions = {}): Promise<void> {
    const address = parseObjectUri(uri);
    const client = await this.#connect();
    const { partBytes = 8 * 2 ** 20, concurrency = 4 } = this.#options;
    if (body instanceof Uint8Array && body.byteLength <= partBytes) {
      return retrying(this.#retry, signal, () => client.put(address, body, contentType, signal));
    }
    const stream = body instanceof Uint8Array ? only(body) : body;
    await uploadStream(client, address, stream, contentType, { retry: this.#retry, partBytes, concurrency }, signal);
  }

  async *list(prefix: string, { signal }: StorageOptions = {}): AsyncIterable<ObjectStat> {
    const { bucket, key } = parseS3Uri(prefix);
    const folder = key === "" || key.endsWith("/") ? key : `${key}/`;
    const root = prefix.slice(0, prefix.indexOf("//") + 2) + bucket;
    const client = await this.#connect();
    let page: string | undefined;
    do {
      const asked = page;
      const found = await retrying(this.#retry, signal, () => client.list(bucket, folder, asked, signal));
      for (const { key: name, size, modified, etag } of found.objects) {
        // Consoles mark folders with empty objects of this form.
        if (!name.endsWith("/")) yield { uri: `${root}/${name}`, size, modified, etag };
      }
      page = found.next;
    } while (page !== undefined);
  }

  async delete(uri: string, { signal }: StorageOptions = {}): Promise<void> {
    const address = parseObjectUri(uri);
    const client = await this.#connect();
    await retrying(this.#retry, signal, () => client.delete(address, signal));
  }

  #connect(): Promise<S3ObjectClient> {
    const { client } = this.#options;
    this.#client ??=
      client === undefined
        ? import("./sdk-client.ts").then(({ SdkClient }) => new SdkClient(this.#options, this.#retry.clock))
        : Promise.resolve(client);
    return this.#client;
  }
}

/** Stands for an object that is no longer the one that was begun; by its validator, `resumedRead` refuses it. */
const anotherVersion: OpenedBody = {
  first: 0,
  end: 0,
  total: 0,
  validator: "another version",
  chunks: { [Symbol.asyncIterator]: () => only() },
  close: () => {},
};

async function* only(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
