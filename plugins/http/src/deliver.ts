import { type Clock, FlyteError, type Log, retryAfterMs } from "@flyte-ts/core/plugin";
import { AnswerTooLarge, type HttpAnswer, type HttpClient, type HttpRequest, RequestFault } from "./client.ts";

/** How a request is delivered. */
export interface DeliveryOptions {
  readonly client: HttpClient;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  /** When the whole delivery must be over, as `elapsedOn` counts. */
  readonly deadline: number;
  /** True when the request may be sent again: its method is idempotent, or it carries a key. */
  readonly repeatable: boolean;
  readonly maxRedirects: number;
  readonly maxBytes: number;
  /** Names (in lower case) of headers that only the first origin may see. */
  readonly privateHeaders: readonly string[];
  /** From 0 to 1. */
  readonly random: () => number;
}

/** A delivered request. */
export interface Delivery {
  readonly answer: HttpAnswer;
  /** How often it was sent, redirects not counted. */
  readonly tries: number;
  readonly redirects: number;
}

const maxTries = 4;

/** Milliseconds that no setting of the clock changes. */
export const elapsedOn = (clock: Clock): number => clock.elapsed?.() ?? clock.now();

/**
 * Sends a request, again after a passing fault if it may be, until an answer or the deadline. An answer that asks for
 * another attempt (429, 502, 503, 504) is the last one's when there is no time for another.
 * @throws FlyteError `Unavailable` when no answer came and another attempt is safe; `TaskFailed` when it is not, since
 * nobody knows whether the other side has done it.
 */
export async function deliver(request: HttpRequest, options: DeliveryOptions): Promise<Delivery> {
  const { clock, deadline, log, repeatable } = options;
  for (let tries = 1; ; tries++) {
    let waitMs = 200 * 2 ** (tries - 1) * (0.5 + options.random());
    const timeLeft = (): boolean => tries < maxTries && elapsedOn(clock) + waitMs < deadline;
    try {
      const { answer, redirects } = await followed(request, options);
      const asks = answer.status === 429 || (repeatable && [502, 503, 504].includes(answer.status));
      if (!asks) return { answer, tries, redirects };
      waitMs = retryAfterMs(answer.headers["retry-after"], clock.now()) ?? waitMs;
      if (!timeLeft()) return { answer, tries, redirects };
      log.debug("the request is sent again", { status: answer.status, tries });
    } catch (error) {
      if (!(error instanceof RequestFault)) throw error;
      if (!isPassing(error) || !(repeatable || !error.sent)) throw faultError(request, error, repeatable);
      if (!timeLeft()) throw faultError(request, error, repeatable);
      log.debug("the request is sent again", { fault: error.code, tries });
    }
    await clock.sleep(waitMs, { signal: options.signal });
  }
}

async function followed(
  first: HttpRequest,
  { client, signal, maxBytes, maxRedirects, privateHeaders }: DeliveryOptions,
): Promise<{ readonly answer: HttpAnswer; readonly redirects: number }> {
  let request = first;
  for (let redirects = 0; ; redirects++) {
    const answer = await sent(client, request, { signal, maxBytes });
    const next = maxRedirects === 0 ? undefined : redirected(request, answer, privateHeaders);
    if (next === undefined) return { answer, redirects };
    if (redirects === maxRedirects) {
      throw new FlyteError("TaskFailed", `${shownUrl(first.url)} leads through more than ${maxRedirects} redirects`);
    }
    request = next;
  }
}

async function sent(
  client: HttpClient,
  request: HttpRequest,
  options: { readonly signal: AbortSignal; readonly maxBytes: number },
): Promise<HttpAnswer> {
  try {
    return await client.send(request, options);
  } catch (error) {
    if (!(error instanceof AnswerTooLarge)) throw error;
    throw new FlyteError("TooLarge", `${shownUrl(request.url)}: ${error.message}`, { cause: error });
  }
}

/** The request that a redirect asks for; undefined where the answer asks for none that may be followed. */
function redirected(
  request: HttpRequest,
  answer: HttpAnswer,
  privateHeaders: readonly string[],
): HttpRequest | undefined {
  const { status, headers } = answer;
  if (![301, 302, 303, 307, 308].includes(status) || headers.location === undefined) return undefined;
  const reads = request.method === "GET" || request.method === "HEAD";
  // Browsers make a GET of a POST that is moved; a body that is lost on the way is worse than a failure.
  if (!reads && (status === 301 || status === 302)) return undefined;
  const url = URL.parse(headers.location, request.url.href);
  if (url === null) return undefined;
  if (url.protocol !== "https:" && url.protocol !== request.url.protocol) {
    throw new FlyteError("TaskFailed", `${shownUrl(request.url)} redirects to ${url.protocol}, which is not followed`);
  }
  const drop = new Set(url.origin === request.url.origin ? [] : [...privateHeaders, "authorization", "cookie"]);
  const method = status === 303 && !reads ? "GET" : request.method;
  if (method !== request.method) drop.add("content-type");
  const kept = Object.entries(request.headers).filter(([name]) => !drop.has(name.toLowerCase()));
  return { method, url, headers: Object.fromEntries(kept), body: method === request.method ? request.body : undefined };
}

/** True where another attempt may end otherwise: not for names that are not there, nor for certificates. */
const isPassing = ({ code }: RequestFault): boolean =>
  !/^(?:ENOTFOUND|EPROTO|ERR_(?:TLS|SSL|INVALID)|HPE_|CERT_|UNABLE_TO_|.*_CERT)/.test(code);

function faultError(request: HttpRequest, fault: RequestFault, repeatable: boolean): FlyteError {
  const what = `${request.method} ${shownUrl(request.url)}: ${fault.code}`;
  if (!isPassing(fault)) return new FlyteError("TaskFailed", what, { cause: fault });
  if (repeatable || !fault.sent) return new FlyteError("Unavailable", what, { cause: fault });
  const advice = "it may have been done, so it is not sent again; a request with an idempotencyHeader would be";
  return new FlyteError("TaskFailed", `${what}; ${advice}`, { cause: fault });
}

/** A URL for people: without credentials, query and fragment. */
export function shownUrl({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}
