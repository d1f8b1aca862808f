import { schemeOf } from "@flyte-ts/core/plugin";

/** The store that a URI belongs to, which shares a limit of requests: scheme and bucket, container or host. */
export function storeOf(uri: string): string {
  const scheme = schemeOf(uri);
  if (scheme === "file") return "file:";
  const [, authority = ""] = /^[^:]+:\/*([^/]*)/.exec(uri) ?? [];
  return `${scheme}://${authority}`;
}

/** The URI that all of a store's files begin with. */
export function rootOf(uri: string): string {
  return /^[^:]+:\/*[^/]*\//.exec(uri)?.[0] ?? uri;
}

/** The folder that a file stands in, with the slash at its end. */
export function folderOf(uri: string): string {
  return uri.slice(0, uri.lastIndexOf("/") + 1);
}

/** True for a store in which one list is cheaper than asking for each file: no web server, and not the local disk. */
export function canList(uri: string): boolean {
  return !/^(?:https?|file)$/.test(schemeOf(uri));
}
