import { cutSql, FlyteError, positionOf, type SqlPlace, type SqlToken } from "@flyte-ts/core/plugin";
import { prefixPattern } from "./flyte-names.ts";

/** What a piece of SQL is: `string` is '…', `name` "…" or `…`, `word` a bare identifier or keyword. */
type TokenKind = "space" | "comment" | "string" | "name" | "word" | "number" | "symbol" | "prefix";

/** A piece of SQL text; the tokens of a text lie side by side. */
export type Token = SqlToken<TokenKind>;

/**
 * Cuts a query into tokens by the rules of Trino's grammar (SqlBase.g4), and of Hive's for names in backticks. A
 * placeholder is one token, or an unbroken part of a quoted one.
 * @throws FlyteError `InvalidDefinition` with line and column for a quote or comment that is not closed.
 */
export function tokenize(text: string): readonly Token[] {
  return cutSql(text, nextToken);
}

function nextToken(place: SqlPlace): readonly [TokenKind, number] {
  const { text, start, character } = place;
  const prefixEnd = place.match(new RegExp(prefixPattern.source, "iy"));
  if (prefixEnd > start) return ["prefix", prefixEnd];
  if (/\s/.test(character)) return ["space", place.match(/\s+/y)];
  if (place.begins("--")) return ["comment", place.match(/--[^\r\n]*/y)];
  if (place.begins("/*")) {
    const end = text.indexOf("*/", start + 2);
    if (end < 0) throw open(place, "comment");
    return ["comment", end + 2];
  }
  if (character === "'") return ["string", quotedEnd(place)];
  if (character === '"' || character === "`") return ["name", quotedEnd(place)];
  if (/[0-9]/.test(character)) return ["number", place.match(/[0-9][0-9._]*(?:e[+-]?[0-9]+)?/iy)];
  if (/[\p{L}_@$]/u.test(character)) return ["word", place.match(/[\p{L}\p{N}_@$]+/uy)];
  return ["symbol", start + 1];
}

/** The offset behind a quoted token; a doubled quote stands for itself. */
function quotedEnd(place: SqlPlace): number {
  const end = place.quotedEnd(place.start + 1, place.character, "doubled");
  if (end === undefined) throw open(place, place.character);
  return end;
}

const open = ({ text, start }: SqlPlace, what: string): FlyteError =>
  new FlyteError("InvalidDefinition", `query: the ${what} at ${positionOf(text, start)} is never closed`);
