import { createHash, createHmac } from "node:crypto";
import { crc32 } from "node:zlib";
import { FlyteError } from "@flyte-ts/core/plugin";
import { SignatureV4 } from "@smithy/signature-v4";
import type { ObjectAddress, ObjectHead, ObjectReadAnswer } from "../objects/object-client.ts";
import { refusedRead, restRead } from "../objects/read-answer.ts";
import { type RestAnswer, sendRest, textOf } from "../transfer/rest-request.ts";
import { markName } from "./command-inputs.ts";
import type { S3Fault } from "./s3-error.ts";

/** What is signed with. */
type Credentials = ConstructorParameters<typeof SignatureV4>[0]["credentials"];

/** A request as the SDK sent it. */
export interface SentRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  /** Percent-encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the SDK's client is configured with. */
export interface QuickConfig {
  readonly credentials: Credentials;
  /** Milliseconds by which the SDK found this machine's clock to be behind. */
  readonly systemClockOffset: number;
  /** `WHEN_SUPPORTED`: objects are sent with a checksum, and checked against it. Not every store knows them. */
  readonly requestChecksumCalculation: () => Promise<string>;
  readonly responseChecksumValidation: () => Promise<string>;
}

/** Where a bucket's requests go, and how they are signed. */
interface Way {
  readonly origin: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port: number | undefined;
  /** The path before the key. */
  readonly prefix: string;
  readonly signer: SignatureV4 | undefined;
}

/** One request for an object. */
export interface QuickRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "DELETE";
  readonly address: ObjectAddress;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: Uint8Array;
  readonly signal: AbortSignal | undefined;
}

/** Errors that say that a bucket's requests have to go, or to be signed, another way. */
const astray =
  /^(PermanentRedirect|TemporaryRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraint|RequestTimeTooSkewed)/;

/**
 * Requests for many objects of a bucket, once the SDK has found the way to it: endpoint, region, style of addresses. Of the
 * time that the SDK takes for a small object four fifths go into finding that anew for each; what is left to do is to sign,
 * which AWS' own signer does here, too. Whatever leads astray is left to the SDK.
 */
export class QuickRequests {
  readonly #ways = new Map<string, Way>();
  readonly #config: QuickConfig;

  constructor(config: QuickConfig) {
    this.#config = config;
  }

  /** Takes the way from a request that the SDK sent for an object, and that was answered. */
  learn(container: string, key: string, { protocol, hostname, port, path, headers }: SentRequest): void {
    if (this.#ways.has(container)) return;
    const name = pathOf(key);
    if (!path.endsWith(`/${name}`)) return;
    const authorization = headers.authorization;
    const [, region = "", service = ""] =
      /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\/aws4_request/.exec(authorization ?? "") ?? [];
    // Buckets of other kinds (directories, several regions) are signed in other ways.
    if (authorization !== undefined && service !== "s3") return;
    const signer =
      authorization === undefined
        ? undefined
        : new SignatureV4({
            credentials: this.#config.credentials,
            region,
            service,
            sha256: Sha256,
            uriEscapePath: false,
          });
    const origin = `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`;
    this.#ways.set(container, { origin, protocol, hostname, port, prefix: path.slice(0, -name.length), signer });
  }

  /**
   * Sends a request; the SDK has to where this gives undefined. `answers` are statuses besides success that are no errors.
   * @throws S3Fault, and what Node throws for a failed connection.
   */
  async send(
    { method, address, headers: given = {}, body, signal }: QuickRequest,
    ...answers: readonly number[]
  ): Promise<RestAnswer | undefined> {
    const way = this.#ways.get(address.container);
    if (way === undefined) return undefined;
    const path = way.prefix + pathOf(address.key);
    const url = new URL(way.origin + path);
    // A key with "." for a segment does not survive a URL.
    if (url.pathname !== path) return undefined;
    const unsigned: Record<string, string> = { host: url.host };
    for (const [name, value] of Object.entries(given)) if (value !== undefined) unsigned[name] = value;
    const { systemClockOffset, requestChecksumCalculation, responseChecksumValidation } = this.#config;
    if (body !== undefined && (await requestChecksumCalculation()) === "WHEN_SUPPORTED") {
      unsigned["x-amz-checksum-crc32"] = base64Of(crc32(body));
    }
    if (method === "GET" && given.range === undefined && (await responseChecksumValidation()) === "WHEN_SUPPORTED") {
      unsigned["x-amz-checksum-mode"] = "ENABLED";
    }
    const headers = await signed(way, method, path, unsigned, body, systemClockOffset);
    const answer = await sendRest({ method, url, headers, ...(body === undefined ? {} : { body }), signal });
    if ((answer.status >= 200 && answer.status < 300) || answers.includes(answer.status)) return answer;
    const fault = await faultOf(answer, method);
    if (!(answer.status >= 300 && answer.status < 400) && !astray.test(fault.name ?? "")) throw fault;
    this.#ways.delete(address.container);
    return undefined;
  }
}

async function signed(
  { protocol, hostname, port, signer }: Way,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Uint8Array | undefined,
  clockOffset: number,
): Promise<Readonly<Record<string, string>>> {
  if (signer === undefined) return headers;
  const request = {
    method,
    protocol,
    hostname,
    ...(port === undefined ? {} : { port }),
    path,
    query: {},
    headers,
    body,
  };
  const signing = clockOffset === 0 ? {} : { signingDate: new Date(Date.now() + clockOffset) };
  return (await signer.sign(request, signing)).headers;
}

/** An answer's error in the form that the SDK gives it. */
async function faultOf(answer: RestAnswer, method: string): Promise<S3Fault & Error> {
  const text = method === "HEAD" ? "" : await textOf(answer);
  if (method === "HEAD") answer.body.destroy();
  const tag = (name: string): string | undefined => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
  const name = tag("Code") ?? (answer.status === 404 ? "NotFound" : "Unknown");
  return Object.assign(new Error(tag("Message") ?? `status ${answer.status}`), {
    name,
    $metadata: { httpStatusCode: answer.status },
    $response: { headers },
  });
}

/** An answer to HEAD. */
export function quickHead({ headers }: RestAnswer): ObjectHead {
  return {
    size: Number(headers["content-length"]),
    modified: new Date(headers["last-modified"] ?? Number.NaN),
    etag: headers.etag,
    mark: headers[`x-amz-meta-${markName}`]?.toString(),
    contentType: headers["content-type"],
  };
}

/** An answer to GET. */
export function quickRead(answer: RestAnswer, what: string): ObjectReadAnswer | "past-end" | "changed" {
  const refused = refusedRead(answer.status);
  if (refused === undefined) return restRead(answer, answer.headers.etag, checkedBody(answer, what));
  answer.body.destroy();
  return refused;
}

/**
 * The chunks of a body, checked at their end against the checksum of the whole object that came with the answer.
 * @throws FlyteError `Internal` for bytes that are not those that were written.
 */
async function* checkedBody({ headers, status, body }: RestAnswer, what: string): AsyncIterable<Uint8Array> {
  const expected = headers["x-amz-checksum-crc32"];
  // That of an upload in parts may be made of the parts' own, which its end says.
  if (status !== 200 || typeof expected !== "string" || expected.includes("-")) return yield* body;
  let sum = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (base64Of(sum) === expected) return;
  throw new FlyteError("Internal", `${what}: checksum mismatch: the bytes are not those that were written`);
}

/** A key as the SDK encodes it in a path. */
function pathOf(key: string): string {
  const strict = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);
  return key.split("/").map(strict).join("/");
}

function base64Of(sum: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(sum);
  return bytes.toString("base64");
}

/** Node's SHA-256 in the form that the signer wants. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key = secret instanceof ArrayBuffer ? Buffer.from(secret) : secret;
    this.#hash = key === undefined ? createHash("sha256") : createHmac("sha256", key as string | Buffer);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {}
}
