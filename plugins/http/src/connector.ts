import { tmpdir } from "node:os";
import { unescape as percentDecoded } from "node:querystring";
import {
  type ConversionContext,
  type CreateContext,
  FlyteError,
  type Resource,
  retryAfterMs,
  type Secret,
  type SyncConnector,
} from "@flyte-ts/core/plugin";
import { AddressPolicy } from "./address-policy.ts";
import { acceptedEncodings, type HttpAnswer, type HttpClient, nodeClient } from "./client.ts";
import { deliver, elapsedOn, shownUrl } from "./deliver.ts";
import { checkHeader, isIdempotent } from "./request/headers.ts";
import { type RenderedRequest, renderRequest } from "./request/render.ts";
import { inputValues } from "./request/values.ts";
import { bodyText, outputsOf } from "./response/outputs.ts";
import { redaction } from "./response/redaction.ts";
import { SecretPolicy } from "./secret-policy.ts";
import { type WebhookConfig, webhookConfig } from "./webhook-config.ts";

/** What a connector is made of; all of it has defaults. */
export interface HttpConnectorOptions {
  /** What may be reached though it is private; `FLYTE_TS_HTTP_ALLOW` by default. */
  readonly allow?: readonly string[];
  /** Which secret may go where, `key=host`; `FLYTE_TS_HTTP_SECRETS` by default. */
  readonly secrets?: readonly string[] | undefined;
  /** True on the machine of the tasks' author: without rules, every secret goes where the task says. Else none goes. */
  readonly local?: boolean;
  /** Sends the requests. A client of one's own has no address policy but its own. */
  readonly client?: HttpClient;
  /** From 0 to 1; for the pauses between repetitions. */
  readonly random?: () => number;
}

/** The most characters of an answer that stand in a message. */
const shownCharacters = 2000;

/** Sends the requests of tasks of the type `webhook`: ours, and flytekit's `WebhookTask`. */
export class HttpConnector implements SyncConnector {
  readonly name = "HTTP";
  readonly #client: HttpClient;
  readonly #secrets: SecretPolicy;
  readonly #random: () => number;

  constructor(options: HttpConnectorOptions = {}) {
    const { allow = AddressPolicy.entries(process.env), client, random = Math.random } = options;
    const { local = false, secrets = SecretPolicy.entries(process.env) ?? (local ? undefined : []) } = options;
    this.#secrets = new SecretPolicy(secrets);
    this.#client = client ?? nodeClient(new AddressPolicy({ allow }));
    this.#random = random;
  }

  /** False for a request that the other side may do twice when it comes twice. */
  repeatable({ template }: CreateContext): boolean {
    return mayRepeat(webhookConfig(template.custom));
  }

  async do(context: CreateContext): Promise<Resource> {
    const config = webhookConfig(context.template.custom);
    const conversion = conversionOf(context);
    const values = await inputValues(context.inputs, conversion, config.dialect === "flytekit");
    const request = renderRequest(config, values);
    const url = urlOf(request.url);
    for (const secret of Object.values(config.secretHeaders)) this.#secrets.check(secret, url);
    const secrets = await secretsOf(config, context);
    const clean = redaction(Object.values(secrets));
    try {
      const { answer, tries, redirects } = await this.#delivered(config, request, url, secrets, context);
      const text = clean(bodyText(answer));
      const customInfo = { status_code: answer.status, tries, redirects, bytes: answer.body.byteLength };
      const asked = `${config.method} ${shownUrl(url)}`;
      if (!config.expected.some(([from, to]) => answer.status >= from && answer.status <= to)) {
        throw unexpected(
          config,
          answer,
          `${asked} was answered ${answer.status}: ${text.slice(0, shownCharacters)}`,
          context,
        );
      }
      const outputs = await outputsOf({ ...answer, text }, config, request, context.template, conversion);
      const declared = Object.keys(context.template.interface?.outputs?.variables ?? {}).length > 0;
      const message = `${asked} was answered ${answer.status}`;
      return { phase: "SUCCEEDED", message, customInfo, ...(declared ? { outputs } : {}) };
    } catch (error) {
      throw cleaned(error, clean);
    }
  }

  async #delivered(
    config: WebhookConfig,
    request: RenderedRequest,
    url: URL,
    secrets: Readonly<Record<string, Secret>>,
    { clock, idempotencyKey, log, signal }: CreateContext,
  ) {
    const headers = headersOf(config, request, url, secrets, idempotencyKey);
    const over = new AbortController();
    const deadline = elapsedOn(clock) + config.timeoutMs;
    const done = new AbortController();
    clock.sleep(config.timeoutMs, { signal: done.signal }).then(
      () => over.abort(new FlyteError("Timeout", "the deadline passed")),
      () => undefined,
    );
    const repeatable = mayRepeat(config);
    try {
      return await deliver(
        {
          method: config.method,
          url,
          headers,
          body: request.body === undefined ? undefined : Buffer.from(request.body),
        },
        {
          client: this.#client,
          signal: AbortSignal.any([signal, over.signal]),
          clock,
          log,
          deadline,
          repeatable,
          maxRedirects: config.maxRedirects,
          maxBytes: config.maxResponseBytes,
          privateHeaders: Object.keys(config.secretHeaders).map((name) => name.toLowerCase()),
          random: this.#random,
        },
      );
    } catch (error) {
      if (!over.signal.aborted && !signal.aborted) throw error;
      const what = `${config.method} ${shownUrl(url)} had no answer`;
      const when = over.signal.aborted ? `within ${config.timeoutMs / 1000} s` : "when the call was ended";
      if (repeatable) throw new FlyteError("Unavailable", `${what} ${when}`, { cause: error });
      const advice = "it may have been done, so it is not sent again; a request with an idempotencyHeader would be";
      throw new FlyteError("TaskFailed", `${what} ${when}; ${advice}`, { cause: error });
    } finally {
      done.abort();
    }
  }
}

function headersOf(
  config: WebhookConfig,
  request: RenderedRequest,
  url: URL,
  secrets: Readonly<Record<string, Secret>>,
  idempotencyKey: string,
): Record<string, string> {
  const headers = new Map<string, string>();
  const set = (name: string, value: string): void => {
    checkHeader(name, value);
    headers.set(name.toLowerCase(), value);
  };
  set("accept", "*/*");
  set("accept-encoding", acceptedEncodings);
  set("user-agent", "flyte-ts");
  if (config.body !== undefined && "json" in config.body) set("content-type", "application/json");
  if (url.username !== "") set("authorization", basic(url));
  for (const [name, value] of Object.entries(request.headers)) set(name, value);
  for (const [name, secret] of Object.entries(secrets)) {
    set(name, `${config.secretHeaders[name]?.prefix ?? ""}${secret.reveal()}`);
  }
  if (config.idempotencyHeader !== undefined) set(config.idempotencyHeader, idempotencyKey);
  return Object.fromEntries(headers);
}

/** By its method, or by a header that has the other side know a repetition. */
const mayRepeat = ({ method, idempotencyHeader }: WebhookConfig): boolean =>
  isIdempotent(method) || idempotencyHeader !== undefined;

const basic = ({ username, password }: URL): string =>
  `Basic ${Buffer.from(`${percentDecoded(username)}:${percentDecoded(password)}`).toString("base64")}`;

/** What the platform looked up for the call, else what the connector's own process has. */
async function secretsOf(
  { secretHeaders }: WebhookConfig,
  { connection, secrets }: CreateContext,
): Promise<Readonly<Record<string, Secret>>> {
  const entries = Object.entries(secretHeaders).map(async ([header, { key, group, version }]) => {
    const name = { key, ...(group === undefined ? {} : { group }), ...(version === undefined ? {} : { version }) };
    return [header, connection?.secrets[key] ?? (await secrets.get(name))] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new FlyteError(
    "InvalidInput",
    `the URL ${JSON.stringify(text)} must begin with http:// or https://, and have a host`,
  );
}

/** A status that the task does not expect: for another attempt where that may help and is safe. */
function unexpected(config: WebhookConfig, answer: HttpAnswer, message: string, { clock }: CreateContext): FlyteError {
  const retry = retryAfterMs(answer.headers["retry-after"], clock.now());
  const options = retry === undefined ? {} : { retryAfterMs: retry };
  if (answer.status === 429) return new FlyteError("Throttled", message, options);
  if (mayRepeat(config) && (answer.status >= 500 || answer.status === 408))
    return new FlyteError("Unavailable", message, options);
  if (answer.status === 401 || answer.status === 403) return new FlyteError("PermissionDenied", message);
  return new FlyteError("TaskFailed", message);
}

/** An error without secrets in its message. What caused it may hold them, and stays behind. */
function cleaned(error: unknown, clean: (text: string) => string): unknown {
  if (!FlyteError.is(error) || clean(error.message) === error.message) return error;
  const { code, kind, recoverable, retryAfterMs: retry } = error;
  return new FlyteError(code, clean(error.message), {
    kind,
    recoverable,
    ...(retry === undefined ? {} : { retryAfterMs: retry }),
  });
}

/** What conversions of JSON need: nothing here reads or writes a file. */
function conversionOf({ storage, datasets, types, signal }: CreateContext): ConversionContext {
  return {
    storage,
    datasets,
    types,
    signal,
    workingDirectory: tmpdir(),
    newOutputUri() {
      throw new FlyteError("Unsupported", "a webhook stores nothing");
    },
  };
}
