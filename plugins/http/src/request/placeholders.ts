import { FlyteError } from "@flyte-ts/core/plugin";

/** A `{inputs.x}` or `{inputs.x.field}` in a text. */
export interface Placeholder {
  /** The input's name. */
  readonly input: string;
  /** What is taken of its value: fields of an object, items of a list. */
  readonly path: readonly string[];
  readonly start: number;
  readonly end: number;
}

/** Flytekit's form (`format_dict`): braces around names with dots between them. Braces around anything else are text. */
const pattern = /\{\s*([A-Za-z_]\w*(?:\.\w+)+)\s*\}/g;

/**
 * The placeholders of a text, in their order.
 * @throws FlyteError `InvalidDefinition` for one that does not begin with `inputs.`, as flytekit does.
 */
export function placeholdersIn(text: string): readonly Placeholder[] {
  return Array.from(text.matchAll(pattern), (match) => {
    const [whole, names = ""] = match;
    const [root, input = "", ...path] = names.split(".");
    if (root !== "inputs") {
      throw new FlyteError("InvalidDefinition", `${whole} names nothing; an input is written {inputs.name}`);
    }
    return { input, path, start: match.index, end: match.index + whole.length };
  });
}

/** The placeholder that a text consists of; undefined for any other text. */
export function onlyPlaceholder(text: string): Placeholder | undefined {
  const [first] = placeholdersIn(text);
  return first?.start === 0 && first.end === text.length ? first : undefined;
}

/** A text with something in the place of its placeholders. */
export function replacePlaceholders(text: string, replacement: (placeholder: Placeholder) => string): string {
  let result = "";
  let from = 0;
  for (const placeholder of placeholdersIn(text)) {
    result += text.slice(from, placeholder.start) + replacement(placeholder);
    from = placeholder.end;
  }
  return result + text.slice(from);
}

/** A placeholder for messages: `inputs.x.field`. */
export const placeOf = ({ input, path }: Placeholder): string => ["inputs", input, ...path].join(".");
