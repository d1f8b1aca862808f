import { keywordOf } from "@flyte-ts/core/plugin";
import type { Token } from "./sql-tokens.ts";

/** Keywords behind which a name stands. */
const beforeName = new Set(
  "FROM JOIN INTO TABLE UPDATE DATABASE SCHEMA VIEW AS USE DESCRIBE DESC ASC COLUMN COLUMNS PARTITIONS INTERVAL USING".split(
    " ",
  ),
);

/**
 * Why the placeholder of a token does not stand where a value stands; undefined where it does, or where Athena has to say.
 * @param tokens the statement without spaces and comments.
 */
export function misplaced(tokens: readonly Token[], at: number): string | undefined {
  const token = tokens[at];
  if (token === undefined || token.placeholders.length === 0) return undefined;
  const before = tokens[at - 1];
  const after = tokens[at + 1];
  const word = keywordOf(before);
  if (token.kind === "name") return `stands in the quoted name ${token.text} (a text stands in single quotes)`;
  if (
    before?.end === token.start &&
    (before.kind === "word" || before.kind === "number" || before.kind === "placeholder")
  ) {
    return `touches "${before.text}", and would become a part of it`;
  }
  if (token.kind === "string") {
    if (word === "INTERVAL") return "stands in an interval's literal; multiply one: {{ .inputs.n }} * INTERVAL '1' DAY";
    return word === "U" || word === "X" ? `stands in a literal of the form ${word}'…'` : undefined;
  }
  if (after?.start === token.end && (after.kind === "word" || after.kind === "number")) {
    return `touches "${after.text}", and would become a part of it`;
  }
  if (before === undefined) return "stands where the statement's keyword stands";
  if (before.text === "." || after?.text === ".") return "stands where a part of a name stands";
  if (after?.text === "(") return "stands where the name of a function stands";
  if (word === "IN") return "stands behind IN without parentheses; for a list write contains({{ .inputs.… }}, x)";
  if (word === "FROM" && tokens[at - 2]?.text.toUpperCase() === "DISTINCT") return undefined;
  if (word === "BY") return "stands behind BY, where a column's name stands: a value orders and groups nothing";
  if (word !== undefined && beforeName.has(word))
    return `stands behind "${before.text}", where a name or keyword stands`;
  return undefined;
}
