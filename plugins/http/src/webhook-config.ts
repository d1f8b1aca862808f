import { FlyteError, type SecretName, secretNameIssue } from "@flyte-ts/core/plugin";

/** The methods that a request may have. */
export type HttpMethod = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";

/** JSON in which strings may hold placeholders, `{inputs.x}`. */
export type JsonTemplate =
  | null
  | boolean
  | number
  | string
  | readonly JsonTemplate[]
  | { readonly [key: string]: JsonTemplate };

/** A header whose value is a secret of the connector's process. */
export interface SecretHeader extends SecretName {
  /** What stands before the secret, such as `Bearer `; nothing by default. */
  readonly prefix?: string;
}

/** What a request's answer becomes: the dictionary of flytekit's webhook, text, JSON, or nothing but its status. */
export type ResponseForm = "info" | "text" | "json" | "status";

/** What a task's template says (`TaskTemplate.custom`). */
export interface WebhookConfig {
  /** Who wrote it: the values of flytekit's templates are pasted as Python says them. */
  readonly dialect: "flyte-ts" | "flytekit";
  readonly url: string;
  readonly method: HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, JsonTemplate>>;
  /** A JSON body, or the text of one; undefined for none. */
  readonly body: { readonly json: JsonTemplate } | { readonly text: string } | undefined;
  readonly secretHeaders: Readonly<Record<string, SecretHeader>>;
  readonly showData: boolean;
  readonly showUrl: boolean;
  /** The deadline of the request with all its repetitions, in milliseconds. */
  readonly timeoutMs: number;
  /** Ranges of the status, both ends included. */
  readonly expected: readonly (readonly [from: number, to: number])[];
  readonly maxRedirects: number;
  readonly maxResponseBytes: number;
  readonly response: ResponseForm;
  /** The header that carries the idempotency key. */
  readonly idempotencyHeader: string | undefined;
}

/** The keys of flytekit's `WebhookTask`, and ours beside them. */
export interface WebhookCustom {
  /** With placeholders. */
  readonly url: string;
  /** In upper case. */
  readonly method: string;
  /** With placeholders in the values. */
  readonly headers: Record<string, string>;
  /** The body's JSON; of GET the query. */
  readonly data: JsonTemplate;
  /** Whether `info` has `input_data`. */
  readonly show_data: boolean;
  /** Whether `info` has `url`. */
  readonly show_url: boolean;
  /** The deadline in seconds. */
  readonly timeout_sec: number;
  /** What flytekit's has no key for. */
  readonly flyte_ts: OwnCustom;
}

/** What our templates say besides. */
export interface OwnCustom {
  /** What becomes of the answer. */
  readonly response: ResponseForm;
  /** Ranges of the status of success, both ends included. */
  readonly expected_status: readonly (readonly [number, number])[];
  /** 0 for none. */
  readonly max_redirects: number;
  /** Of the answer's body. */
  readonly max_response_bytes: number;
  /** Parameters behind the URL; of GET they are in `data`. */
  readonly query: Readonly<Record<string, JsonTemplate>>;
  /** By the header's name. */
  readonly secret_headers: Readonly<Record<string, SecretHeader>>;
  /** There is a body, and `data` is it. */
  readonly json_body: boolean;
  /** A body that is no JSON, with placeholders. */
  readonly text_body?: string;
  /** The header for the idempotency key. */
  readonly idempotency_header?: string;
}

/** The methods, for messages and checks. */
export const methods: readonly HttpMethod[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** The most bytes of an answer, unless the task says otherwise. */
export const defaultMaxResponseBytes = 1_048_576;

/** The longest deadline that a task may ask for, in milliseconds: a day. */
export const mostTimeoutMs = 86_400_000;

/** The most redirects that a task may ask for: each is a request of the service. */
export const mostRedirects = 20;

/** The most bytes that a task may ask for: an answer stands in the memory of the service. */
export const mostResponseBytes = 33_554_432;

/**
 * Reads a template's `custom`: ours, or one of flytekit's `WebhookTask`. Flytekit's connector takes every method but GET for
 * POST, follows no redirect, and wants the status 200.
 * @throws FlyteError `InvalidDefinition` that names the key.
 */
export function webhookConfig(custom: unknown): WebhookConfig {
  if (!isRecord(custom)) throw wrong("", custom, "an object");
  const { url, method = "POST", headers, data, show_data = false, show_url = false, timeout_sec = 10 } = custom;
  if (typeof url !== "string" || url === "") throw wrong(".url", url, "the URL of the request");
  const upper = String(method).toUpperCase();
  const timeout = Number(timeout_sec);
  if (!(timeout > 0 && timeout <= mostTimeoutMs / 1000)) {
    throw wrong(".timeout_sec", timeout_sec, `a number of seconds above 0, and no more than ${mostTimeoutMs / 1000}`);
  }
  const common = {
    url,
    headers: texts(".headers", headers ?? {}),
    showData: show_data === true,
    showUrl: show_url === true,
    timeoutMs: timeout * 1000,
  };
  const own = custom.flyte_ts;
  const value = (data ?? {}) as JsonTemplate;
  if (own === undefined) {
    const get = upper === "GET";
    return {
      ...common,
      dialect: "flytekit",
      method: get ? "GET" : "POST",
      query: get ? record(".data", value) : {},
      body: get ? undefined : { json: value },
      secretHeaders: {},
      expected: [[200, 200]],
      maxRedirects: 0,
      maxResponseBytes: defaultMaxResponseBytes,
      response: "info",
      idempotencyHeader: undefined,
    };
  }
  return { ...common, ...ours(upper, value, own) };
}

type Ours = Omit<WebhookConfig, "url" | "headers" | "showData" | "showUrl" | "timeoutMs">;

function ours(method: string, data: JsonTemplate, own: unknown): Ours {
  if (!isRecord(own)) throw wrong(".flyte_ts", own, "an object");
  const known = methods.find((one) => one === method);
  if (known === undefined) throw wrong(".method", method, `one of ${methods.join(", ")}`);
  const { text_body: text, json_body: json, idempotency_header: key } = own as Partial<OwnCustom>;
  const custom = own as Partial<OwnCustom>;
  return {
    dialect: "flyte-ts",
    method: known,
    query: known === "GET" ? record(".data", data) : record(".flyte_ts.query", custom.query ?? {}),
    body:
      text !== undefined ? { text: textOf(".flyte_ts.text_body", text) } : json === true ? { json: data } : undefined,
    secretHeaders: secretHeaders(custom.secret_headers ?? {}),
    expected: statusRanges(custom.expected_status ?? [[200, 299]]),
    maxRedirects: redirects(custom.max_redirects ?? 5),
    maxResponseBytes: Math.min(
      count(".flyte_ts.max_response_bytes", custom.max_response_bytes, defaultMaxResponseBytes),
      mostResponseBytes,
    ),
    response: responseForm(custom.response ?? "info"),
    idempotencyHeader: key === undefined ? undefined : textOf(".flyte_ts.idempotency_header", key),
  };
}

function secretHeaders(given: unknown): Readonly<Record<string, SecretHeader>> {
  const entries = Object.entries(record(".flyte_ts.secret_headers", given)).map(([name, header]) => {
    const { key, group, version, prefix } = (isRecord(header) ? header : {}) as Partial<SecretHeader>;
    const given = Object.entries({ group, version, prefix }).filter(([, value]) => value !== undefined);
    const secret = { key: key ?? "", ...Object.fromEntries(given) };
    const issue = secretNameIssue(secret);
    if (issue === undefined && (prefix === undefined || typeof prefix === "string")) return [name, secret] as const;
    const right = `an object with the key of a secret${issue === undefined ? " and a text as prefix" : ` (${issue})`}`;
    throw wrong(`.flyte_ts.secret_headers.${name}`, header, right);
  });
  return Object.fromEntries(entries);
}

function texts(key: string, given: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record(key, given)).map(([name, value]) => [name, String(value)]));
}

function record(key: string, given: unknown): Readonly<Record<string, JsonTemplate>> {
  if (isRecord(given)) return given as Readonly<Record<string, JsonTemplate>>;
  throw wrong(key, given, "an object");
}

function statusRanges(given: unknown): WebhookConfig["expected"] {
  const isStatus = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 100 && Number(value) <= 599;
  const isRange = (range: unknown): boolean =>
    Array.isArray(range) && range.length === 2 && range.every(isStatus) && range[0] <= range[1];
  if (Array.isArray(given) && given.length > 0 && given.every(isRange)) return given;
  throw wrong(".flyte_ts.expected_status", given, "ranges of the status from 100 to 599, such as [[200, 299]]");
}

function redirects(given: unknown): number {
  if (isRedirects(given)) return given;
  throw wrong(".flyte_ts.max_redirects", given, `a whole number from 0 to ${mostRedirects}`);
}

/** True for a number of redirects that a task may ask for. */
export const isRedirects = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= mostRedirects;

const forms: readonly ResponseForm[] = ["info", "text", "json", "status"];

function responseForm(given: unknown): ResponseForm {
  const known = forms.find((form) => form === given);
  if (known !== undefined) return known;
  throw wrong(".flyte_ts.response", given, `one of ${forms.join(", ")}`);
}

function textOf(key: string, given: unknown): string {
  if (typeof given === "string") return given;
  throw wrong(key, given, "a text");
}

function count(key: string, given: unknown, otherwise: number): number {
  const value = given ?? otherwise;
  if (typeof value === "number" && value >= 0 && Number.isFinite(value)) return Math.floor(value);
  throw wrong(key, given, "a number, 0 or more");
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const wrong = (key: string, value: unknown, right: string): FlyteError =>
  new FlyteError(
    "InvalidDefinition",
    `custom${key} of the task's template is ${JSON.stringify(value) ?? "missing"}; it must be ${right}`,
  );
