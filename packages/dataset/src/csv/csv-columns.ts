import { type ColumnType, FlyteError, type Vector } from "@flyte-ts/core/plugin";
import { booleanOf, bytesOf, dateOf, datetimeOf, durationOf, floatOf, integerOf, textForms } from "./cell-text.ts";
import type { CsvCell } from "./csv-parser.ts";

/**
 * The values of one column of some records.
 * @param column the column's place in the records.
 * @param row the first record's row, for messages.
 * @throws FlyteError `InvalidType` for a text that is no value of the type.
 */
export function csvVector(
  records: readonly (readonly CsvCell[])[],
  column: number,
  { name, type }: { readonly name: string; readonly type: ColumnType },
  row: number,
): Vector {
  const nulls = new Uint8Array(records.length);
  const fill = <V>(read: (text: string) => V | undefined, put: (at: number, value: V) => void): void => {
    for (let at = 0; at < records.length; at++) {
      const cell = (records[at] as readonly CsvCell[])[column] ?? null;
      // nothing in quotes is a text, and base64 of no bytes; for every other type it is no value
      if (cell === null || (cell === "" && type !== "string" && type !== "binary")) {
        nulls[at] = 1;
        continue;
      }
      const value = read(cell);
      if (value !== undefined) put(at, value);
      else {
        const text = JSON.stringify(cell.length > 40 ? `${cell.slice(0, 40)}…` : cell);
        const where = `row ${row + at} (from 0), column "${name}"`;
        throw new FlyteError("InvalidType", `${where}: ${text} is not ${textForms[type]}, which ${type} asks for`);
      }
    }
  };
  switch (type) {
    case "integer":
    case "datetime":
    case "duration": {
      const values = new BigInt64Array(records.length);
      const read = type === "integer" ? integerOf : type === "datetime" ? datetimeOf : durationOf;
      fill(read, (at, value) => {
        values[at] = value;
      });
      return { type, values, nulls };
    }
    case "float": {
      const values = new Float64Array(records.length);
      fill(floatOf, (at, value) => {
        values[at] = value;
      });
      return { type, values, nulls };
    }
    case "boolean": {
      const values = new Uint8Array(records.length);
      fill(booleanOf, (at, value) => {
        values[at] = value ? 1 : 0;
      });
      return { type, values, nulls };
    }
    case "date": {
      const values = new Int32Array(records.length);
      fill(dateOf, (at, value) => {
        values[at] = value;
      });
      return { type, values, nulls };
    }
    case "string": {
      const values = new Array<string>(records.length).fill("");
      fill(
        (text) => text,
        (at, value) => {
          values[at] = value;
        },
      );
      return { type, values, nulls };
    }
    case "binary": {
      const values = new Array<Uint8Array>(records.length).fill(new Uint8Array(0));
      fill(bytesOf, (at, value) => {
        values[at] = value;
      });
      return { type, values, nulls };
    }
  }
}

/** Looks at texts and says which type they all have: integer, float, boolean, else string. */
export class TextInference {
  #types: ColumnType[] = ["integer", "float", "boolean"];
  #seen = false;

  add(cell: CsvCell): void {
    if (cell === null || cell === "") return;
    this.#seen = true;
    if (this.#types.length > 0) this.#types = this.#types.filter((type) => says[type]?.(cell) === true);
  }

  get type(): ColumnType {
    return (this.#seen ? this.#types[0] : undefined) ?? "string";
  }
}

/** A number that begins with zeros is a text: a postcode, a key. */
const says: Partial<Record<ColumnType, (text: string) => boolean>> = {
  integer: (text) => /^[+-]?(0|[1-9]\d*)$/.test(text) && integerOf(text) !== undefined,
  float: (text) => !/^[+-]?0\d/.test(text) && floatOf(text) !== undefined,
  boolean: (text) => /^(true|false)$/i.test(text),
};
