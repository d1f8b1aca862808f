import { FlyteError, findPlaceholders, nearest, queryProblem, significant, unusedInput } from "@flyte-ts/core/plugin";
import { findMisplaced } from "./places.ts";
import { type SqlToken, tokenize } from "./sql-tokens.ts";

/** A parameter that stands in a query. */
export interface QueryParameter {
  /** The name as it is written, without @. BigQuery does not tell capitals from small letters in it. */
  readonly name: string;
  /** Its offset in the text of the author. */
  readonly offset: number;
}

/** A query whose placeholders have become named parameters. */
export interface Query {
  /** The text as the author wrote it. */
  readonly template: string;
  /** The text for BigQuery: the author's, byte for byte, but `@name` for each placeholder. */
  readonly sql: string;
  /** The named parameters in the order in which they stand, `@name` and placeholders alike. */
  readonly parameters: readonly QueryParameter[];
  /** Where positional parameters (`?`) stand in the text. */
  readonly positions: readonly number[];
  /** Inputs that stand in comments. */
  readonly commented: ReadonlySet<string>;
}

/**
 * Reads a query: `{{ .inputs.name }}` becomes the named parameter `@name`, so that no value ever becomes SQL text. In
 * comments placeholders are left as they are.
 * @throws FlyteError `InvalidDefinition`, with line and column, for an empty query, an open quote, and a placeholder
 * that does not stand for a value: in quotes, in the place of a name, touching a word.
 */
export function parseQuery(template: string): Query {
  const tokens = tokenize(template);
  if (significant(tokens).length === 0) {
    throw new FlyteError("InvalidDefinition", "query: there is no statement in it");
  }
  const misplaced = findMisplaced(tokens);
  if (misplaced !== undefined) {
    const [placeholder] = misplaced.token.placeholders;
    const name = placeholder?.input ?? "…";
    throw queryProblem(
      template,
      placeholder?.start ?? misplaced.token.start,
      `{{ .inputs.${name} }} ${misplaced.problem}. An input is bound as a value; it cannot become SQL text`,
    );
  }
  const sql = tokens.map((token) => (token.kind === "placeholder" ? `@${nameOf(token)}` : token.text)).join("");
  const named = tokens.filter(({ kind }) => kind === "placeholder" || kind === "parameter");
  return {
    template,
    sql,
    parameters: named.map((token) => ({ name: nameOf(token), offset: token.start })),
    positions: tokens.filter(({ kind }) => kind === "position").map(({ start }) => start),
    commented: new Set(
      tokens
        .filter(({ kind }) => kind === "comment")
        .flatMap(({ text }) => findPlaceholders(text).map(({ input }) => input)),
    ),
  };
}

/** The name of a parameter or placeholder. */
function nameOf({ kind, text, placeholders }: SqlToken): string {
  return kind === "placeholder" ? (placeholders[0]?.input ?? "") : text.slice(1).replace(/^`|`$/g, "");
}

/**
 * Holds a query and the inputs of its task against each other.
 * @throws FlyteError `InvalidDefinition` for a parameter without an input, an input without a parameter, a positional
 * parameter, an input whose name can be no parameter's, and two that differ in capitals alone.
 */
export function checkInputs({ template, parameters, positions, commented }: Query, inputs: readonly string[]): void {
  const [position] = positions;
  if (position !== undefined) {
    throw queryProblem(
      template,
      position,
      "? is a positional parameter, which no input fills; write {{ .inputs.name }} or @name",
    );
  }
  const byName = new Map<string, string>();
  for (const input of inputs) {
    const key = input.toLowerCase();
    const other = byName.get(key);
    const bad = (why: string): FlyteError => new FlyteError("InvalidDefinition", `inputs.${input}: ${why}`);
    if (other !== undefined) throw bad(`BigQuery cannot tell it from "${other}": parameters have no capitals`);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(input)) {
      throw bad("a parameter's name has letters of ASCII, digits and _ only, and no digit in front");
    }
    byName.set(key, input);
  }
  const used = new Set<string>();
  for (const { name, offset } of parameters) {
    used.add(name.toLowerCase());
    if (byName.has(name.toLowerCase())) continue;
    const near = nearest(name, inputs);
    const known = inputs.length === 0 ? "the task has no inputs" : `its inputs are ${inputs.join(", ")}`;
    throw queryProblem(
      template,
      offset,
      `"${name}" names no input${near === undefined ? "" : `; did you mean "${near}"?`}; ${known}`,
    );
  }
  for (const [key, input] of byName) {
    if (used.has(key)) continue;
    throw unusedInput(input, commented.has(input));
  }
}
