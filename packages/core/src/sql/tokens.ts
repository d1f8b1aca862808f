import { findPlaceholders, type Placeholder } from "./placeholders.ts";

/** A piece of a query; the tokens of a text lie side by side and leave nothing out. */
export interface SqlToken<Kind extends string> {
  readonly kind: Kind | "placeholder";
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** The placeholders inside; one for the kind `placeholder`. */
  readonly placeholders: readonly Placeholder[];
}

/** What keeps a quote from closing a literal: nothing, another quote behind it, or a backslash before it. */
export type QuoteEscape = "none" | "doubled" | "backslash";

/** Where a token begins in a query. */
export class SqlPlace {
  readonly text: string;
  readonly start: number;
  readonly #placeholders: ReadonlyMap<number, Placeholder>;

  constructor(text: string, start: number, placeholders: ReadonlyMap<number, Placeholder>) {
    this.text = text;
    this.start = start;
    this.#placeholders = placeholders;
  }

  /** The first character of what begins here. */
  get character(): string {
    return this.text.charAt(this.start);
  }

  /** True where these characters begin here. */
  begins(characters: string): boolean {
    return this.text.startsWith(characters, this.start);
  }

  /** The offset behind what a sticky pattern (flag `y`) finds here; `start` where it finds nothing. */
  match(pattern: RegExp): number {
    pattern.lastIndex = this.start;
    return pattern.test(this.text) ? pattern.lastIndex : this.start;
  }

  /**
   * The offset behind a quoted token, whose content begins at `from`; undefined where it is never closed. Placeholders are
   * passed over whole, whatever they hold.
   */
  quotedEnd(from: number, quote: string, escaped: QuoteEscape): number | undefined {
    const { text } = this;
    for (let at = from; at < text.length; ) {
      const placeholder = this.#placeholders.get(at);
      if (placeholder !== undefined) at = placeholder.end;
      else if (escaped === "backslash" && text[at] === "\\") at += 2;
      else if (!text.startsWith(quote, at)) at += 1;
      else if (escaped === "doubled" && text.startsWith(quote, at + quote.length)) at += 2 * quote.length;
      else return at + quote.length;
    }
    return undefined;
  }
}

/**
 * Cuts a query into tokens. A placeholder is one token, or an unbroken part of a quoted one; for all others `next` has the
 * rules of the dialect: the kind of the token that begins at a place, and the offset behind it.
 */
export function cutSql<Kind extends string>(
  text: string,
  next: (place: SqlPlace) => readonly [kind: Kind, end: number],
): readonly SqlToken<Kind>[] {
  const placeholders = findPlaceholders(text);
  const byStart = new Map(placeholders.map((placeholder) => [placeholder.start, placeholder]));
  const tokens: SqlToken<Kind>[] = [];
  for (let start = 0; start < text.length; ) {
    const placeholder = byStart.get(start);
    const [kind, end] =
      placeholder === undefined
        ? next(new SqlPlace(text, start, byStart))
        : (["placeholder", placeholder.end] as const);
    const inside = placeholders.filter((one) => one.start >= start && one.start < end);
    tokens.push({ kind, start, end, text: text.slice(start, end), placeholders: inside });
    start = end;
  }
  return tokens;
}

/** The tokens that say something: all but those of the kinds `space` and `comment`. */
export function significant<Token extends SqlToken<string>>(tokens: readonly Token[]): Token[] {
  return tokens.filter(({ kind }) => kind !== "space" && kind !== "comment");
}

/** A bare word in upper case; undefined for every other token. */
export function keywordOf(token: SqlToken<string> | undefined): string | undefined {
  return token?.kind === "word" ? token.text.toUpperCase() : undefined;
}
