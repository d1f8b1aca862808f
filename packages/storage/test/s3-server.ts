import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Handler, ObjectServer } from "./http-server.ts";

/** As much of S3's protocol as uploads, listings and removals need, on top of a server of objects named `bucket/key`. */
export class S3Server {
  readonly web: ObjectServer;
  /** Parts by upload id. */
  readonly uploads = new Map<string, Map<number, Buffer>>();
  /** How many keys a page of a listing has. */
  pageSize = 1000;
  /** The buckets that are there. */
  readonly buckets = new Set(["bucket"]);
  /** The mark that an object was written with. */
  readonly metadata = new Map<string, string | undefined>();
  readonly #marks = new Map<string, string | undefined>();
  #ids = 0;

  private constructor(web: ObjectServer) {
    this.web = web;
    web.always = (request, response) => this.#answer(request, response);
  }

  static async start(): Promise<S3Server> {
    return new S3Server(await ObjectServer.start());
  }

  /** The S3 operations that came in, as `PUT part 2`, in order. */
  get operations(): string[] {
    return this.web.seen.map(({ method, path }) => operation(method, new URL(path, this.web.origin)));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const url = new URL(request.url ?? "", this.web.origin);
    const name = decodeURIComponent(url.pathname.slice(1));
    const { objects } = this.web;
    const ask = url.searchParams;
    const upload = ask.get("uploadId");
    switch (request.method) {
      case "HEAD": {
        if (/^[^/]+\/?$/.test(name)) return answered(response, this.buckets.has(name.replace("/", "")) ? 200 : 404);
        const mark = this.metadata.get(name);
        if (mark !== undefined) response.setHeader("x-amz-meta-flyte-ts-write", mark);
        return false;
      }
      case "PUT": {
        const bytes = await bodyOf(request);
        if (upload === null && this.#refused(name, request)) return fault(response, 412, "PreconditionFailed");
        const source = request.headers["x-amz-copy-source"];
        if (source !== undefined) {
          const copied = objects.get(decodeURIComponent(String(source)));
          if (copied === undefined) return fault(response, 404, "NoSuchKey");
          objects.set(name, copied);
          return xml(response, "<CopyObjectResult></CopyObjectResult>");
        }
        const parts = this.uploads.get(upload ?? "");
        if (upload !== null && parts === undefined) return fault(response, 404, "NoSuchUpload");
        if (parts === undefined) this.#keep(name, bytes, request);
        else parts.set(Number(ask.get("partNumber")), bytes);
        response.writeHead(200, { etag: `"${digest(bytes)}"` }).end();
        return true;
      }
      case "POST": {
        await bodyOf(request);
        if (upload === null) {
          const id = `upload-${++this.#ids}`;
          this.uploads.set(id, new Map());
          this.#marks.set(id, markOf(request));
          return xml(
            response,
            `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
          );
        }
        const parts = this.uploads.get(upload);
        if (parts === undefined) return fault(response, 404, "NoSuchUpload");
        if (this.#refused(name, request)) return fault(response, 412, "PreconditionFailed");
        this.uploads.delete(upload);
        this.metadata.set(name, this.#marks.get(upload));
        const inOrder = [...parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
        objects.set(name, Buffer.concat(inOrder));
        const digests = Buffer.from(inOrder.map(digest).join(""), "hex");
        this.web.ownEtags.set(name, `"${digest(digests)}-${inOrder.length}"`);
        return xml(response, "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>");
      }
      case "DELETE":
        if (upload === null) objects.delete(name);
        else this.uploads.delete(upload);
        response.writeHead(204).end();
        return true;
      case "GET":
        if (ask.get("list-type") === "2") return this.#list(name.replace(/\/$/, ""), ask, response);
        return this.#unchanged(name, request, response);
      default:
        return false;
    }
  }

  #refused(name: string, request: IncomingMessage): boolean {
    return request.headers["if-none-match"] === "*" && this.web.objects.has(name);
  }

  #keep(name: string, bytes: Uint8Array, request: IncomingMessage): void {
    this.web.objects.set(name, bytes);
    this.metadata.set(name, markOf(request));
  }

  #unchanged(name: string, request: IncomingMessage, response: ServerResponse): boolean {
    const found = this.web.objects.get(name);
    if (found === undefined) return fault(response, 404, "NoSuchKey");
    const wanted = request.headers["if-match"];
    return wanted !== undefined && wanted !== `"${digest(found)}"` ? fault(response, 412, "PreconditionFailed") : false;
  }

  #list(bucket: string, ask: URLSearchParams, response: ServerResponse): boolean {
    const start = `${bucket}/${ask.get("prefix") ?? ""}`;
    const names = [...this.web.objects.keys()]
      .filter((name) => name.startsWith(start))
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const after = Buffer.from(ask.get("continuation-token") ?? "", "base64");
    const left = names.filter((name) => Buffer.compare(Buffer.from(name), after) > 0);
    const page = left.slice(0, this.pageSize);
    const entries = page.map((name) => {
      const key = encodeURIComponent(name.slice(bucket.length + 1)).replaceAll("%20", "+");
      return `<Contents><Key>${key}</Key><Size>${this.web.objects.get(name)?.byteLength}</Size></Contents>`;
    });
    const more = left.length > page.length;
    const next = more
      ? `<NextContinuationToken>${Buffer.from(page.at(-1) ?? "").toString("base64")}</NextContinuationToken>`
      : "";
    const head = `<EncodingType>url</EncodingType><IsTruncated>${more}</IsTruncated>${next}`;
    return xml(response, `<ListBucketResult>${head}${entries.join("")}</ListBucketResult>`);
  }
}

/** Answers with an error of S3's form. */
export const s3Fault =
  (status: number, code: string, headers: Record<string, string> = {}): Handler =>
  async (request, response) => {
    await bodyOf(request);
    return fault(response, status, code, headers);
  };

/** Does what was asked for, but loses the answer. */
export const loseAnswer =
  (server: S3Server): Handler =>
  async (request, response) => {
    response.writeHead = () => response;
    response.end = () => {
      request.socket.destroy();
      return response;
    };
    return server.web.always?.(request, response) ?? true;
  };

const markOf = (request: IncomingMessage): string | undefined =>
  request.headers["x-amz-meta-flyte-ts-write"]?.toString();

function answered(response: ServerResponse, status: number): true {
  response.writeHead(status).end();
  return true;
}

function operation(method: string, url: URL): string {
  const ask = url.searchParams;
  if (ask.has("partNumber")) return `${method} part ${ask.get("partNumber")}`;
  if (ask.has("uploads")) return `${method} upload`;
  if (ask.has("uploadId")) return `${method} upload id`;
  return ask.has("list-type") ? `${method} list` : `${method} object`;
}

const digest = (bytes: Uint8Array): string => createHash("md5").update(bytes).digest("hex");

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function fault(response: ServerResponse, status: number, code: string, headers: Record<string, string> = {}): true {
  response.writeHead(status, { "content-type": "application/xml", ...headers });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code} was planned</Message></Error>`);
  return true;
}

function xml(response: ServerResponse, body: string): true {
  response.writeHead(200, { "content-type": "application/xml" }).end(`<?xml version="1.0"?>${body}`);
  return true;
}
