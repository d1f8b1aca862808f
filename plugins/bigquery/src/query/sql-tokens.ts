import { type SqlToken as CoreToken, cutSql, queryProblem, type SqlPlace } from "@flyte-ts/core/plugin";

/**
 * What a piece of GoogleSQL is. `string` is any string or bytes literal with its prefix, `name` is `…`, `word` a bare
 * identifier or keyword, `parameter` is @name, `position` is ?.
 */
type SqlTokenKind =
  | "space"
  | "comment"
  | "string"
  | "name"
  | "word"
  | "number"
  | "parameter"
  | "system variable"
  | "position"
  | "symbol";

/** A piece of GoogleSQL; the tokens of a text lie side by side and leave nothing out. */
export type SqlToken = CoreToken<SqlTokenKind>;

const wordPattern = /[A-Za-z0-9_\u0080-\uffff]+/y;
const stringOpening = /(?:r|b|rb|br)?('''|"""|'|")/iy;

/**
 * Cuts a query into tokens by GoogleSQL's lexical rules (BigQuery's reference, "Lexical structure and syntax"): strings
 * in one or three quotes of either kind with the prefixes r and b, backslashes that keep a quote from closing (in raw
 * strings too), and comments behind `#`, `--` and in slashes. A placeholder is one token, or a part of a quoted one.
 * @throws FlyteError `InvalidDefinition` with line and column for a quote or comment that is not closed.
 */
export function tokenize(text: string): readonly SqlToken[] {
  return cutSql(text, nextToken);
}

function nextToken(place: SqlPlace): readonly [SqlTokenKind, number] {
  const { text, start, character } = place;
  if (/\s/.test(character)) return ["space", place.match(/\s+/y)];
  if (character === "#" || place.begins("--")) return ["comment", place.match(/[^\n]*\n?/y)];
  if (place.begins("/*")) {
    const end = text.indexOf("*/", start + 2);
    return ["comment", closed(place, end < 0 ? undefined : end + 2)];
  }
  const opened = place.match(stringOpening);
  if (opened > start) return ["string", quotedEnd(place, opened, quoteOf(text, start))];
  if (character === "`") return ["name", quotedEnd(place, start + 1, "`")];
  if (place.begins("@@")) return ["system variable", place.match(/@@[A-Za-z0-9_.]*/y)];
  if (place.begins("@`")) return ["parameter", quotedEnd(place, start + 2, "`")];
  if (/@[A-Za-z_]/.test(text.slice(start, start + 2))) return ["parameter", place.match(/@[A-Za-z0-9_]+/y)];
  if (character === "?") return ["position", start + 1];
  if (/[0-9]/.test(character)) return ["number", place.match(/[0-9][A-Za-z0-9_]*/y)];
  const word = place.match(wordPattern);
  return word > start ? ["word", word] : ["symbol", start + 1];
}

function quoteOf(text: string, start: number): string {
  stringOpening.lastIndex = start;
  return stringOpening.exec(text)?.[1] ?? "'";
}

/** The offset behind a quoted token; a backslash keeps what follows from closing it. */
function quotedEnd(place: SqlPlace, from: number, quote: string): number {
  return closed(place, place.quotedEnd(from, quote, "backslash"));
}

function closed({ text, start }: SqlPlace, end: number | undefined): number {
  if (end !== undefined) return end;
  const opening = /^[a-z]{0,2}(?:'''|"""|['"`])|^\/\*/i.exec(text.slice(start))?.[0] ?? text.charAt(start);
  throw queryProblem(text, start, `the ${opening} is never closed`);
}
