import { FlyteError } from "../errors/flyte-error.ts";
import { cellName, shown } from "./native-column.ts";
import type { ColumnSchema, ColumnType } from "./record-batch.ts";

/** The type that one value asks for; undefined for a value that no column takes. */
function typeOf(value: unknown): ColumnType | undefined {
  switch (typeof value) {
    case "number":
      return Number.isSafeInteger(value) ? "integer" : "float";
    case "bigint":
      return "integer";
    case "string":
      return "string";
    case "boolean":
      return "boolean";
    default:
      return value instanceof Date ? "datetime" : value instanceof Uint8Array ? "binary" : undefined;
  }
}

/** What is known of a column so far. */
interface Evidence {
  type: ColumnType | undefined;
  bigints: boolean;
}

/** Looks at values and says what columns they need. A column with nothing but NULLs is `string`. */
export class ColumnInference {
  readonly #columns = new Map<string, Evidence>();

  /**
   * Looks at a row that is an object; what is not is left to the one who writes it.
   * @throws FlyteError `InvalidType` for a value that no column takes, or two that do not go into one column.
   */
  addRow(index: number, row: unknown): void {
    if (typeof row !== "object" || row === null) return;
    for (const name of Object.keys(row)) this.add(index, name, (row as Readonly<Record<string, unknown>>)[name]);
  }

  /** Looks at one value. Throws as `addRow` does. */
  add(index: number, name: string, value: unknown): void {
    let known = this.#columns.get(name);
    if (known === undefined) {
      if (value === undefined) return;
      known = { type: undefined, bigints: false };
      this.#columns.set(name, known);
    }
    if (value === null || value === undefined) return;
    const type = typeOf(value);
    if (type === undefined) {
      throw new FlyteError(
        "InvalidType",
        `${cellName(index, name)}: ${shown(value)} is no value of a column; values are numbers, bigints, strings, booleans, Dates, Uint8Arrays and null (JSON.stringify makes a string of anything else)`,
      );
    }
    if (typeof value === "bigint") known.bigints = true;
    if (known.type === undefined || known.type === type) {
      known.type = type;
      return;
    }
    const numeric = (known.type === "integer" && type === "float") || (known.type === "float" && type === "integer");
    if (numeric) known.type = "float";
    if (numeric && !known.bigints) return;
    throw new FlyteError(
      "InvalidType",
      `${cellName(index, name)}: ${shown(value)} is ${numeric ? "a number in a column that also has bigints or fractions" : type}, the rows before are ${known.type}; a column has one type (give \`columns\` to say which)`,
    );
  }

  /** The columns, in the order in which their names came. */
  columns(): readonly ColumnSchema[] {
    return [...this.#columns].map(([name, { type }]) => ({ name, type: type ?? "string" }));
  }
}
