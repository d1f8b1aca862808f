import { FlyteError } from "../errors/flyte-error.ts";
import type { ObjectStat, Storage, StorageOptions } from "./storage.ts";

/** A pattern of URIs, taken apart into what a store can be asked for and what has to be looked at here. */
export interface Glob {
  /** The folder below which everything that matches lies; it ends in `/`. */
  readonly folder: string;
  /** What every name in that folder begins with that matches. */
  readonly startsWith: string;
  /** True for the URI of an object that matches. */
  matches(uri: string): boolean;
}

/** True where a URI has a character that means something in a pattern. */
export function isGlob(uri: string): boolean {
  return /[*?[\]{}\\]/.test(uri);
}

/**
 * Reads a pattern such as `s3://bucket/year=2024/part-*.{csv,parquet}`: `*` is any part of a name, `?` one character, `**`
 * any number of folders, `[a-z]` and `[!a-z]` one character of these or none of these, `{a,b}` one of several. A `\` takes
 * the next character as it is.
 * @throws FlyteError `InvalidInput` for a pattern that is not closed, or one in the place of a bucket.
 */
export function parseGlob(given: string): Glob {
  // A bare name is one in the working directory, whose listing names it so.
  const pattern = given.includes("/") ? given : `./${given}`;
  const special = pattern.search(/[*?[\]{}\\]/);
  const literal = special === -1 ? pattern : pattern.slice(0, special);
  const cut = literal.lastIndexOf("/") + 1;
  if (/^[a-z][a-z0-9+.-]+:\/*[^/]*$/i.test(literal) && special !== -1 && !/^file:/i.test(literal)) {
    throw new FlyteError("InvalidInput", `"${pattern}" has a pattern in the place of its bucket or host`);
  }
  const matcher = new RegExp(`^${regexOf(pattern)}$`, "su");
  return { folder: literal.slice(0, cut), startsWith: literal.slice(cut), matches: (uri) => matcher.test(uri) };
}

/** The objects whose URIs match a pattern (see `parseGlob`), in the order of their names' bytes. */
export async function* glob(
  storage: Storage,
  pattern: string,
  { signal }: StorageOptions = {},
): AsyncIterable<ObjectStat> {
  const { folder, startsWith, matches } = parseGlob(pattern);
  for await (const found of storage.list(folder, { signal, startsWith })) if (matches(found.uri)) yield found;
}

function regexOf(pattern: string): string {
  let made = "";
  let braces = 0;
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? "";
    const rest = pattern.slice(at);
    if (character === "\\") made += quoted(pattern[++at] ?? "\\");
    else if (rest.startsWith("**/")) {
      made += "(?:[^/]*/)*";
      at += 2;
    } else if (rest.startsWith("**")) {
      made += ".*";
      at += 1;
    } else if (character === "*") made += "[^/]*";
    else if (character === "?") made += "[^/]";
    else if (character === "[") {
      const set = /^\[(!?)(\]?[^\]]*)\]/s.exec(rest);
      if (set === null) throw notClosed(pattern, "[");
      made += `(?!/)[${set[1] === "!" ? "^" : ""}${(set[2] ?? "").replace(/[\\\]^[]/g, "\\$&")}]`;
      at += set[0].length - 1;
    } else if (character === "{") {
      braces++;
      made += "(?:";
    } else if (character === "}" && braces > 0) {
      braces--;
      made += ")";
    } else made += character === "," && braces > 0 ? "|" : quoted(character);
  }
  if (braces > 0) throw notClosed(pattern, "{");
  return made;
}

const quoted = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

function notClosed(pattern: string, bracket: string): FlyteError {
  return new FlyteError(
    "InvalidInput",
    `"${pattern}" has a "${bracket}" that is not closed; write "\\${bracket}" for one`,
  );
}
