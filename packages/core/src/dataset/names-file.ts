import { schemeOf } from "../storage/uri.ts";

/** The schemes of files: for these no plugin is asked. */
const fileSchemes: ReadonlySet<string> = new Set([
  "file",
  "http",
  "https",
  "s3",
  "s3a",
  "gs",
  "abfs",
  "abfss",
  "wasbs",
]);

/** True for a URI that names files; another may name a table, which has no format. */
export function namesFile(uri: string): boolean {
  return fileSchemes.has(schemeOf(uri));
}
