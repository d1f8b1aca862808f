import { FlyteError, findPlaceholders, queryProblem, significant, unusedInput } from "@flyte-ts/core/plugin";
import { findMisplaced } from "./places.ts";
import { type SqlToken, tokenize } from "./sql-tokens.ts";

/**
 * How a parameter's value is bound: `value` as itself; `text` (the placeholder is a whole quoted literal) as the text
 * that flytekit would have pasted between the quotes, NULL staying NULL; `part` (of a quoted literal) as that text always.
 */
export type ParameterForm = "value" | "text" | "part";

/** A named parameter of the statement that SQLite is given. */
export interface QueryParameter {
  /** The name without the colon. */
  readonly name: string;
  /** The input that fills it. */
  readonly input: string;
  readonly form: ParameterForm;
}

/** A query whose placeholders have become parameters. */
export interface Query {
  /** The text as the author wrote it. */
  readonly template: string;
  /** The statement for SQLite, without a semicolon; all but the placeholders is the author's text, byte for byte. */
  readonly sql: string;
  /** The first keyword, in upper case. */
  readonly verb: string;
  readonly parameters: readonly QueryParameter[];
  /** Inputs that stand in comments only. */
  readonly commented: ReadonlySet<string>;
  /** The offset in `template` of what stands at an offset of `sql`. */
  templateOffset(sqlOffset: number): number;
}

const suffixes: Readonly<Record<ParameterForm, string>> = { value: "", text: "$text", part: "$part" };

/**
 * Reads a query template: finds its placeholders and makes parameters of them, so that no value ever becomes SQL text.
 *
 * A bare placeholder becomes a parameter, and so does a whole quoted literal; in a part of a quoted literal it becomes a
 * concatenation; in comments it is left alone.
 * @throws FlyteError `InvalidDefinition`, with line and column, for a placeholder in the place of an identifier or a
 * keyword, an open quote, several statements or none, and parameters of SQLite's own.
 */
export function parseQuery(template: string): Query {
  const tokens = tokenize(template);
  const said = significant(tokens);
  const end = statementEnd(template, said);
  const statement = said.filter((token) => token.end <= end);
  const [first] = statement;
  if (first === undefined) throw new FlyteError("InvalidDefinition", "query: there is no statement in it");
  for (const token of statement) refuse(template, token);
  const misplaced = findMisplaced(statement);
  if (misplaced !== undefined) {
    const [placeholder] = misplaced.token.placeholders;
    const start = placeholder?.start ?? misplaced.token.start;
    throw queryProblem(
      template,
      start,
      `{{ .inputs.${placeholder?.input} }} ${misplaced.problem}. An input is bound as a value; it cannot become SQL text`,
    );
  }
  return { template, verb: first.text.toUpperCase(), ...rewrite(template.slice(0, end), tokens) };
}

/** The offset behind the only statement: that of its semicolon, or the end of the text. */
function statementEnd(template: string, tokens: readonly SqlToken[]): number {
  const begin = tokens.findIndex((token) => token.text !== ";");
  const semicolon = tokens.findIndex((token, index) => token.text === ";" && index > begin);
  if (begin > 0) throw queryProblem(template, tokens[0]?.start ?? 0, "a semicolon stands before the statement");
  if (begin < 0 || semicolon < 0) return template.length;
  const second = tokens.find((token, index) => index > semicolon && token.text !== ";");
  if (second !== undefined)
    throw queryProblem(template, second.start, "a second statement begins; a task runs exactly one");
  return tokens[semicolon]?.start ?? template.length;
}

/** Refuses what is no SQL that can be run here. */
function refuse(template: string, token: SqlToken): void {
  if (token.kind === "parameter") {
    throw queryProblem(
      template,
      token.start,
      `"${token.text}" is a parameter that nothing fills; write {{ .inputs.name }}`,
    );
  }
  if (token.text === "{" || token.text === "}") {
    throw queryProblem(template, token.start, `"${token.text}" is no SQL; an input is written {{ .inputs.name }}`);
  }
}

function rewrite(
  text: string,
  tokens: readonly SqlToken[],
): Pick<Query, "sql" | "parameters" | "commented" | "templateOffset"> {
  const parameters = new Map<string, QueryParameter>();
  const commented = new Set<string>();
  const pieces: { readonly sqlStart: number; readonly start: number; readonly verbatim: boolean }[] = [];
  let sql = "";
  const parameter = (input: string, form: ParameterForm): string => {
    const name = `${input}${suffixes[form]}`;
    parameters.set(name, { name, input, form });
    return `:${name}`;
  };
  for (const token of tokens) {
    if (token.start >= text.length) break;
    const changed = token.kind === "placeholder" || (token.kind === "string" && token.placeholders.length > 0);
    pieces.push({ sqlStart: sql.length, start: token.start, verbatim: !changed });
    if (token.kind === "comment") for (const { input } of findPlaceholders(token.text)) commented.add(input);
    sql += changed ? replacement(token, parameter) : text.slice(token.start, token.end);
  }
  for (const { input } of parameters.values()) commented.delete(input);
  const templateOffset = (offset: number): number => {
    const piece = pieces.findLast(({ sqlStart }) => sqlStart <= offset);
    if (piece === undefined) return offset;
    return piece.verbatim ? piece.start + offset - piece.sqlStart : piece.start;
  };
  return { sql, parameters: [...parameters.values()], commented, templateOffset };
}

/** The SQL in the place of a placeholder, or of a string literal that holds some. */
function replacement(token: SqlToken, parameter: (input: string, form: ParameterForm) => string): string {
  const [only] = token.placeholders;
  if (only === undefined) return token.text;
  if (token.kind === "placeholder") return parameter(only.input, "value");
  const whole = token.placeholders.length === 1 && only.start === token.start + 1 && only.end === token.end - 1;
  if (whole) return parameter(only.input, "text");
  const parts: string[] = [];
  let from = token.start + 1;
  const literal = (to: number): void => {
    if (to > from) parts.push(`'${token.text.slice(from - token.start, to - token.start)}'`);
  };
  for (const placeholder of token.placeholders) {
    literal(placeholder.start);
    parts.push(parameter(placeholder.input, "part"));
    from = placeholder.end;
  }
  literal(token.end - 1);
  return `(${parts.join(" || ")})`;
}

/**
 * Holds a query and the inputs of its task against each other.
 * @param options.lenient an input in a comment counts as used, as it does for flytekit.
 * @throws FlyteError `InvalidDefinition` for a placeholder without an input, and an input without a placeholder.
 */
export function checkInputs(
  query: Query,
  inputs: Iterable<string>,
  options: { readonly lenient?: boolean } = {},
): void {
  const declared = new Set(inputs);
  const used = new Set(query.parameters.map(({ input }) => input));
  for (const placeholder of findPlaceholders(query.template)) {
    if (declared.has(placeholder.input) || !used.has(placeholder.input)) continue;
    const known = declared.size === 0 ? "the task has no inputs" : `its inputs are ${[...declared].join(", ")}`;
    throw queryProblem(
      query.template,
      placeholder.start,
      `{{ .inputs.${placeholder.input} }} names no input; ${known}`,
    );
  }
  for (const input of declared) {
    if (used.has(input) || (options.lenient === true && query.commented.has(input))) continue;
    throw unusedInput(input, query.commented.has(input));
  }
}
