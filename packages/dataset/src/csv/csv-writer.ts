import { type DatasetSource, FlyteError, type RecordBatch, type Vector } from "@flyte-ts/core/plugin";
import { dateText, datetimeText, durationText, floatText } from "./cell-text.ts";

/** Characters that are handed on at once. */
const pieceSize = 1 << 16;

/** The rows as CSV: a line of names, then a line for each. Returns how many there were. */
export async function* csvBytes({ columns, batches }: DatasetSource): AsyncGenerator<Uint8Array, number> {
  let rows = 0;
  let text = `${columns.map(({ name }) => quoted(name)).join(",")}\n`;
  for await (const batch of batches) {
    const cells = batch.columns.map(cellWriter);
    for (let row = 0; row < batch.length; row++) {
      text += `${line(batch, cells, row, rows + row)}\n`;
      if (text.length < pieceSize) continue;
      yield Buffer.from(text);
      text = "";
    }
    rows += batch.length;
  }
  yield Buffer.from(text);
  return rows;
}

function line(batch: RecordBatch, cells: readonly ((row: number) => string)[], row: number, at: number): string {
  const isNull = (column: number): boolean => batch.columns[column]?.nulls?.[row] === 1;
  if (cells.length === 1 && isNull(0)) {
    // An empty line would be none; quotes around nothing are a text.
    const type = batch.columns[0]?.type;
    if (type !== "string" && type !== "binary") return '""';
    throw new FlyteError(
      "Unsupported",
      `row ${at} (from 0) is NULL: a CSV file with one column of texts or bytes cannot say so; use the format parquet`,
    );
  }
  return cells.map((cell, column) => (isNull(column) ? "" : cell(row))).join(",");
}

function cellWriter(vector: Vector): (row: number) => string {
  switch (vector.type) {
    case "integer":
      return (row) => String(vector.values[row]);
    case "float":
      return (row) => floatText(vector.values[row] as number);
    case "boolean":
      return (row) => (vector.values[row] === 1 ? "True" : "False");
    case "datetime":
      return (row) => datetimeText(vector.values[row] as bigint);
    case "duration":
      return (row) => durationText(vector.values[row] as bigint);
    case "date":
      return (row) => dateText(vector.values[row] as number);
    case "string":
      return (row) => quoted(vector.values[row] as string);
    case "binary":
      return (row) => quoted(Buffer.from(vector.values[row] as Uint8Array).toString("base64"));
  }
}

/** A text, in quotes where it needs them; an empty one has them, so that it is not taken for NULL. */
const quoted = (text: string): string =>
  text === "" || /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
