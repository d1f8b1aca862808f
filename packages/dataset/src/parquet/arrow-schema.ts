import type { ColumnSchema, ColumnType } from "@flyte-ts/core/plugin";
import { FlatWriter, type Slot } from "./flat-writer.ts";

/** The key under which Arrow's libraries keep their schema in a Parquet file's metadata. */
export const arrowSchemaKey = "ARROW:schema";

/** Numbers of Arrow's types, units and versions (arrow, format/Schema.fbs and Message.fbs). */
const arrowType = { int: 2, float: 3, binary: 4, utf8: 5, bool: 6, date: 8, timestamp: 10, duration: 18 } as const;
const microsecond = 2;
const double = 2;
const day = 0;
const version5 = 4;
const schemaHeader = 1;
const continuation = 0xffff_ffff;

/** The units of an Arrow duration, by their numbers. */
const durationUnits = ["seconds", "milliseconds", "microseconds", "nanoseconds"] as const;

/** The unit of a duration column. */
export type DurationUnit = (typeof durationUnits)[number];

const arrowTypes: Readonly<Record<ColumnType, { readonly type: number; readonly slots: readonly Slot[] }>> = {
  integer: { type: arrowType.int, slots: [{ value: 64 }, { value: 1 }] },
  float: { type: arrowType.float, slots: [{ value: double }] },
  string: { type: arrowType.utf8, slots: [] },
  boolean: { type: arrowType.bool, slots: [] },
  datetime: {
    type: arrowType.timestamp,
    slots: [{ value: microsecond }, { at: (writer) => writer.text("UTC") }],
  },
  date: { type: arrowType.date, slots: [{ value: day }] },
  duration: { type: arrowType.duration, slots: [{ value: microsecond }] },
  binary: { type: arrowType.binary, slots: [] },
};

/** The columns as an Arrow schema, in the form in which Parquet files carry it: an IPC message in base64. */
export function encodeArrowSchema(columns: readonly ColumnSchema[]): string {
  const writer = new FlatWriter();
  const field = ({ name, type: columnType }: ColumnSchema): number => {
    const { type, slots } = arrowTypes[columnType];
    return writer.table([
      { at: () => writer.text(name) },
      { value: 1 },
      { value: type },
      { at: () => writer.table(slots) },
      undefined,
      { at: () => writer.vector([], () => 0) },
    ]);
  };
  const schema = (): number => writer.table([undefined, { at: () => writer.vector(columns, field) }]);
  const message = writer.finish(writer.table([{ value: version5 }, { value: schemaHeader }, { at: schema }]));
  const framed = Buffer.alloc(8 + Math.ceil(message.length / 8) * 8);
  framed.writeUInt32LE(continuation, 0);
  framed.writeUInt32LE(framed.length - 8, 4);
  framed.set(message, 8);
  return framed.toString("base64");
}

/** The duration columns of an Arrow schema and their units; none where the text is no such schema. */
export function arrowDurations(schema: string): ReadonlyMap<string, DurationUnit> {
  const durations = new Map<string, DurationUnit>();
  try {
    const bytes = Buffer.from(schema, "base64");
    const start = bytes.readUInt32LE(0) === continuation ? 8 : 4;
    const flat = new FlatReader(bytes.subarray(start));
    const fields = flat.pointer(flat.pointer(flat.root(), 2), 1);
    for (let index = 0; index < flat.length(fields); index++) {
      const field = flat.element(fields, index);
      if (flat.byte(field, 2) !== arrowType.duration) continue;
      // The unit's default, which is not written, is milliseconds.
      const unit = durationUnits[flat.short(flat.pointer(field, 3), 0) ?? 1];
      if (unit !== undefined) durations.set(flat.text(flat.pointer(field, 0)), unit);
    }
  } catch (error) {
    // Only a hint is lost: the columns are read as the integers that Parquet itself knows.
    if (!(error instanceof RangeError)) throw error;
  }
  return durations;
}

/** Reads FlatBuffers; a position outside the buffer is a RangeError. */
class FlatReader {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  root(): number {
    return this.#bytes.readUInt32LE(0);
  }

  pointer(table: number, slot: number): number {
    const at = this.#slot(table, slot);
    if (at === undefined) throw new RangeError(`no slot ${slot}`);
    return at + this.#bytes.readUInt32LE(at);
  }

  byte(table: number, slot: number): number | undefined {
    const at = this.#slot(table, slot);
    return at === undefined ? undefined : this.#bytes.readUInt8(at);
  }

  short(table: number, slot: number): number | undefined {
    const at = this.#slot(table, slot);
    return at === undefined ? undefined : this.#bytes.readInt16LE(at);
  }

  text(at: number): string {
    return this.#bytes.toString("utf8", at + 4, at + 4 + this.length(at));
  }

  length(vector: number): number {
    return this.#bytes.readUInt32LE(vector);
  }

  element(vector: number, index: number): number {
    const cell = vector + 4 + 4 * index;
    return cell + this.#bytes.readUInt32LE(cell);
  }

  #slot(table: number, slot: number): number | undefined {
    const index = table - this.#bytes.readInt32LE(table);
    if (4 + 2 * slot >= this.#bytes.readUInt16LE(index)) return undefined;
    const offset = this.#bytes.readUInt16LE(index + 4 + 2 * slot);
    return offset === 0 ? undefined : table + offset;
  }
}
