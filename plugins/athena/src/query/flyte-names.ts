import { FlyteError, findPlaceholders } from "@flyte-ts/core/plugin";

/**
 * The names besides inputs that Flyte fills in a template (pluginmachinery/core/template in Flyte's Go code), as far as a
 * query has them: `{{ .rawOutputDataPrefix }}`, where the statement itself puts its rows.
 */
export const prefixPattern = /\{\{\s*[.$]rawOutputDataPrefix\s*\}\}/gi;

/** `{{ .PerRetryUniqueKey }}`: a name that is another one for each attempt, such as that of a table. */
const keyPattern = /\{\{\s*[.$]PerRetryUniqueKey\s*\}\}/gi;

/** Whatever is written as Flyte writes a name. */
const namePattern = /\{\{\s*[.$][^{}\n]*\}\}/g;

/** The unique key of an attempt, an identifier: the same for all its repetitions. */
export const uniqueKeyOf = (idempotencyKey: string): string => `flyte_${idempotencyKey.slice(0, 32)}`;

/**
 * A text with the unique key in its place.
 * @param key undefined where there is no attempt yet: then something as long as the placeholder stands there.
 */
export function withUniqueKey(text: string, key: string | undefined): string {
  return text.replace(keyPattern, (place) => key ?? "k".repeat(place.length));
}

/** What is written as a name of Flyte's, and is neither an input's nor the place of the rows; with its offset. */
export function unknownNames(text: string): readonly { readonly name: string; readonly start: number }[] {
  const inputs = new Set(findPlaceholders(text).map(({ start }) => start));
  const isPrefix = new RegExp(prefixPattern.source, "i");
  return Array.from(text.matchAll(namePattern), (match) => ({ name: match[0], start: match.index })).filter(
    ({ name, start }) => !inputs.has(start) && !isPrefix.test(name),
  );
}

/** What is wrong with an unknown name. */
export const namesNothing = (name: string): string => `${name} names nothing; an input is written {{ .inputs.name }}`;

/** What a template's names stand for. */
export interface NameValues {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly key: string;
}

/**
 * A workgroup, catalog or database with its names filled, as Flyte's own Athena plugin fills them. A value is an
 * identifier there: nothing quotes it.
 * @param field the key of the template, for messages.
 * @throws FlyteError `InvalidDefinition` for a name that is none, `InvalidInput` for a value that is no identifier.
 */
export function renderedName(field: string, template: string, { inputs, key }: NameValues): string {
  const text = withUniqueKey(template, key);
  const wrong = (problem: string): FlyteError => new FlyteError("InvalidDefinition", `${field}: ${problem}`);
  let name = "";
  let from = 0;
  for (const { input, start, end } of findPlaceholders(text)) {
    const value = inputs[input];
    if (value === undefined) throw wrong(`${text.slice(start, end)} names no input`);
    const known = typeof value === "bigint" || Number.isSafeInteger(value) ? String(value) : value;
    if (typeof known !== "string" || !/^[\w.@-]+$/.test(known)) {
      throw new FlyteError(
        "InvalidInput",
        `inputs.${input} is ${JSON.stringify(known)?.slice(0, 200) ?? typeof known}; in ${field} it must be a name: letters, digits, _ . @ and -`,
      );
    }
    name += plain(text.slice(from, start)) + known;
    from = end;
  }
  return name + plain(text.slice(from));

  function plain(piece: string): string {
    const [, other] = /(\{\{.*?\}\})/s.exec(piece) ?? [];
    if (other !== undefined) throw wrong(namesNothing(other));
    return piece;
  }
}
