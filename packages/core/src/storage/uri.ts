/** The scheme of a URI in lower case; a plain path has the scheme `file`. */
export function schemeOf(uri: string): string {
  return /^([a-z][a-z0-9+.-]+):/i.exec(uri)?.[1]?.toLowerCase() ?? "file";
}

/** Joins a folder's URI and a relative name with exactly one slash. */
export function joinUri(folder: string, name: string): string {
  return `${folder.replace(/\/+$/, "")}/${name.replace(/^\/+/, "")}`;
}
