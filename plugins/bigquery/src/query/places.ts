import { keywordOf, significant } from "@flyte-ts/core/plugin";
import type { SqlToken } from "./sql-tokens.ts";

/** A placeholder that stands where BigQuery takes no parameter, and why. */
export interface Misplaced {
  readonly token: SqlToken;
  readonly problem: string;
}

/** Keywords behind which the name of a table, and never a value, stands. */
const beforeTables = new Set(["JOIN", "INTO", "TABLE", "UPDATE", "VIEW", "SCHEMA", "DATASET"]);
const touching: ReadonlySet<string> = new Set(["word", "number", "string", "name", "placeholder", "parameter"]);

/**
 * The first placeholder that cannot become a parameter: parameters stand in the place of values, never of names or of
 * pieces of them. What only BigQuery's parser can tell is left to it.
 * @param tokens the query's tokens, all of them.
 */
export function findMisplaced(tokens: readonly SqlToken[]): Misplaced | undefined {
  const said = significant(tokens);
  for (const [index, token] of said.entries()) {
    if (token.placeholders.length === 0) continue;
    const problem = problemAt(said, index);
    if (problem !== undefined) return { token, problem };
  }
  return undefined;
}

function problemAt(tokens: readonly SqlToken[], index: number): string | undefined {
  const token = tokens[index] as SqlToken;
  const before = tokens[index - 1];
  const after = tokens[index + 1];
  if (token.kind === "string")
    return `stands in quotes, where it would be text; write ${token.placeholders.length > 1 ? "concat(…)" : "it without quotes"}`;
  if (token.kind !== "placeholder") return `stands in the name ${token.text}`;
  for (const [neighbour, touches] of [
    [before, before?.end === token.start],
    [after, after?.start === token.end],
  ] as const) {
    if (touches && neighbour !== undefined && (touching.has(neighbour.kind) || neighbour.text === "@")) {
      return `touches "${neighbour.text}", and would become a part of it`;
    }
  }
  if (before?.text === ".") return "stands where a name stands, behind a dot";
  const word = keywordOf(before);
  if (word === "IN") return "stands behind IN without parentheses; for a list write IN UNNEST({{ .inputs.… }})";
  if (word !== undefined && beforeTables.has(word)) return `stands behind ${before?.text}, where a table's name stands`;
  if (word === "FROM" && isTableFrom(tokens, index - 1)) return "stands behind FROM, where a table's name stands";
  return undefined;
}

/** False for the FROM of `EXTRACT(part FROM value)` and of `IS [NOT] DISTINCT FROM`. */
function isTableFrom(tokens: readonly SqlToken[], index: number): boolean {
  if (keywordOf(tokens[index - 1]) === "DISTINCT") return false;
  let depth = 0;
  for (let at = index - 1; at >= 0; at--) {
    const { text } = tokens[at] as SqlToken;
    if (text === ")") depth++;
    if (text !== "(") continue;
    if (depth === 0) return keywordOf(tokens[at - 1]) !== "EXTRACT";
    depth--;
  }
  return true;
}
