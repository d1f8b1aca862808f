import { FlyteError, findPlaceholders, type Placeholder, positionOf } from "@flyte-ts/core/plugin";
import { prefixPattern } from "./flyte-names.ts";

/** What a piece of SQL is: `string` is '…', `name` "…" or `…`, `word` a bare identifier or keyword. */
export type TokenKind =
  | "space"
  | "comment"
  | "string"
  | "name"
  | "word"
  | "number"
  | "symbol"
  | "placeholder"
  | "prefix";

/** A piece of SQL text; the tokens of a text lie side by side. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** The placeholders inside; one for the kind `placeholder`. */
  readonly placeholders: readonly Placeholder[];
}

/**
 * Cuts a query into tokens by the rules of Trino's grammar (SqlBase.g4), and of Hive's for names in backticks. A
 * placeholder is one token, or an unbroken part of a quoted one.
 * @throws FlyteError `InvalidDefinition` with line and column for a quote or comment that is not closed.
 */
export function tokenize(text: string): readonly Token[] {
  const placeholders = new Map(findPlaceholders(text).map((one) => [one.start, one]));
  const tokens: Token[] = [];
  for (let start = 0; start < text.length; ) {
    const [kind, end] = nextToken(text, start, placeholders);
    const inside = [...placeholders.values()].filter((one) => one.start >= start && one.start < end);
    tokens.push({ kind, start, end, text: text.slice(start, end), placeholders: inside });
    start = end;
  }
  return tokens;
}

function nextToken(text: string, start: number, placeholders: ReadonlyMap<number, Placeholder>): [TokenKind, number] {
  const placeholder = placeholders.get(start);
  if (placeholder !== undefined) return ["placeholder", placeholder.end];
  const match = (pattern: RegExp): number => {
    pattern.lastIndex = start;
    return pattern.test(text) ? pattern.lastIndex : start;
  };
  const character = text.charAt(start);
  const prefixEnd = match(new RegExp(prefixPattern.source, "iy"));
  if (prefixEnd > start) return ["prefix", prefixEnd];
  if (/\s/.test(character)) return ["space", match(/\s+/y)];
  if (text.startsWith("--", start)) return ["comment", match(/--[^\r\n]*/y)];
  if (text.startsWith("/*", start)) {
    const end = text.indexOf("*/", start + 2);
    if (end < 0) throw open(text, start, "comment");
    return ["comment", end + 2];
  }
  if (character === "'") return ["string", quotedEnd(text, start, placeholders)];
  if (character === '"' || character === "`") return ["name", quotedEnd(text, start, placeholders)];
  if (/[0-9]/.test(character)) return ["number", match(/[0-9][0-9._]*(?:e[+-]?[0-9]+)?/iy)];
  if (/[\p{L}_@$]/u.test(character)) return ["word", match(/[\p{L}\p{N}_@$]+/uy)];
  return ["symbol", start + 1];
}

/** The offset behind a quoted token; a doubled quote stands for itself, placeholders are passed over whole. */
function quotedEnd(text: string, start: number, placeholders: ReadonlyMap<number, Placeholder>): number {
  const quote = text.charAt(start);
  for (let at = start + 1; at < text.length; ) {
    const placeholder = placeholders.get(at);
    if (placeholder !== undefined) at = placeholder.end;
    else if (text[at] !== quote) at++;
    else if (text[at + 1] === quote) at += 2;
    else return at + 1;
  }
  throw open(text, start, text.charAt(start));
}

const open = (text: string, start: number, what: string): FlyteError =>
  new FlyteError("InvalidDefinition", `query: the ${what} at ${positionOf(text, start)} is never closed`);
