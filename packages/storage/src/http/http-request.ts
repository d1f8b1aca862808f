import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { FlyteError } from "@flyte-ts/core/plugin";
import { isHttp, shownUrl } from "./http-url.ts";

/** A request for an object. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Headers that only the URL's own origin may see. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly maxRedirects: number;
  /** How long to wait for the answer's head, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** The head of an answer, and its body, which has to be read or destroyed. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: IncomingMessage;
}

const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a request and follows its redirects.
 * @throws FlyteError for a redirect that is not followed; what Node throws for a failed connection.
 */
export async function sendHttp(first: HttpRequest): Promise<HttpAnswer> {
  let { url, credentials } = first;
  for (let followed = 0; ; followed++) {
    const answer = await sendOnce(first, url, credentials);
    if (!redirects.has(answer.status)) return answer;
    answer.body.destroy();
    const { location } = answer.headers;
    const from = shownUrl(url);
    if (location === undefined || !URL.canParse(location, url.href)) {
      throw new FlyteError("InvalidInput", `${from} answers ${answer.status} without a usable Location`);
    }
    if (followed >= first.maxRedirects) {
      throw new FlyteError(
        "InvalidInput",
        `${shownUrl(first.url)} leads through more than ${first.maxRedirects} redirects`,
      );
    }
    const next = new URL(location, url);
    if (!isHttp(next)) {
      throw new FlyteError("Unsupported", `${from} redirects to the scheme "${next.protocol}", which is not followed`);
    }
    if (url.protocol === "https:" && next.protocol === "http:" && Object.keys(credentials).length > 0) {
      const advice = "name the target itself if that is wanted";
      throw new FlyteError(
        "PermissionDenied",
        `${from} redirects from https to ${shownUrl(next)}, which is not followed with credentials; ${advice}`,
      );
    }
    if (next.origin !== url.origin) credentials = {};
    url = next;
  }
}

async function sendOnce(
  { method, headers, timeoutMs, signal }: HttpRequest,
  url: URL,
  credentials: Readonly<Record<string, string>>,
): Promise<HttpAnswer> {
  const { request } = await (url.protocol === "https:" ? import("node:https") : import("node:http"));
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const target = new URL(url);
    target.username = "";
    target.password = "";
    const sent = request(target, { method, headers: { ...headers, ...credentials } });
    const onAbort = (): void => void sent.destroy(new Error("aborted"));
    const timer = setTimeout(() => {
      sent.destroy(new FlyteError("Unavailable", `${shownUrl(url)} gave no answer for ${timeoutMs / 1000} s`));
    }, timeoutMs);
    const settled = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    sent.once("response", (body) => {
      settled();
      resolve({ status: body.statusCode ?? 0, headers: body.headers, body });
    });
    sent.once("error", (error) => {
      settled();
      reject(error);
    });
    // A connection can break after the answer's head, too; the body then reports it.
    sent.on("error", () => {});
    sent.end();
  });
}
