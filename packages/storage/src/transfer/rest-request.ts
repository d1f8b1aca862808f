import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** A request with its body in memory. */
export interface RestRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | readonly Uint8Array[];
  /** Ends the request, and its answer's body. */
  readonly signal?: AbortSignal | undefined;
}

/** The head of an answer, and its body, which has to be read or destroyed. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: IncomingMessage;
}

/** Sends a request over a connection that is kept. @throws what Node throws for a failed connection. */
export async function sendRest({ method, url, headers = {}, body = [], signal }: RestRequest): Promise<RestAnswer> {
  const { request } = await (url.protocol === "https:" ? import("node:https") : import("node:http"));
  const parts = body instanceof Uint8Array ? [body] : body;
  const length = parts.reduce((bytes, part) => bytes + part.byteLength, 0);
  return new Promise((resolve, reject) => {
    const sized = length > 0 || /^(POST|PUT|PATCH)$/.test(method) ? { "content-length": String(length) } : {};
    const sent = request(url, {
      method,
      headers: { ...headers, ...sized },
      ...(signal === undefined ? {} : { signal }),
    });
    sent.once("response", (answer) =>
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: answer }),
    );
    // A connection can break after the answer's head, too; the body then reports it.
    sent.on("error", reject);
    for (const part of parts.slice(0, -1)) sent.write(part);
    sent.end(parts.at(-1));
  });
}

/** The answer's whole body as text, which ends the answer. */
export async function textOf({ body }: RestAnswer): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
