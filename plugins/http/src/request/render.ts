import { FlyteError, PlainFloat } from "@flyte-ts/core/plugin";
import type { JsonTemplate, WebhookConfig } from "../webhook-config.ts";
import { onlyPlaceholder, type Placeholder, placeholdersIn, placeOf, replacePlaceholders } from "./placeholders.ts";
import { pythonText } from "./python-text.ts";
import { renderUrl } from "./url.ts";
import type { Value } from "./value.ts";
import { byName, type InputValues, jsonText, textOf } from "./values.ts";

/** A request whose placeholders are filled; secrets are not in it. */
export interface RenderedRequest {
  /** The URL as text, with its query. */
  readonly url: string;
  /** The URL without what `query` adds: what flytekit shows as `url`. */
  readonly shownUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** The JSON body, or the query of a GET: what flytekit shows as `input_data`. */
  readonly data: Value;
}

/** The parts of a template that hold placeholders. */
export type RequestTemplate = Pick<WebhookConfig, "dialect" | "method" | "url" | "headers" | "query" | "body">;

/**
 * Fills a template with values, each as data of the place where it stands: JSON in a JSON body, percent-encoded in the
 * URL, one line in a header. No value can end the place that it stands in.
 * @throws FlyteError `InvalidInput` that names the input.
 */
export function renderRequest(template: RequestTemplate, values: InputValues): RenderedRequest {
  const python = template.dialect === "flytekit";
  const text = (placeholder: Placeholder): string => {
    const value = values.of(placeholder);
    return python ? pythonText(value) : textOf(value, placeOf(placeholder));
  };
  const json = (given: JsonTemplate): Value => filled(given, values, text);
  const query = byName(template.query).map(([name, value]) => [name, json(value)] as const);
  const headers = Object.entries(template.headers).map(
    ([name, value]) => [name, headerValue(name, replacePlaceholders(value, text))] as const,
  );
  const { body } = template;
  const data = body !== undefined && "json" in body ? json(body.json) : Object.fromEntries(query);
  const url = renderUrl(template.url, text);
  return {
    url: withQuery(url, query),
    shownUrl: url,
    headers: Object.fromEntries(headers),
    body: body === undefined ? undefined : "json" in body ? jsonText(data) : replacePlaceholders(body.text, text),
    data,
  };
}

/** The inputs that a template names. @throws FlyteError `InvalidDefinition` for a placeholder that is none. */
export function inputsUsed({ url, headers, query, body }: RequestTemplate): ReadonlySet<string> {
  const used = new Set<string>();
  const look = (value: JsonTemplate): void => {
    if (typeof value === "string") for (const { input } of placeholdersIn(value)) used.add(input);
    else if (typeof value === "object" && value !== null) for (const item of Object.values(value)) look(item);
  };
  look([url, headers, query, body === undefined ? null : "json" in body ? body.json : body.text]);
  return used;
}

/** JSON with its placeholders filled: a string that is nothing but one becomes the value itself. */
function filled(given: JsonTemplate, values: InputValues, text: (placeholder: Placeholder) => string): Value {
  if (typeof given === "string") {
    const only = onlyPlaceholder(given);
    return only === undefined ? replacePlaceholders(given, text) : values.of(only);
  }
  if (Array.isArray(given)) return (given as readonly JsonTemplate[]).map((item) => filled(item, values, text));
  if (typeof given === "object" && given !== null) {
    return Object.fromEntries(Object.entries(given).map(([key, item]) => [key, filled(item, values, text)]));
  }
  return given as Value;
}

/** A URL with parameters behind those that it has: `null` leaves one out, a list repeats it. */
function withQuery(url: string, query: readonly (readonly [name: string, value: Value])[]): string {
  const parameters = query
    .flatMap(([name, value]) =>
      Array.isArray(value) ? value.map((item) => [name, item] as const) : [[name, value] as const],
    )
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(parameterText(value).toWellFormed())}`);
  if (parameters.length === 0) return url;
  const [before = "", fragment] = url.split("#", 2);
  const joined = `${before}${before.includes("?") ? "&" : "?"}${parameters.join("&")}`;
  return fragment === undefined ? joined : `${joined}#${fragment}`;
}

const parameterText = (value: Value): string =>
  typeof value === "string" ? value : value instanceof PlainFloat ? String(value.value) : jsonText(value);

function headerValue(name: string, value: string): string {
  if (!/[\r\n\0]/.test(value)) return value;
  throw new FlyteError("InvalidInput", `the header ${name} would hold a line break, which no header may`);
}
