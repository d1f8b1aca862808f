import { type AnyType, FlyteError, type Natives, type TaskOptions, type Types, t } from "@flyte-ts/core";
import {
  type Connector,
  checkKnown,
  defined,
  namingTask,
  packageInfo,
  SyncConnectorTask,
  secretNameIssue,
  taskOptionNames,
} from "@flyte-ts/core/plugin";
import { checkHeaderName } from "./request/headers.ts";
import { inputsUsed } from "./request/render.ts";
import { checkUrl } from "./request/url.ts";
import {
  defaultMaxResponseBytes,
  type HttpMethod,
  isRedirects,
  type JsonTemplate,
  methods,
  mostRedirects,
  mostResponseBytes,
  mostTimeoutMs,
  type SecretHeader,
  type WebhookCustom,
  webhookConfig,
} from "./webhook-config.ts";

/**
 * What a task gives: `info`, the dictionary of flytekit's webhook; `text`, the status and the body; `status` alone; or,
 * for a type, the status and the JSON body as a value of it.
 */
export type HttpOutput = "info" | "text" | "status" | AnyType;

/** The outputs of a task, by name. */
export type HttpOutputs<Output extends HttpOutput> = Output extends AnyType
  ? { readonly status: typeof t.int; readonly body: Output }
  : Output extends "text"
    ? { readonly status: typeof t.int; readonly body: typeof t.string }
    : Output extends "status"
      ? { readonly status: typeof t.int }
      : { readonly info: typeof t.json };

/** What defines a task that sends a request. `{inputs.x}` and `{inputs.x.field}` stand for values of inputs. */
export interface HttpTaskOptions<Inputs extends Types, Output extends HttpOutput> extends Omit<TaskOptions, "config"> {
  /** The task's name, unique in its project. */
  readonly name: string;
  /** The inputs by name; none by default. Every one must stand in the request. */
  readonly inputs?: Inputs;
  /** Where the request goes. Values are percent-encoded; one at the very beginning is a URL of its own. */
  readonly url: string;
  /** POST by default. */
  readonly method?: HttpMethod;
  /** Headers by name; one of a JSON body has its `content-type` by default. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Headers whose values are secrets of the connector's process: they are in no template, message, log or output. */
  readonly secretHeaders?: Readonly<Record<string, SecretHeader>>;
  /** Parameters behind the URL; `null` leaves one out, a list repeats it. */
  readonly query?: Readonly<Record<string, JsonTemplate>>;
  /**
   * A string is sent as it is, with values pasted as text. Anything else is sent as JSON, in which a string that is
   * nothing but a placeholder becomes the value itself.
   */
  readonly body?: JsonTemplate;
  /** The status, or statuses, of success: numbers, or ranges such as `"2xx"` (the default) and `"200-204"`. */
  readonly expect?: number | string | readonly (number | string)[];
  /** What the task gives; `info` by default. */
  readonly output?: Output;
  /** With `info`: shows the body or query that was sent as `input_data`. */
  readonly showData?: boolean;
  /** With `info`: shows the URL as `url`. */
  readonly showUrl?: boolean;
  /** The deadline of the request and its repetitions, in milliseconds; 10,000 by default. */
  readonly requestTimeout?: number;
  /** How many redirects are followed; 5 by default, 20 at most. */
  readonly maxRedirects?: number;
  /** The most bytes of the answer's body; 1 MiB by default, 32 MiB at most. */
  readonly maxResponseBytes?: number;
  /**
   * The name of the header that tells repetitions of one attempt from new requests, `Idempotency-Key` for most services.
   * With it, POST and PATCH are sent again after a fault, as the other methods are.
   */
  readonly idempotencyHeader?: string;
}

/** A task that sends an HTTP request; `httpTask` makes one. Task type `webhook`, as flytekit's `WebhookTask`. */
export class HttpTask<Inputs extends Types, Outputs extends Types> extends SyncConnectorTask<
  Inputs,
  Outputs,
  Natives<Outputs>
> {
  /** What the template says (`TaskTemplate.custom`). */
  readonly webhook: WebhookCustom;

  constructor(
    { name, inputs, outputs }: { readonly name: string; readonly inputs: Inputs; readonly outputs: Outputs },
    webhook: WebhookCustom,
    options: TaskOptions,
  ) {
    const plugin = { package: packageInfo(import.meta.url), manifest: () => import("./plugin.ts") };
    super("webhook", { name, inputs, outputs, unwrapped: false }, plugin, options);
    this.webhook = webhook;
  }

  /** The keys of flytekit's `WebhookTask.get_custom`, and ours in `flyte_ts`. */
  override custom(): ReturnType<SyncConnectorTask<Inputs, Outputs, Natives<Outputs>>["custom"]> {
    return JSON.parse(JSON.stringify(this.webhook));
  }

  /** The connector of a run by the task's author, whose own secrets these are: they need no rule to go where the task says. */
  protected override async connector(): Promise<Connector> {
    const { HttpConnector } = await import("./connector.ts");
    return new HttpConnector({ local: true });
  }
}

/**
 * A task that sends an HTTP request and gives its answer.
 * @throws FlyteError `InvalidDefinition` that names the task and the option: a placeholder that names no input, an input
 * that is not used, a header that no request has, a body for GET.
 */
export function httpTask<const Inputs extends Types = Record<never, never>, const Output extends HttpOutput = "info">(
  options: HttpTaskOptions<Inputs, Output>,
): HttpTask<Inputs, HttpOutputs<Output>> {
  return defined(() => {
    const { name, inputs = {} as Inputs, output = "info" as Output } = options;
    return namingTask(name, () => {
      checkKnown(options, optionNames);
      const request = customOf(options);
      checkPlaceholders(request, Object.keys(inputs));
      const outputs = outputsOf(output) as HttpOutputs<Output>;
      return new HttpTask({ name, inputs, outputs }, request, taskOptions(options));
    });
  });
}

/** What a request is made of, and the names of the task and its inputs: all that is not an option of every task. */
const ownNames: readonly string[] = Object.keys({
  name: true,
  inputs: true,
  url: true,
  method: true,
  headers: true,
  secretHeaders: true,
  query: true,
  body: true,
  expect: true,
  output: true,
  showData: true,
  showUrl: true,
  requestTimeout: true,
  maxRedirects: true,
  maxResponseBytes: true,
  idempotencyHeader: true,
} satisfies Record<Exclude<keyof HttpTaskOptions<Types, HttpOutput>, keyof TaskOptions>, true>);

const optionNames: readonly string[] = [...ownNames, ...taskOptionNames.filter((name) => name !== "config")];

function taskOptions(options: HttpTaskOptions<Types, HttpOutput>): TaskOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !ownNames.includes(name)));
}

function customOf(options: HttpTaskOptions<Types, HttpOutput>): WebhookCustom {
  const { url, method = "POST", headers = {}, secretHeaders = {}, query = {}, body, output = "info" } = options;
  if (typeof url !== "string" || url === "") throw wrong("url", url, "the URL of the request");
  if (!methods.includes(method)) throw wrong("method", method, `one of ${methods.join(", ")}`);
  if (body !== undefined && (method === "GET" || method === "HEAD")) {
    throw wrong("body", body, `left out: ${method} has none; use query`);
  }
  checkObject("headers", headers, "header → value");
  checkObject("secretHeaders", secretHeaders, "header → { key }");
  checkObject("query", query, "name → value");
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== "string") throw wrong(`headers.${name}`, value, "a string");
  }
  for (const option of ["showData", "showUrl"] as const) {
    const value = options[option];
    if (value !== undefined && typeof value !== "boolean") throw wrong(option, value, "true or false");
  }
  for (const name of [...Object.keys(headers), ...Object.keys(secretHeaders)]) checkHeaderName(name);
  for (const [name, secret] of Object.entries(secretHeaders)) {
    const issue = secretNameIssue(secret);
    if (issue !== undefined) throw new FlyteError("InvalidDefinition", `secretHeaders.${name}: ${issue}`);
  }
  const { idempotencyHeader } = options;
  if (idempotencyHeader !== undefined) checkHeaderName(idempotencyHeader);
  if (/^[a-z]+:\/\/[^/?#]*@/i.test(url)) throw wrong("url", "one with a password", "without: use secretHeaders");
  const json = body !== undefined && typeof body !== "string";
  const timeout = options.requestTimeout ?? 10_000;
  if (!(timeout > 0 && timeout <= mostTimeoutMs))
    throw wrong("requestTimeout", timeout, `a number of milliseconds above 0, and no more than ${mostTimeoutMs}`);
  const { maxRedirects = 5 } = options;
  if (!isRedirects(maxRedirects))
    throw wrong("maxRedirects", maxRedirects, `a whole number from 0 to ${mostRedirects}`);
  const maxBytes = options.maxResponseBytes ?? defaultMaxResponseBytes;
  if (!(maxBytes > 0 && maxBytes <= mostResponseBytes)) {
    throw wrong("maxResponseBytes", maxBytes, `above 0, and no more than ${mostResponseBytes}`);
  }
  return {
    url,
    method,
    headers: { ...headers },
    data: json ? body : method === "GET" ? query : {},
    show_data: options.showData ?? false,
    show_url: options.showUrl ?? false,
    timeout_sec: timeout / 1000,
    flyte_ts: {
      response: typeof output === "string" ? output : "json",
      expected_status: expectedStatus(options.expect ?? "2xx"),
      max_redirects: maxRedirects,
      max_response_bytes: maxBytes,
      query: method === "GET" ? {} : query,
      secret_headers: secretHeaders,
      json_body: json,
      ...(typeof body === "string" ? { text_body: body } : {}),
      ...(idempotencyHeader === undefined ? {} : { idempotency_header: idempotencyHeader }),
    },
  };
}

function checkObject(option: string, value: unknown, right: string): void {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return;
  throw wrong(option, value, `an object, ${right}`);
}

function expectedStatus(
  expect: NonNullable<HttpTaskOptions<Types, HttpOutput>["expect"]>,
): (readonly [number, number])[] {
  const right = 'a status such as 204, or a range such as "2xx" or "200-204"';
  if ([expect].flat().length === 0) throw wrong("expect", expect, right);
  return [expect].flat().map((one) => {
    const text = String(one);
    const [, from = "", to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(text) ?? [];
    if (from !== "" && from <= to) return [Number(from), Number(to)];
    const [, hundred] = /^([1-5])xx$/i.exec(text) ?? [];
    if (hundred !== undefined) return [Number(`${hundred}00`), Number(`${hundred}99`)];
    throw wrong("expect", one, right);
  });
}

function outputsOf(output: HttpOutput): Types {
  if (typeof output === "object") return { status: t.int, body: output };
  if (output === "text") return { status: t.int, body: t.string };
  if (output === "status") return { status: t.int };
  if (output === "info") return { info: t.json };
  throw wrong("output", output, '"info", "text", "status" or a type');
}

function checkPlaceholders(request: WebhookCustom, inputs: readonly string[]): void {
  const config = webhookConfig(request);
  const used = inputsUsed(config);
  const known = inputs.length === 0 ? "the task has no inputs" : `its inputs are ${inputs.join(", ")}`;
  for (const name of used) {
    if (!inputs.includes(name)) throw new FlyteError("InvalidDefinition", `{inputs.${name}} names no input; ${known}`);
  }
  for (const name of inputs) {
    if (used.has(name)) continue;
    throw new FlyteError(
      "InvalidDefinition",
      `inputs.${name}: the request does not use it; write {inputs.${name}} or remove it`,
    );
  }
  checkUrl(config.url);
}

const wrong = (option: string, value: unknown, right: string): FlyteError =>
  new FlyteError("InvalidDefinition", `${option} is ${JSON.stringify(value)}; it must be ${right}`);
