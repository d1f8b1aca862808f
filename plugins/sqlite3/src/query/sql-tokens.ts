import { type SqlToken as CoreToken, cutSql, FlyteError, positionOf, type SqlPlace } from "@flyte-ts/core/plugin";

/** What a piece of SQL text is. `string` is '…', `name` is "…", `…` or […], `blob` is x'…', `word` a bare identifier or keyword. */
type SqlTokenKind = "space" | "comment" | "string" | "blob" | "name" | "word" | "number" | "parameter" | "symbol";

/** A piece of SQL text; the tokens of a text lie side by side and leave nothing out. */
export type SqlToken = CoreToken<SqlTokenKind>;

const closers: Readonly<Record<string, string>> = { "'": "'", '"': '"', "`": "`", "[": "]" };
const isWordCharacter = (character: string): boolean => /[A-Za-z0-9_$]/.test(character) || character > "\x7f";

/**
 * Cuts a query into tokens by the rules of SQLite's tokenizer (sqlite.org, src/tokenize.c), where a placeholder is one
 * token, or an unbroken part of a quoted one. In comments placeholders are found and otherwise ignored.
 * @throws FlyteError `InvalidDefinition` with line and column for a quote that is not closed.
 */
export function tokenize(text: string): readonly SqlToken[] {
  return cutSql(text, nextToken);
}

function nextToken(place: SqlPlace): readonly [SqlTokenKind, number] {
  const { text, start, character } = place;
  if (/[ \t\n\f\r\ufeff]/.test(character)) return ["space", place.match(/[ \t\n\f\r\ufeff]+/y)];
  if (place.begins("--")) return ["comment", place.match(/--[^\n]*\n?/y)];
  if (place.begins("/*")) return ["comment", place.match(/\/\*[\s\S]*?(?:\*\/|$)/y)];
  if (/^x'/i.test(text.slice(start, start + 2))) return ["blob", quotedEnd(place, start + 1)];
  if (character === "'") return ["string", quotedEnd(place, start)];
  if (character in closers) return ["name", quotedEnd(place, start)];
  if (/[0-9]/.test(character) || /^\.[0-9]/.test(text.slice(start, start + 2))) {
    return ["number", place.match(/0x[0-9a-f_]+|(?:[0-9_]+\.?[0-9_]*|\.[0-9_]+)(?:e[+-]?[0-9_]+)?/iy)];
  }
  if (character === "?") return ["parameter", place.match(/\?[0-9]*/y)];
  if (/[:@$#]/.test(character) && isWordCharacter(text.charAt(start + 1)))
    return ["parameter", wordEnd(text, start + 1)];
  if (isWordCharacter(character)) return ["word", wordEnd(text, start)];
  return ["symbol", place.match(/->>|->|\|\||<<|>>|<=|>=|<>|==|!=|[\s\S]/y)];
}

function wordEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && isWordCharacter(text.charAt(end))) end++;
  return end;
}

/** The offset behind a quoted token, whose quote opens at an offset; a doubled quote stands for itself (not in […]). */
function quotedEnd(place: SqlPlace, opening: number): number {
  const { text } = place;
  const closer = closers[text.charAt(opening)] ?? "'";
  const end = place.quotedEnd(opening + 1, closer, closer === "]" ? "none" : "doubled");
  if (end !== undefined) return end;
  throw new FlyteError(
    "InvalidDefinition",
    `query: the ${text.charAt(opening)} at ${positionOf(text, opening)} is never closed`,
  );
}
