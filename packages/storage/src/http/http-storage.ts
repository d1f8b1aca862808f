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
import { networkError } from "../transfer/network-error.ts";
import { type OpenedBody, resumedRead } from "../transfer/resumed-read.ts";
import { type RetryPolicy, retrying, retryPolicy } from "../transfer/retry.ts";
import { contentCoding, decoded } from "./content-coding.ts";
import type { HttpStorageOptions } from "./http-options.ts";
import { type HttpAnswer, type HttpRequest, sendHttp } from "./http-request.ts";
import { statusError } from "./http-status.ts";
import { parseHttpUrl, shownUrl } from "./http-url.ts";

/** Answers to HEAD that may only mean that HEAD is not offered (a presigned GET answers 403, for example). */
const headRefused = new Set([400, 401, 403, 405, 501]);

/** Objects behind `http:` and `https:` URLs, for reading. User and password of a URL are sent as basic authorization. */
export class HttpStorage implements Storage {
  readonly #options: HttpStorageOptions;
  readonly #retry: RetryPolicy;
  readonly #timeoutMs: number;

  constructor(options: HttpStorageOptions = {}) {
    this.#options = options;
    this.#retry = retryPolicy(options);
    this.#timeoutMs = options.timeoutMs ?? 60_000;
  }

  async stat(uri: string, { signal }: StorageOptions = {}): Promise<ObjectStat | undefined> {
    const url = parseHttpUrl(uri);
    return retrying(this.#retry, signal, async () => {
      let answer = await this.#send("HEAD", url, {}, signal);
      // One byte is enough: its Content-Range tells the size.
      if (headRefused.has(answer.status)) answer = await this.#send("GET", url, { range: "bytes=0-0" }, signal);
      answer.body.destroy();
      const { status, headers } = answer;
      if (status === 404 || status === 410) return undefined;
      const empty = status === 416 && /^bytes\s+\*\/0$/i.test(headers["content-range"] ?? "");
      if (status !== 200 && status !== 203 && status !== 204 && status !== 206 && !empty) {
        throw statusError(answer, url, this.#retry.clock.now());
      }
      const modified = Date.parse(headers["last-modified"] ?? "");
      const coded = contentCoding(headers["content-encoding"]) !== undefined;
      return {
        uri,
        size: empty ? 0 : coded ? undefined : sizeOf(answer),
        modified: Number.isNaN(modified) ? undefined : new Date(modified),
        etag: headers.etag,
      };
    });
  }

  async *read(uri: string, options: ReadOptions = {}): AsyncIterable<Uint8Array> {
    const url = parseHttpUrl(uri);
    const name = shownUrl(url);
    const ranged = rangeHeader(options.start ?? 0, options.end) !== undefined;
    let coding: string | undefined;
    const chunks = resumedRead(
      {
        name,
        open: async (start, end, validator) => {
          const answer = await this.#open(url, start, end, validator, options.signal);
          coding = contentCoding(answer?.headers["content-encoding"]);
          if (answer === undefined || coding === undefined || !ranged) {
            return answer && this.#acceptable(bodyOf(answer, start, validator, url), coding, name);
          }
          answer.body.destroy();
          throw new FlyteError("Unsupported", `${name} is kept as ${coding}, so that a range of it cannot be read`);
        },
        asError: (error) => networkError(error, name),
      },
      options,
      { retry: this.#retry, stallMs: this.#timeoutMs },
    )[Symbol.asyncIterator]();
    try {
      // The first chunk is awaited before anything is decided: the coding stands in the head before it.
      const first = await chunks.next();
      if (first.done === true) return;
      const all = following(first.value, chunks);
      yield* this.#limited(coding === undefined ? all : decoded(all, coding, name), name);
    } finally {
      await chunks.return?.();
    }
  }

  // biome-ignore lint/correctness/useYield: there is nothing to yield, only to refuse.
  async *list(prefix: string): AsyncIterable<ObjectStat> {
    throw unsupported(prefix, "listed: HTTP has no folders; name the objects one by one");
  }

  async write(uri: string, _body: WriteBody, _options?: WriteOptions): Promise<void> {
    throw unsupported(uri, "written: http(s) URLs are read only here; use an object store such as s3://");
  }

  async copy(from: string, _to: string): Promise<void> {
    throw unsupported(from, "copied to another URL: http(s) URLs are read only here");
  }

  async delete(uri: string): Promise<void> {
    throw unsupported(uri, "deleted: http(s) URLs are read only here");
  }

  async #open(
    url: URL,
    start: number,
    end: number | undefined,
    validator: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<HttpAnswer | undefined> {
    const range = rangeHeader(start, end);
    const answer = await this.#send(
      "GET",
      url,
      {
        ...(range === undefined ? {} : { range }),
        ...(validator === undefined ? {} : { "if-range": validator }),
      },
      signal,
    );
    if (answer.status === 200 || answer.status === 203 || answer.status === 206) return answer;
    answer.body.destroy();
    if (answer.status === 204 || (answer.status === 416 && range !== undefined)) return undefined;
    throw statusError(answer, url, this.#retry.clock.now());
  }

  async #send(
    method: HttpRequest["method"],
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<HttpAnswer> {
    const { headers: own = {}, maxRedirects = 10 } = this.#options;
    try {
      return await sendHttp({
        method,
        url,
        headers: { accept: "*/*", "accept-encoding": "identity", "user-agent": "flyte-ts", ...headers },
        credentials: { ...basicAuthorization(url), ...(typeof own === "function" ? own(url) : own) },
        maxRedirects,
        timeoutMs: this.#timeoutMs,
        signal,
      });
    } catch (error) {
      signal?.throwIfAborted();
      throw networkError(error, shownUrl(url));
    }
  }

  /** Refuses a body that says itself that it passes the limit, before any of it is read. */
  #acceptable(body: OpenedBody, coding: string | undefined, name: string): OpenedBody {
    const { maxBytes = Infinity } = this.#options;
    if (coding !== undefined || (body.end ?? 0) - body.first <= maxBytes) return body;
    body.close();
    throw tooLarge(name, maxBytes);
  }

  async *#limited(chunks: AsyncIterable<Uint8Array>, name: string): AsyncIterable<Uint8Array> {
    const { maxBytes = Infinity } = this.#options;
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) throw tooLarge(name, maxBytes);
      yield chunk;
    }
  }
}

function bodyOf(answer: HttpAnswer, start: number, asked: string | undefined, url: URL): OpenedBody {
  const { status, headers, body } = answer;
  const part = status === 206 ? parseContentRange(headers["content-range"]) : undefined;
  if (status === 206 && part?.first !== start) {
    body.destroy();
    const said = headers["content-range"] ?? "no Content-Range";
    throw new FlyteError(
      "InvalidInput",
      `${shownUrl(url)}: asked for the bytes from ${start}, the server answers ${said}`,
    );
  }
  const length = part === undefined ? lengthOf(answer) : undefined;
  return {
    first: part?.first ?? 0,
    end: part?.end ?? length,
    total: part === undefined ? length : part.total,
    // Without a validator of its own, a part that answers If-Range is of the version that was asked for.
    validator:
      headers.etag === asked && asked !== undefined
        ? asked
        : (validatorOf(answer) ?? (status === 206 ? asked : undefined)),
    chunks: body,
    close: (error) => body.destroy(error),
  };
}

/** What If-Range can carry: a strong ETag, or a date that is strong by RFC 9110, 8.8.2.2. */
function validatorOf({ headers }: HttpAnswer): string | undefined {
  const { etag, "last-modified": modified, date } = headers;
  if (etag !== undefined && !etag.startsWith("W/")) return etag;
  const age = Date.parse(date ?? "") - Date.parse(modified ?? "");
  return age >= 1000 ? modified : undefined;
}

function sizeOf(answer: HttpAnswer): number | undefined {
  return answer.status === 206 ? parseContentRange(answer.headers["content-range"])?.total : lengthOf(answer);
}

function lengthOf({ headers }: HttpAnswer): number | undefined {
  return headers["content-length"] === undefined ? undefined : Number(headers["content-length"]);
}

function basicAuthorization({ username, password }: URL): Record<string, string> {
  if (username === "" && password === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

function tooLarge(name: string, maxBytes: number): FlyteError {
  return new FlyteError("TooLarge", `${name} has more than the ${maxBytes} bytes that are allowed`);
}

function unsupported(uri: string, what: string): FlyteError {
  return new FlyteError("Unsupported", `${shownUrl(parseHttpUrl(uri))} cannot be ${what}`);
}

async function* following(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
