import { FlyteError } from "@flyte-ts/core/plugin";
import { type Placeholder, placeholdersIn, placeOf, replacePlaceholders } from "./placeholders.ts";

/** What stands for a placeholder: the text of its value. */
type TextOf = (placeholder: Placeholder) => string;

/** A URL's text, cut where its parts end. */
interface UrlParts {
  /** `https://`; empty where the URL begins with a placeholder, which then is a URL of its own. */
  readonly scheme: string;
  /** A name and password with their `@`. */
  readonly user: string;
  /** The host with its port. */
  readonly host: string;
  readonly path: string;
  /** The query and the fragment, with what they begin with. */
  readonly rest: string;
}

/**
 * Checks a URL's template. A placeholder in its host stands for whole labels, or for the port: beside other text a value
 * such as `.evil.org` would make another domain of it.
 * @throws FlyteError `InvalidDefinition` for a placeholder that does not, and for a URL that does not begin with
 * `http://` or `https://` and a host.
 */
export function checkUrl(template: string): void {
  partsOf(template);
}

/**
 * The URL of a template. A value at its very beginning is a URL of its own; in the host it is the name of a host, or a
 * part of one; elsewhere it is percent-encoded, and cannot climb out of its segment of the path.
 * @throws FlyteError as `checkUrl`; `InvalidInput` that names the input.
 */
export function renderUrl(template: string, text: TextOf): string {
  const { scheme, user, host, path, rest } = partsOf(template);
  const start = scheme === "" ? renderStart(host, text) : renderHost(host, text);
  return `${scheme}${encoded(user, text)}${start}${renderPath(path, text)}${encoded(rest, text)}`;
}

function partsOf(template: string): UrlParts {
  const url = template.trim();
  if (/\p{Cc}/u.test(url)) throw wrong(template, "without line breaks or another control character");
  const [first] = placeholdersIn(url);
  // Browsers' rules, which Node's URL follows, take any number of slashes behind the colon, and a backslash for one.
  const pattern = first?.start === 0 ? /^()([^/\\?#]*)([^?#]*)(.*)$/s : /^(https?:\/\/)([^/\\?#]+)([^?#]*)(.*)$/is;
  const [, scheme = "", authority = "", path = "", rest = ""] = pattern.exec(url) ?? [];
  if (authority === "") throw wrong(template, "a URL that begins with http:// or https:// and a host");
  const at = scheme === "" ? 0 : authority.lastIndexOf("@") + 1;
  const parts = { scheme, user: authority.slice(0, at), host: authority.slice(at), path, rest };
  if (scheme !== "") checkHost(parts.host);
  return parts;
}

function checkHost(host: string): void {
  for (const { start, end } of placeholdersIn(host)) {
    const before = host.charAt(start - 1);
    const after = host.charAt(end);
    const touched = before === ":" ? after : [".", ""].includes(before) ? (/[.:]/.test(after) ? "" : after) : before;
    if (touched === "") continue;
    throw new FlyteError(
      "InvalidDefinition",
      `${host.slice(start, end)} touches "${touched}" in the URL's host, and could make another host of it; ` +
        "it must be a whole part of the name, between dots, or the port (a path begins with / in the template)",
    );
  }
}

/** Names with dots between them, as hosts have them. */
const hostName = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/i;

function renderHost(host: string, text: TextOf): string {
  return replacePlaceholders(host, (placeholder) => {
    const value = text(placeholder);
    const port = host.charAt(placeholder.start - 1) === ":";
    if (port ? /^\d{1,5}$/.test(value) && Number(value) <= 65_535 : hostName.test(value)) return value;
    const right = port ? "the number of a port" : "a host's name, or a part of one: letters, digits, dots and hyphens";
    throw new FlyteError(
      "InvalidInput",
      `${placeOf(placeholder)} is ${shown(value)}; in the URL's host it must be ${right}`,
    );
  });
}

/** The beginning of a URL that begins with a value. Other values follow the first one's host, and cannot be a part of it. */
function renderStart(start: string, text: TextOf): string {
  const [first, second] = placeholdersIn(start);
  if (first === undefined) return start;
  const own = text(first);
  if (second !== undefined && !/^https?:\/\/[^/\\?#]+[/\\?#]/i.test(own)) {
    throw new FlyteError(
      "InvalidInput",
      `${placeOf(first)} is ${shown(own)}; it must have a path, as ${placeOf(second)} follows it`,
    );
  }
  return `${own}${renderPath(start.slice(first.end), text)}`;
}

function renderPath(path: string, text: TextOf): string {
  const segments = path.split(/[/\\]/).map((segment) => {
    const [placeholder] = placeholdersIn(segment);
    const rendered = encoded(segment, text);
    if (placeholder === undefined || (rendered !== "" && !/^(?:\.|%2e){1,2}$/i.test(rendered))) return rendered;
    throw new FlyteError(
      "InvalidInput",
      `${placeOf(placeholder)} makes "${rendered}" of a segment of the URL's path; it must be a name`,
    );
  });
  return segments.join("/");
}

const encoded = (part: string, text: TextOf): string =>
  replacePlaceholders(part, (placeholder) => encodeURIComponent(text(placeholder).toWellFormed()));

/** A value for a message, of which a long one would be all there is to see. */
const shown = (value: string): string => JSON.stringify(value.length <= 200 ? value : `${value.slice(0, 200)}…`);

const wrong = (url: string, right: string): FlyteError =>
  new FlyteError("InvalidDefinition", `url is ${JSON.stringify(url)}; it must be ${right}`);
