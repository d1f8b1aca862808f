import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Answers one request; what it returns false for is answered by the next one, at last by `serveObject`. */
export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
) => boolean | undefined | Promise<boolean | undefined>;

/** One request that came in. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
}

/** A real HTTP server on loopback with objects by path, and faults that a test puts in front of them. */
export class ObjectServer {
  readonly objects = new Map<string, Uint8Array>();
  /** Taken from the front, one for every request. */
  readonly faults: Handler[] = [];
  /** Asked for every request, after the faults. */
  always: Handler | undefined;
  readonly seen: SeenRequest[] = [];
  /** What the server can do. */
  ranges = true;
  etags = true;
  dates = true;
  /** ETags that are no digests of the content, by path. */
  readonly ownEtags = new Map<string, string>();
  readonly #server: Server;
  #origin = "";

  private constructor() {
    this.#server = createServer((request, response) => {
      // A client that goes away while it is answered is no fault of the server's.
      this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  static async start(): Promise<ObjectServer> {
    const server = new ObjectServer();
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    server.#origin = `http://127.0.0.1:${(server.#server.address() as AddressInfo).port}`;
    return server;
  }

  get origin(): string {
    return this.#origin;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "", headers } = request;
    this.seen.push({ method, path: url, headers });
    for (const handler of [this.faults.shift(), this.always]) {
      if (handler !== undefined && (await handler(request, response)) !== false) return;
    }
    this.serveObject(request, response);
  }

  /** The object of the request's path, whole or in part, as RFC 9110 wants it. */
  serveObject(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? "", this.origin);
    const name = decodeURIComponent(pathname.slice(1));
    const bytes = this.objects.get(name);
    if (bytes === undefined) return void response.writeHead(404).end();
    const etag = this.ownEtags.get(name) ?? `"${createHash("md5").update(bytes).digest("hex")}"`;
    const modified = "Wed, 01 Jan 2025 00:00:00 GMT";
    if (this.etags) response.setHeader("etag", etag);
    if (this.dates) response.setHeader("last-modified", modified);
    const condition = request.headers["if-range"];
    const same =
      condition === undefined || (this.etags && condition === etag) || (this.dates && condition === modified);
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    if (range === null || !this.ranges || !same) {
      response.writeHead(200, { "content-length": bytes.byteLength });
      return void response.end(request.method === "HEAD" ? undefined : bytes);
    }
    const first = Number(range[1]);
    const last = Math.min(range[2] === "" ? Infinity : Number(range[2]), bytes.byteLength - 1);
    if (first >= bytes.byteLength) {
      return void response.writeHead(416, { "content-range": `bytes */${bytes.byteLength}` }).end();
    }
    response.writeHead(206, {
      "content-length": last - first + 1,
      "content-range": `bytes ${first}-${last}/${bytes.byteLength}`,
    });
    response.end(bytes.subarray(first, last + 1));
  }
}

/** Answers with a status and headers, and no body. */
export const status =
  (code: number, headers: Record<string, string> = {}): Handler =>
  (_, response) => {
    response.writeHead(code, headers).end();
    return true;
  };

/** Breaks the connection before anything is answered. */
export const reset: Handler = (request) => {
  request.socket.destroy();
  return true;
};

/** Lets `server` answer, but breaks the connection when `bytes` of the body are out. */
export const cutAfter =
  (server: ObjectServer, bytes: number): Handler =>
  (request, response) => {
    const end = response.end.bind(response);
    response.end = ((body?: Uint8Array) => {
      if (body === undefined) return end();
      return response.write(body.subarray(0, bytes), () => request.socket.destroy());
    }) as typeof response.end;
    server.serveObject(request, response);
    return true;
  };

/** Lets `server` answer, but never sends more than the first `bytes` of the body. */
export const stallAfter =
  (server: ObjectServer, bytes: number): Handler =>
  (request, response) => {
    const end = response.end.bind(response);
    response.end = ((body?: Uint8Array) =>
      body === undefined ? end() : response.write(body.subarray(0, bytes))) as typeof response.end;
    server.serveObject(request, response);
    return true;
  };
