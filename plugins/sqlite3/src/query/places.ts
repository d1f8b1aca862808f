import { keywordOf } from "@flyte-ts/core/plugin";
import type { SqlToken } from "./sql-tokens.ts";

/** What a list of expressions or names in SQL is made of; it decides what a comma or a parenthesis leads to. */
type Clause = "values" | "tables" | "join condition" | "names" | "order";

/** Keywords after which SQLite's grammar reads an expression. */
const beforeValue = new Set(
  (
    "SELECT DISTINCT ALL WHERE HAVING AND OR NOT ON BY LIMIT OFFSET CASE WHEN THEN ELSE LIKE GLOB REGEXP MATCH ESCAPE " +
    "BETWEEN IS RETURNING ROWS RANGE GROUPS"
  ).split(" "),
);
const clauses: Readonly<Record<string, Clause>> = {
  SELECT: "values",
  WHERE: "values",
  HAVING: "values",
  LIMIT: "values",
  OFFSET: "values",
  RETURNING: "values",
  VALUES: "values",
  ROWS: "values",
  RANGE: "values",
  GROUPS: "values",
  FROM: "tables",
  JOIN: "tables",
  ON: "join condition",
  BY: "order",
  SET: "names",
  WINDOW: "names",
};
const operator = /^(?:->>|->|\|\||<<|>>|<=|>=|<>|==|!=|[=<>+\-*/%&|~])$/;

/** A token with placeholders that stands where SQLite takes no parameter, and why. */
export interface Misplaced {
  readonly token: SqlToken;
  readonly problem: string;
}

/**
 * The first token with a placeholder that does not stand where a value stands. SQLite itself would refuse most of these
 * when the query runs; here they are found when the task is defined, along with those that it would take in silence, as
 * `order by :column`, which orders nothing.
 * @param tokens the query's tokens without spaces and comments.
 */
export function findMisplaced(tokens: readonly SqlToken[]): Misplaced | undefined {
  const scopes: Clause[] = ["values"];
  for (const [index, token] of tokens.entries()) {
    const clause = scopes.at(-1) ?? "values";
    const before = tokens[index - 1];
    if (token.placeholders.length > 0) {
      const problem = problemAt(tokens, index, clause);
      if (problem !== undefined) return { token, problem };
    } else if (token.kind === "word") {
      const next = clauses[token.text.toUpperCase()];
      if (next !== undefined && !isDistinctFrom(tokens, index)) scopes[scopes.length - 1] = next;
    } else if (token.text === "(") {
      scopes.push(opened(before, clause));
    } else if (token.text === ")") {
      if (scopes.length > 1) scopes.pop();
    } else if (token.text === "," && clause === "join condition") {
      scopes[scopes.length - 1] = "tables";
    }
  }
  return undefined;
}

/** What stands in a parenthesis that opens behind `before`. */
function opened(before: SqlToken | undefined, clause: Clause): Clause {
  const word = keywordOf(before);
  if (word === "USING") return "names";
  const beginsTable = word === "FROM" || word === "JOIN" || before?.text === "," || before?.text === "(";
  return clause === "tables" && beginsTable ? "tables" : "values";
}

function problemAt(tokens: readonly SqlToken[], index: number, clause: Clause): string | undefined {
  const token = tokens[index];
  const before = tokens[index - 1];
  const after = tokens[index + 1];
  if (token === undefined) return undefined;
  if (token.kind === "name") return `stands in the quoted identifier ${token.text} (a text stands in single quotes)`;
  if (token.kind === "blob") return "stands in a blob literal";
  if (keywordOf(tokens[0]) === "PRAGMA") {
    return "stands in a PRAGMA, which takes no parameters (a table-valued function, such as pragma_table_info(…), does)";
  }
  if (before?.end === token.start && !isSeparate(before))
    return `touches "${before.text}", and would become a part of it`;
  if (after?.start === token.end && !isSeparate(after)) return `touches "${after.text}", and would become a part of it`;
  if (after?.text === ".") return "stands where the name of a table or schema stands";
  if (after?.text === "(") return "stands where the name of a function stands";
  if (before === undefined) return "stands where the statement's keyword stands";
  const word = keywordOf(before);
  if (word === "IN")
    return "stands behind IN without parentheses; for a list write in (select value from json_each({{ .inputs.… }}))";
  if (word !== undefined && !beforeValue.has(word) && !isDistinctFrom(tokens, index - 1)) {
    return `stands behind "${before.text}", where an identifier or a keyword stands`;
  }
  if (word === undefined && before.text !== "," && before.text !== "(" && !operator.test(before.text)) {
    return `stands behind "${before.text}", where an identifier or a keyword stands`;
  }
  const listed = before.text === "," || before.text === "(";
  if (listed && clause === "tables") return "stands where the name of a table stands";
  if (listed && clause === "names") return "stands where the name of a column stands";
  if (
    clause === "order" &&
    (word === "BY" || before.text === ",") &&
    !(after !== undefined && operator.test(after.text))
  ) {
    return "stands alone behind BY, where a column's name stands: a value orders and groups nothing";
  }
  return undefined;
}

/** True for the FROM of `IS [NOT] DISTINCT FROM`. */
const isDistinctFrom = (tokens: readonly SqlToken[], index: number): boolean =>
  keywordOf(tokens[index]) === "FROM" &&
  keywordOf(tokens[index - 1]) === "DISTINCT" &&
  ["IS", "NOT"].includes(keywordOf(tokens[index - 2]) ?? "");

const isSeparate = (token: SqlToken): boolean => token.kind === "symbol";
