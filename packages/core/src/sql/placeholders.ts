import { FlyteError } from "../errors/flyte-error.ts";

/** A `{{ .inputs.name }}` in a query's text. */
export interface Placeholder {
  /** The input's name, as it is written. */
  readonly input: string;
  /** Where it begins in the text, in UTF-16 units from 0. */
  readonly start: number;
  /** The offset behind its last character. */
  readonly end: number;
}

/**
 * flytekit's pattern (`SQLTask._INPUT_REGEX`) in JavaScript's words: neither of its dots is escaped, so any character
 * but a line feed stands for them; `\w` and `\s` are Python's.
 */
const space = String.raw`[\s\x1c-\x1f\x85]*`;
const pattern = new RegExp(String.raw`\{\{${space}[^\n]inputs[^\n]([\p{L}\p{N}_]+)${space}\}\}`, "giu");

/** All placeholders of a query's text, wherever they stand, as flytekit finds them. What they become is the plugin's. */
export function findPlaceholders(text: string): readonly Placeholder[] {
  return Array.from(text.matchAll(pattern), (match) => ({
    input: match[1] ?? "",
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** Line and column of an offset in a text, both from 1, for messages: `line 2, column 7`. */
export function positionOf(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return `line ${line}, column ${offset - before.lastIndexOf("\n")}`;
}

/** What is wrong with a query at an offset in its text, as an error `InvalidDefinition`. */
export function queryProblem(text: string, offset: number, problem: string): FlyteError {
  return new FlyteError("InvalidDefinition", `query, ${positionOf(text, offset)}: ${problem}`);
}

/** What is wrong with a declared input that stands nowhere in a query, or only in its comments. */
export function unusedInput(input: string, inComment: boolean): FlyteError {
  const where = inComment ? "uses it only in a comment" : "does not use it";
  return new FlyteError(
    "InvalidDefinition",
    `inputs.${input}: the query ${where}; write {{ .inputs.${input} }} or remove it`,
  );
}
