import { FlyteError, findPlaceholders, queryProblem, significant, unusedInput } from "@flyte-ts/core/plugin";
import type { AthenaFormat } from "../config.ts";
import { namesNothing, prefixPattern, unknownNames, withUniqueKey } from "./flyte-names.ts";
import { misplaced } from "./places.ts";
import { type Token, tokenize } from "./sql-tokens.ts";

/** A piece of a query: text as it stands, or the place of an input. */
export type QueryPart =
  | string
  | {
      readonly input: string;
      /** `value` where a value stands; `text` inside a quoted literal, where it is a text. */
      readonly form: "value" | "text";
    }
  /** A quoted literal with `{{ .rawOutputDataPrefix }}` in it. */
  | { readonly prefix: string };

/** A query that has been read. */
export interface Query {
  readonly parts: readonly QueryPart[];
  /** The first keyword, in upper case. */
  readonly verb: string;
  /** The inputs that stand in the query, comments not counted. */
  readonly inputs: ReadonlySet<string>;
  /** Inputs that stand in comments only. */
  readonly commented: ReadonlySet<string>;
  /** True for a statement with `{{ .rawOutputDataPrefix }}`: it stores its rows by itself. */
  readonly storesRows: boolean;
}

const holdsPrefix = (text: string): boolean => new RegExp(prefixPattern.source, "i").test(text);

/** Types whose name may stand before a quoted literal. */
const typedLiterals = new Set(
  "DATE TIME TIMESTAMP DECIMAL DOUBLE REAL BIGINT INTEGER SMALLINT TINYINT BOOLEAN VARCHAR CHAR JSON UUID IPADDRESS".split(
    " ",
  ),
);

/**
 * Reads a query template. A bare placeholder, and a quoted literal that is nothing else, become the place of a parameter;
 * in a part of a quoted literal it becomes a concatenation; in comments it is left alone.
 * @param key what `{{ .PerRetryUniqueKey }}` stands for, where there is an attempt.
 * @throws FlyteError `InvalidDefinition`, with line and column, for a placeholder in the place of a name, one that names
 * nothing, a `?` of the author's, an open quote, several statements or none.
 */
export function parseQuery(text: string, key?: string): Query {
  const template = withUniqueKey(text, key);
  const all = tokenize(template);
  const comments = all.filter(({ kind }) => kind === "comment");
  for (const { name, start } of unknownNames(template)) {
    if (comments.some((comment) => comment.start <= start && start < comment.end)) continue;
    throw queryProblem(template, start, namesNothing(name));
  }
  const said = significant(all);
  const end = statementEnd(template, said);
  const statement = said.filter((token) => token.end <= end);
  const [first] = statement;
  if (first === undefined) throw new FlyteError("InvalidDefinition", "query: there is no statement in it");
  for (const [at, token] of statement.entries()) {
    if (token.text === "?") {
      throw queryProblem(template, token.start, '"?" would take the value of an input; write {{ .inputs.name }}');
    }
    const wrong = misplaced(statement, at);
    if (wrong !== undefined) {
      const name = token.placeholders[0]?.input;
      throw queryProblem(
        template,
        token.start,
        `{{ .inputs.${name} }} ${wrong}. An input is a value; it cannot become SQL text`,
      );
    }
  }
  const inputs = new Set(statement.flatMap(({ placeholders }) => placeholders.map(({ input }) => input)));
  const commented = comments.flatMap((comment) => findPlaceholders(comment.text));
  const verb = statement.find(({ text }) => text !== "(")?.text.toUpperCase() ?? "";
  return {
    parts: partsOf(all.filter(({ start }) => start < end)),
    verb,
    inputs,
    commented: new Set(commented.map(({ input }) => input).filter((input) => !inputs.has(input))),
    storesRows: statement.some(({ kind, text }) => kind === "prefix" || (kind === "string" && holdsPrefix(text))),
  };
}

/** The offset behind the only statement: that of its semicolon, or the end of the text. */
function statementEnd(template: string, tokens: readonly Token[]): number {
  const semicolon = tokens.findIndex(({ text }) => text === ";");
  if (semicolon < 0) return template.length;
  const second = tokens.find(({ text }, at) => at > semicolon && text !== ";");
  if (second !== undefined)
    throw queryProblem(template, second.start, "a second statement begins; a task runs exactly one");
  return tokens[semicolon]?.start ?? template.length;
}

function partsOf(tokens: readonly Token[]): readonly QueryPart[] {
  const parts: QueryPart[] = [];
  let skipTo = 0;
  for (const [at, token] of tokens.entries()) {
    if (token.start < skipTo) continue;
    const literal = typedLiteral(tokens, at);
    if (literal !== undefined) {
      parts.push("CAST(", ...literalParts(literal), ` AS ${token.text})`);
      skipTo = literal.end;
    } else if (token.kind === "placeholder") {
      parts.push({ input: token.placeholders[0]?.input ?? "", form: "value" });
    } else if (token.kind === "prefix") {
      parts.push({ prefix: `'${token.text}'` });
    } else if (token.kind === "string" && token.placeholders.length > 0) {
      parts.push(...literalParts(token));
    } else if (token.kind === "string" && holdsPrefix(token.text)) {
      parts.push({ prefix: token.text });
    } else {
      parts.push(token.text);
    }
  }
  return parts;
}

/** The literal with placeholders of `DATE '{{ … }}'`, at the type's name: a parameter has no place behind that. */
function typedLiteral(tokens: readonly Token[], at: number): Token | undefined {
  const token = tokens[at];
  if (token?.kind !== "word" || !typedLiterals.has(token.text.toUpperCase())) return undefined;
  const next = tokens.find(({ kind }, index) => index > at && kind !== "space" && kind !== "comment");
  return next?.kind === "string" && next.placeholders.length > 0 ? next : undefined;
}

/** A quoted literal with placeholders: the text itself, or a concatenation. */
function literalParts(token: Token): readonly QueryPart[] {
  const [only] = token.placeholders;
  if (only === undefined) return [token.text];
  if (token.placeholders.length === 1 && only.start === token.start + 1 && only.end === token.end - 1) {
    return [{ input: only.input, form: "text" }];
  }
  const pieces: QueryPart[] = [];
  const add = (part: QueryPart): void => void pieces.push(pieces.length === 0 ? "(" : " || ", part);
  let from = token.start + 1;
  const plain = (to: number): void => {
    if (to > from) add(`'${token.text.slice(from - token.start, to - token.start)}'`);
  };
  for (const { input, start, end } of token.placeholders) {
    plain(start);
    add({ input, form: "text" });
    from = end;
  }
  plain(token.end - 1);
  return [...pieces, ")"];
}

/**
 * Holds a query and the inputs of its task against each other.
 * @param options.lenient an input in a comment, or in none, counts as used: flytekit's tasks are run as they are.
 * @throws FlyteError `InvalidDefinition` for a placeholder without an input, and an input without a placeholder.
 */
export function checkInputs(
  { inputs, commented }: Query,
  declared: readonly string[],
  options: { readonly lenient?: boolean } = {},
): void {
  const known = declared.length === 0 ? "the task has no inputs" : `its inputs are ${declared.join(", ")}`;
  for (const input of inputs) {
    if (declared.includes(input)) continue;
    throw new FlyteError("InvalidDefinition", `query: {{ .inputs.${input} }} names no input; ${known}`);
  }
  if (options.lenient === true) return;
  for (const input of declared) {
    if (inputs.has(input)) continue;
    throw unusedInput(input, commented.has(input));
  }
}

/** The statements that yield rows. Athena writes those of SHOW, DESCRIBE and EXPLAIN as text without columns. */
const selects: ReadonlySet<string> = new Set(["SELECT", "WITH", "VALUES", "TABLE"]);

/**
 * Checks that a query has rows to be the output.
 * @throws FlyteError `InvalidDefinition` for statements without rows, unless they store rows by themselves.
 */
export function checkYieldsRows({ verb, storesRows }: Query, format: AthenaFormat): void {
  if (storesRows || selects.has(verb) || (format === "csv" && verb === "EXECUTE")) return;
  throw new FlyteError("InvalidDefinition", `a query that begins with ${verb} yields no rows; set output to "none"`);
}
