import { FlyteError, findPlaceholders, type Placeholder, positionOf } from "@flyte-ts/core/plugin";

/** What a piece of SQL text is. `string` is '…', `name` is "…", `…` or […], `blob` is x'…', `word` a bare identifier or keyword. */
export type SqlTokenKind =
  | "space"
  | "comment"
  | "string"
  | "blob"
  | "name"
  | "word"
  | "number"
  | "parameter"
  | "symbol"
  | "placeholder";

/** A piece of SQL text; the tokens of a text lie side by side and leave nothing out. */
export interface SqlToken {
  readonly kind: SqlTokenKind;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** The placeholders inside; one for the kind `placeholder`. */
  readonly placeholders: readonly Placeholder[];
}

const closers: Readonly<Record<string, string>> = { "'": "'", '"': '"', "`": "`", "[": "]" };
const isWordCharacter = (character: string): boolean => /[A-Za-z0-9_$]/.test(character) || character > "\x7f";

/**
 * Cuts a query into tokens by the rules of SQLite's tokenizer (sqlite.org, src/tokenize.c), where a placeholder is one
 * token, or an unbroken part of a quoted one. In comments placeholders are found and otherwise ignored.
 * @throws FlyteError `InvalidDefinition` with line and column for a quote that is not closed.
 */
export function tokenize(text: string): readonly SqlToken[] {
  const placeholders = new Map(findPlaceholders(text).map((placeholder) => [placeholder.start, placeholder]));
  const within = (start: number, end: number): Placeholder[] =>
    [...placeholders.values()].filter((placeholder) => placeholder.start >= start && placeholder.start < end);
  const tokens: SqlToken[] = [];
  for (let start = 0; start < text.length; ) {
    const [kind, end] = nextToken(text, start, placeholders);
    tokens.push({ kind, start, end, text: text.slice(start, end), placeholders: within(start, end) });
    start = end;
  }
  return tokens;
}

function nextToken(
  text: string,
  start: number,
  placeholders: ReadonlyMap<number, Placeholder>,
): [SqlTokenKind, number] {
  const placeholder = placeholders.get(start);
  if (placeholder !== undefined) return ["placeholder", placeholder.end];
  const character = text.charAt(start);
  const match = (pattern: RegExp): number => {
    pattern.lastIndex = start;
    return pattern.test(text) ? pattern.lastIndex : start;
  };
  if (/[ \t\n\f\r\ufeff]/.test(character)) return ["space", match(/[ \t\n\f\r\ufeff]+/y)];
  if (text.startsWith("--", start)) return ["comment", match(/--[^\n]*\n?/y)];
  if (text.startsWith("/*", start)) return ["comment", match(/\/\*[\s\S]*?(?:\*\/|$)/y)];
  if (/^x'/i.test(text.slice(start, start + 2))) return ["blob", quotedEnd(text, start + 1, placeholders)];
  if (character === "'") return ["string", quotedEnd(text, start, placeholders)];
  if (character in closers) return ["name", quotedEnd(text, start, placeholders)];
  if (/[0-9]/.test(character) || /^\.[0-9]/.test(text.slice(start, start + 2))) {
    return ["number", match(/0x[0-9a-f_]+|(?:[0-9_]+\.?[0-9_]*|\.[0-9_]+)(?:e[+-]?[0-9_]+)?/iy)];
  }
  if (character === "?") return ["parameter", match(/\?[0-9]*/y)];
  if (/[:@$#]/.test(character) && isWordCharacter(text.charAt(start + 1)))
    return ["parameter", wordEnd(text, start + 1)];
  if (isWordCharacter(character)) return ["word", wordEnd(text, start)];
  return ["symbol", match(/->>|->|\|\||<<|>>|<=|>=|<>|==|!=|[\s\S]/y)];
}

function wordEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && isWordCharacter(text.charAt(end))) end++;
  return end;
}

/** The offset behind a quoted token; a doubled quote stands for itself (not in […]), placeholders are passed over whole. */
function quotedEnd(text: string, start: number, placeholders: ReadonlyMap<number, Placeholder>): number {
  const closer = closers[text.charAt(start)] ?? "'";
  for (let at = start + 1; at < text.length; ) {
    const placeholder = placeholders.get(at);
    if (placeholder !== undefined) at = placeholder.end;
    else if (text[at] !== closer) at++;
    else if (closer !== "]" && text[at + 1] === closer) at += 2;
    else return at + 1;
  }
  throw new FlyteError(
    "InvalidDefinition",
    `query: the ${text.charAt(start)} at ${positionOf(text, start)} is never closed`,
  );
}
