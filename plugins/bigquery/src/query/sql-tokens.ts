import { FlyteError, findPlaceholders, type Placeholder, positionOf } from "@flyte-ts/core/plugin";

/**
 * What a piece of GoogleSQL is. `string` is any string or bytes literal with its prefix, `name` is `…`, `word` a bare
 * identifier or keyword, `parameter` is @name, `position` is ?.
 */
export type SqlTokenKind =
  | "space"
  | "comment"
  | "string"
  | "name"
  | "word"
  | "number"
  | "parameter"
  | "system variable"
  | "position"
  | "symbol"
  | "placeholder";

/** A piece of GoogleSQL; the tokens of a text lie side by side and leave nothing out. */
export interface SqlToken {
  readonly kind: SqlTokenKind;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** The placeholders inside; one for the kind `placeholder`. */
  readonly placeholders: readonly Placeholder[];
}

const wordPattern = /[A-Za-z0-9_\u0080-\uffff]+/y;
const stringOpening = /(?:r|b|rb|br)?('''|"""|'|")/iy;

/**
 * Cuts a query into tokens by GoogleSQL's lexical rules (BigQuery's reference, "Lexical structure and syntax"): strings
 * in one or three quotes of either kind with the prefixes r and b, backslashes that keep a quote from closing (in raw
 * strings too), and comments behind `#`, `--` and in slashes. A placeholder is one token, or a part of a quoted one.
 * @throws FlyteError `InvalidDefinition` with line and column for a quote or comment that is not closed.
 */
export function tokenize(text: string): readonly SqlToken[] {
  const placeholders = findPlaceholders(text);
  const byStart = new Map(placeholders.map((placeholder) => [placeholder.start, placeholder]));
  const tokens: SqlToken[] = [];
  for (let start = 0; start < text.length; ) {
    const [kind, end] = nextToken(text, start, byStart);
    const inside = placeholders.filter((placeholder) => placeholder.start >= start && placeholder.start < end);
    tokens.push({ kind, start, end, text: text.slice(start, end), placeholders: inside });
    start = end;
  }
  return tokens;
}

function nextToken(
  text: string,
  start: number,
  placeholders: ReadonlyMap<number, Placeholder>,
): readonly [SqlTokenKind, number] {
  const placeholder = placeholders.get(start);
  if (placeholder !== undefined) return ["placeholder", placeholder.end];
  const end = (pattern: RegExp): number => {
    pattern.lastIndex = start;
    return pattern.test(text) ? pattern.lastIndex : start;
  };
  const character = text.charAt(start);
  if (/\s/.test(character)) return ["space", end(/\s+/y)];
  if (character === "#" || text.startsWith("--", start)) return ["comment", end(/[^\n]*\n?/y)];
  if (text.startsWith("/*", start)) return ["comment", closed(text, start, text.indexOf("*/", start + 2), 2)];
  const opened = end(stringOpening);
  if (opened > start) return ["string", quotedEnd(text, start, opened, quoteOf(text, start), placeholders)];
  if (character === "`") return ["name", quotedEnd(text, start, start + 1, "`", placeholders)];
  if (text.startsWith("@@", start)) return ["system variable", end(/@@[A-Za-z0-9_.]*/y)];
  if (text.startsWith("@`", start)) return ["parameter", quotedEnd(text, start, start + 2, "`", placeholders)];
  if (/@[A-Za-z_]/.test(text.slice(start, start + 2))) return ["parameter", end(/@[A-Za-z0-9_]+/y)];
  if (character === "?") return ["position", start + 1];
  if (/[0-9]/.test(character)) return ["number", end(/[0-9][A-Za-z0-9_]*/y)];
  const word = end(wordPattern);
  return word > start ? ["word", word] : ["symbol", start + 1];
}

function quoteOf(text: string, start: number): string {
  stringOpening.lastIndex = start;
  return stringOpening.exec(text)?.[1] ?? "'";
}

/** The offset behind a quoted token; a backslash keeps what follows from closing it, placeholders are passed over whole. */
function quotedEnd(
  text: string,
  start: number,
  from: number,
  quote: string,
  placeholders: ReadonlyMap<number, Placeholder>,
): number {
  for (let at = from; at < text.length; ) {
    const placeholder = placeholders.get(at);
    if (placeholder !== undefined) at = placeholder.end;
    else if (text[at] === "\\") at += 2;
    else if (text.startsWith(quote, at)) return at + quote.length;
    else at++;
  }
  return closed(text, start, -1, 0);
}

function closed(text: string, start: number, at: number, length: number): number {
  if (at >= 0) return at + length;
  const opening = /^[a-z]{0,2}(?:'''|"""|['"`])|^\/\*/i.exec(text.slice(start))?.[0] ?? text.charAt(start);
  throw new FlyteError("InvalidDefinition", `query, ${positionOf(text, start)}: the ${opening} is never closed`);
}
