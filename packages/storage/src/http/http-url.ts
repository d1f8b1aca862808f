import { FlyteError } from "@flyte-ts/core/plugin";

/**
 * Reads an `http:` or `https:` URI.
 * @throws FlyteError `InvalidInput`
 */
export function parseHttpUrl(uri: string): URL {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url !== undefined && isHttp(url)) return url;
  throw new FlyteError("InvalidInput", `"${uri}" is not a URL like https://host/path`);
}

/** True for the two schemes that are spoken here. */
export function isHttp(url: URL): boolean {
  return url.protocol === "http:" || url.protocol === "https:";
}

/** A URL as messages show it: without user and password, and without the query, where signatures and tokens stand. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}${url.search === "" ? "" : "?…"}`;
}
