import { FlyteError } from "@flyte-ts/core/plugin";

/** One value of a record; null is an empty one without quotes. */
export type CsvCell = string | null;

const [comma, quote, lineFeed, carriageReturn] = [44, 34, 10, 13];

/** Where in a record the next character stands. `return` is after a carriage return, which a line feed may follow. */
type Place = "start" | "plain" | "quoted" | "quote" | "return";

/**
 * Splits text into records as RFC 4180 says, piece by piece: commas, quotes that are doubled inside quotes, lines that end
 * in CR, LF or both. Empty lines are left out, but for files of one column whose name stands in quotes: Amazon Athena
 * writes a NULL so.
 */
export class CsvParser {
  readonly #name: string;
  #place: Place = "start";
  #field = "";
  #record: CsvCell[] = [];
  #line = 1;
  /** Whether an empty line is a record, once the first record says it. */
  #emptyIsNull: boolean | undefined;

  /** @param name what messages call the text. */
  constructor(name: string) {
    this.#name = name;
  }

  /**
   * The records that end in the next piece of text.
   * @throws FlyteError `InvalidInput` with the line, for text between a closing quote and the comma.
   */
  push(text: string): CsvCell[][] {
    const records: CsvCell[][] = [];
    let at = 0;
    while (at < text.length) {
      if (this.#place === "quoted") {
        const end = text.indexOf('"', at);
        const piece = text.slice(at, end === -1 ? undefined : end);
        this.#countLines(piece);
        this.#field += piece;
        if (end === -1) break;
        this.#place = "quote";
        at = end + 1;
        continue;
      }
      const code = text.charCodeAt(at);
      if (this.#place === "return") {
        this.#place = "start";
        if (code === lineFeed) {
          at++;
          continue;
        }
      }
      if (code === comma) {
        this.#endField();
        at++;
      } else if (code === lineFeed || code === carriageReturn) {
        this.#endRecord(records);
        if (code === carriageReturn) this.#place = "return";
        at++;
      } else if (code === quote && this.#place !== "plain") {
        // a quote in quotes is written twice
        if (this.#place === "quote") this.#field += '"';
        this.#place = "quoted";
        at++;
      } else if (this.#place === "quote") {
        throw this.#broken(`"${text[at]}" stands after a closing quote; a comma or the end of the line must`);
      } else {
        const end = plainEnd(text, at);
        this.#field += text.slice(at, end);
        this.#place = "plain";
        at = end;
      }
    }
    return records;
  }

  /**
   * The record that no line end follows, if there is one.
   * @throws FlyteError `InvalidInput` for a quote that is not closed.
   */
  end(): CsvCell[][] {
    const records: CsvCell[][] = [];
    if (this.#place === "quoted") throw this.#broken("a quote is not closed");
    if (this.#place === "plain" || this.#place === "quote" || this.#record.length > 0) this.#endRecord(records);
    return records;
  }

  #endField(): void {
    this.#record.push(this.#place === "start" ? null : this.#field);
    this.#field = "";
    this.#place = "start";
  }

  #endRecord(records: CsvCell[][]): void {
    const empty = this.#place === "start" && this.#record.length === 0;
    const quoted = this.#place === "quote";
    this.#endField();
    if (!empty) this.#emptyIsNull ??= quoted && this.#record.length === 1;
    if (!empty || this.#emptyIsNull === true) records.push(this.#record);
    this.#record = [];
    this.#line++;
  }

  #countLines(text: string): void {
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) this.#line++;
  }

  #broken(what: string): FlyteError {
    return new FlyteError("InvalidInput", `${this.#name} is no CSV: in line ${this.#line}, ${what}`);
  }
}

/** The end of a value without quotes that begins at `from`. */
function plainEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === comma || code === lineFeed || code === carriageReturn) return at;
  }
  return text.length;
}

/**
 * The records of a file, some at a time, as its bytes arrive. UTF-8, with or without a byte order mark.
 * @throws FlyteError `InvalidInput` for what is no CSV or no UTF-8.
 */
export async function* csvRecords(name: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<CsvCell[][]> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const parser = new CsvParser(name);
  const text = (chunk?: Uint8Array): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch (cause) {
      throw new FlyteError("InvalidInput", `${name} is not UTF-8`, { cause });
    }
  };
  for await (const chunk of bytes) yield parser.push(text(chunk));
  yield parser.push(text());
  yield parser.end();
}
