import type { IncomingMessage, RequestOptions } from "node:http";
import type { Duplex } from "node:stream";
import { FlyteError } from "@flyte-ts/core/plugin";
import type { AddressPolicy } from "./address-policy.ts";

/** A request as it is sent, once. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | undefined;
}

/** An answer, whole. */
export interface HttpAnswer {
  readonly status: number;
  /** By names in lower case; of repeated ones joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** Decompressed. */
  readonly body: Uint8Array;
}

/** Limits of one request. */
export interface SendOptions {
  readonly signal: AbortSignal;
  readonly maxBytes: number;
}

/** Sends requests. Follows no redirect and repeats nothing. */
export interface HttpClient {
  /**
   * @throws RequestFault when no whole answer came; the signal's reason when that is aborted; errors of the address
   * policy as they are; AnswerTooLarge.
   */
  send(request: HttpRequest, options: SendOptions): Promise<HttpAnswer>;
}

/** No whole answer came. */
export class RequestFault extends Error {
  /** The error's code, such as `ECONNREFUSED`; its message where it has none. */
  readonly code: string;
  /** True when the other side may have got the request. */
  readonly sent: boolean;

  constructor(cause: unknown, sent: boolean) {
    const { code, message } = cause as NodeJS.ErrnoException;
    super(message, { cause });
    this.name = "RequestFault";
    this.code = code ?? message;
    this.sent = sent;
  }
}

/** An answer passed the limit; it was not read any further. */
export class AnswerTooLarge extends Error {}

/**
 * The client over Node's own `http` and `https`: they take a lookup for every connection, which the `fetch` that Node has
 * does not. Each request has a connection of its own, so that none is sent on one that the other side is closing.
 */
export function nodeClient(policy: AddressPolicy): HttpClient {
  return {
    async send(request, { signal, maxBytes }) {
      signal.throwIfAborted();
      policy.checkHost(request.url.hostname);
      const { request: open } = await (request.url.protocol === "https:" ? import("node:https") : import("node:http"));
      let sent = false;
      let refusal: unknown;
      const options: RequestOptions = {
        method: request.method,
        headers: {
          ...request.headers,
          ...(request.body === undefined ? {} : { "content-length": request.body.byteLength }),
        },
        agent: false,
        signal,
        lookup: (hostname, lookupOptions, callback) =>
          policy.lookup(hostname, lookupOptions, (error, ...found) => {
            refusal = error ?? undefined;
            callback(error, ...found);
          }),
      };
      try {
        const message = await new Promise<IncomingMessage>((resolve, reject) => {
          const outgoing = open(request.url, options, resolve);
          outgoing.once("error", reject);
          const ready = request.url.protocol === "https:" ? "secureConnect" : "connect";
          outgoing.once("socket", (socket) => socket.once(ready, () => (sent = true)));
          outgoing.end(request.body);
        });
        const body = await wholeBody(message, maxBytes);
        return { status: message.statusCode ?? 0, headers: flat(message.headers), body };
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof AnswerTooLarge) throw error;
        if (FlyteError.is(refusal)) throw refusal;
        throw new RequestFault(error, sent);
      }
    },
  };
}

const flat = (headers: IncomingMessage["headers"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
  );

/** The encodings that an answer may come in. */
export const acceptedEncodings = "gzip, deflate, br";

async function wholeBody(message: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const { pipeline } = await import("node:stream/promises");
  const collect = async (source: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const chunk of source) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw new AnswerTooLarge(`the answer has more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  };
  const decoder = await decoderOf(message);
  await (decoder === undefined ? pipeline(message, collect) : pipeline(message, decoder, collect));
  return Buffer.concat(chunks);
}

async function decoderOf({ headers, statusCode }: IncomingMessage): Promise<Duplex | undefined> {
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "";
  if (encoding === "" || encoding === "identity" || statusCode === 204 || statusCode === 304) return undefined;
  const { createBrotliDecompress, createGunzip, createInflate } = await import("node:zlib");
  if (encoding === "gzip" || encoding === "x-gzip") return createGunzip();
  if (encoding === "deflate") return createInflate();
  return encoding === "br" ? createBrotliDecompress() : undefined;
}
