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
