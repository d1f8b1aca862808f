import type { Dataset } from "@flyte-ts/core/plugin";
import { FlyteContext } from "@flyte-ts/core/plugin";
import { tableLines } from "./text-table.ts";

/** How many rows are shown. */
const maxRows = 10;

/** The lines that show a dataset: how large it is, where it is, and its first rows as a table. */
export async function datasetLines(dataset: Dataset, width: number): Promise<string[]> {
  const { uri = "", format = "" } = dataset;
  try {
    const columns = await dataset.schema;
    const rows: (readonly string[])[] = [];
    let more = false;
    for await (const row of dataset.rows()) {
      more = rows.length === maxRows;
      if (more) break;
      rows.push(columns.map(({ name, type }) => cellOf(row[name], type)));
    }
    const count = more ? await rowCount(uri, format) : rows.length;
    const numeric = new Set(["integer", "float", "duration"]);
    const table = tableLines({
      columns: columns.map(({ name, type }) => ({ name, alignRight: numeric.has(type) })),
      rows: wholeSeconds(rows),
      width,
    });
    const size = `${count === undefined ? `more than ${maxRows}` : count.toLocaleString("en")} row${count === 1 ? "" : "s"}`;
    return [`${size}${more ? `, the first ${maxRows}:` : ""}`, ...table, uri];
  } catch (error) {
    return [uri, `(its rows cannot be shown: ${(error as Error).message})`];
  }
}

/** How many rows the file's footer counts. */
async function rowCount(uri: string, format: string): Promise<number | undefined> {
  const { datasets, storage } = FlyteContext.default();
  const reader = await datasets.open(uri, format, { storage });
  return reader.rows;
}

function cellOf(value: unknown, type: string): string {
  if (value === null || value === undefined) return "NULL";
  if (value instanceof Date) return type === "date" ? value.toISOString().slice(0, 10) : value.toISOString();
  if (value instanceof Uint8Array) return `0x${Buffer.from(value.subarray(0, 20)).toString("hex")}`;
  return String(value);
}

/** The rows, with the milliseconds of times left out where a column has none. */
function wholeSeconds(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/;
  const whole = rows[0]?.map((_cell, at) => rows.every((row) => row[at] === "NULL" || time.test(row[at] ?? ""))) ?? [];
  return rows.map((row) => row.map((cell, at) => (whole[at] ? cell.replace(".000Z", "Z") : cell)));
}
