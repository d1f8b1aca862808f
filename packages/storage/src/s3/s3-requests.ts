import type { S3Client } from "@aws-sdk/client-s3";
import type { Clock } from "@flyte-ts/core/plugin";
import type { ObjectAddress } from "../objects/object-client.ts";
import type { RestAnswer } from "../transfer/rest-request.ts";
import { shown } from "./command-inputs.ts";
import { newClient } from "./new-client.ts";
import { type QuickRequest, QuickRequests, type SentRequest } from "./quick-requests.ts";
import { type S3Fault, s3Error, statusOf } from "./s3-error.ts";
import type { S3StorageOptions } from "./s3-options.ts";

/** What ends a request of the SDK. */
type Ending = { abortSignal?: AbortSignal };

/** A request by the SDK. */
export interface SdkRequest<T, Other extends string> {
  /** Sends it, given the client and what ends it. */
  readonly send: (client: S3Client, ending: Ending) => Promise<T>;
  /** Names what is an answer although the SDK throws it. */
  readonly otherwise?: (fault: S3Fault) => Other | undefined;
  /** True where it may be tried without a signature. */
  readonly reads?: boolean;
}

/**
 * Sends requests, one at a time and nothing repeated: by the SDK, and quickly where the SDK has found the way before. Tells
 * `options.debug` of each.
 */
export class S3Requests {
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

  /**
   * The request on the way that the SDK has found before; undefined where it has not. `answers` are statuses besides success
   * that are no errors.
   * @throws FlyteError for every other answer, and for a failed connection.
   */
  async quickly(action: string, request: QuickRequest, ...answers: readonly number[]): Promise<RestAnswer | undefined> {
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

  /** A request by the SDK. @throws FlyteError for what is no answer. */
  async bySdk<T, Other extends string = never>(
    action: string,
    address: ObjectAddress,
    signal: AbortSignal | undefined,
    request: SdkRequest<T, Other>,
  ): Promise<T | Other> {
    const what = `${action} ${shown(address)}`;
    const began = this.#clock.now();
    const ending = signal === undefined ? {} : { abortSignal: signal };
    try {
      signal?.throwIfAborted();
      this.#client ??= newClient(this.#options, this.#anonymous).then((client) => this.#follow(client));
      const answer = await request.send(await this.#client, ending);
      this.#options.debug?.(`s3 ${what}: ok, ${this.#clock.now() - began} ms`);
      return answer;
    } catch (error) {
      signal?.throwIfAborted();
      const fault = error as S3Fault;
      this.#options.debug?.(`s3 ${what}: ${fault.name} ${statusOf(fault) ?? ""}, ${this.#clock.now() - began} ms`);
      const other = request.otherwise?.(fault);
      if (other !== undefined) return other;
      if (request.reads === true && fault.name === "CredentialsProviderError" && !this.#anonymous) {
        return await this.#unsigned(what, request, ending, error);
      }
      throw s3Error(error, what, this.#clock.now());
    }
  }

  /** Reads without a signature, as flytekit does where no credentials are found; the first success makes it the rule. */
  async #unsigned<T, Other extends string>(
    what: string,
    { send, otherwise }: SdkRequest<T, Other>,
    ending: Ending,
    noCredentials: unknown,
  ): Promise<T | Other> {
    const client = await newClient(this.#options, true);
    try {
      const answer = await send(client, ending);
      this.#anonymous = true;
      this.#client = Promise.resolve(this.#follow(client));
      return answer;
    } catch (error) {
      ending.abortSignal?.throwIfAborted();
      const other = otherwise?.(error as S3Fault);
      if (other !== undefined) return other;
      const failed = s3Error(error, what, this.#clock.now());
      throw failed.code === "PermissionDenied" ? s3Error(noCredentials, what, this.#clock.now()) : failed;
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
}
