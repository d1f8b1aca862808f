import { stripVTControlCharacters } from "node:util";
import { cutToWidth, padToWidth, textWidth } from "./text-width.ts";

/** The most columns of a terminal that one cell takes. */
const maxCell = 40;

/** A table to draw. */
export interface TextTable {
  readonly columns: readonly { readonly name: string; readonly alignRight: boolean }[];
  readonly rows: readonly (readonly string[])[];
  /** Characters from edge to edge; columns that do not fit are left out, and counted in the last one. */
  readonly width: number;
}

/** The lines of a table with a frame. Long cells are cut, and control characters shown as spaces. */
export function tableLines({ columns, rows, width }: TextTable): string[] {
  const cells = rows.map((row) => row.map(cellText));
  const widths = columns.map(({ name }, at) =>
    Math.max(textWidth(cellText(name)), ...cells.map((row) => textWidth(row[at] ?? ""))),
  );
  let fitting = 0;
  for (let used = 1; fitting < columns.length; fitting += 1) {
    used += (widths[fitting] ?? 0) + 3;
    if (used > width && fitting > 0) break;
  }
  const left = columns.length - fitting;
  const shown = columns.slice(0, fitting);
  const frame = (start: string, middle: string, end: string): string =>
    start + shown.map((_column, at) => "─".repeat((widths[at] ?? 0) + 2)).join(middle) + end;
  const line = (values: readonly string[]): string =>
    `│${shown.map(({ alignRight }, at) => ` ${padToWidth(values[at] ?? "", widths[at] ?? 0, alignRight)} `).join("│")}│`;
  return [
    frame("┌", "┬", "┐"),
    line(columns.map(({ name }) => cellText(name))),
    frame("├", "┼", "┤"),
    ...cells.map(line),
    frame("└", "┴", "┘"),
    ...(left === 0
      ? []
      : [
          `(${left} more column${left === 1 ? "" : "s"}: ${columns
            .slice(fitting)
            .map(({ name }) => name)
            .join(", ")})`,
        ]),
  ];
}

function cellText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a terminal
  const plain = stripVTControlCharacters(text).replace(/[\x00-\x1f\x7f]/g, " ");
  return cutToWidth(plain, maxCell);
}
