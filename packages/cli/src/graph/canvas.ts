const up = 1;
const down = 2;
const left = 4;
const right = 8;

/** The sign for the ways out of a place. */
const signs: Readonly<Record<number, string>> = {
  [up]: "│",
  [down]: "│",
  [up | down]: "│",
  [left]: "─",
  [right]: "─",
  [left | right]: "─",
  [down | right]: "╭",
  [down | left]: "╮",
  [up | right]: "╰",
  [up | left]: "╯",
  [up | down | right]: "├",
  [up | down | left]: "┤",
  [down | left | right]: "┬",
  [up | left | right]: "┴",
  [up | down | left | right]: "┼",
};

/** Characters in rows and columns, with lines that know where they lead. */
export class Canvas {
  readonly #texts = new Map<string, string>();
  readonly #across = new Map<string, number>();
  readonly #along = new Map<string, number>();
  readonly #joints = new Set<string>();

  /** Puts characters in a row. */
  text(row: number, column: number, text: string): void {
    for (const [at, character] of [...text].entries()) this.#texts.set(`${row} ${column + at}`, character);
  }

  /** A line down a column, between two rows. */
  along(column: number, from: number, to: number): void {
    for (let row = from; row <= to; row += 1) {
      way(this.#along, `${row} ${column}`, (row > from ? up : 0) | (row < to ? down : 0));
    }
  }

  /** A line across a row, between two columns. */
  across(row: number, from: number, to: number): void {
    const [start, end] = from < to ? [from, to] : [to, from];
    for (let column = start; column <= end; column += 1) {
      way(this.#across, `${row} ${column}`, (column > start ? left : 0) | (column < end ? right : 0));
    }
  }

  /** Says that the lines at a place belong together; elsewhere one across passes beneath one along. */
  joint(row: number, column: number): void {
    this.#joints.add(`${row} ${column}`);
  }

  /** All rows, without what is blank at their ends. */
  lines(): string[] {
    const keys = [...this.#texts.keys(), ...this.#across.keys(), ...this.#along.keys()];
    const places = keys.map((key) => key.split(" ").map(Number));
    const rows = Math.max(-1, ...places.map(([row = 0]) => row)) + 1;
    const columns = Math.max(-1, ...places.map(([, column = 0]) => column)) + 1;
    return Array.from({ length: rows }, (_row, row) =>
      Array.from({ length: columns }, (_column, column) => this.#sign(`${row} ${column}`))
        .join("")
        .trimEnd(),
    );
  }

  #sign(key: string): string {
    const text = this.#texts.get(key);
    if (text !== undefined) return text;
    const along = this.#along.get(key);
    const across = this.#across.get(key) ?? 0;
    if (along === undefined) return signs[across] ?? " ";
    return signs[this.#joints.has(key) ? along | across : along] ?? " ";
  }
}

function way(cells: Map<string, number>, key: string, ways: number): void {
  cells.set(key, (cells.get(key) ?? 0) | ways);
}
