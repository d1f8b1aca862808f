import type { ByteValues, PageValues } from "./page-values.ts";
import { CorruptFileError, UnreadableValueError } from "./parquet-error.ts";
import type { FlatColumn } from "./readable-column.ts";
import { decimalText, float16, intervalText, signedInteger, timeText, uuidText } from "./value-text.ts";

/** Stores the value `from` of a page's values at row `at` of a batch. */
export type Store = (at: number, from: number) => void;

/** What the values of a batch are stored in: as long as the longest batch. */
export type Target = BigInt64Array | Float64Array | Uint8Array | Int32Array | string[] | Uint8Array[];

/**
 * How the values of one page go into a batch. Converts once per dictionary entry where there is a dictionary and the
 * value is made anew.
 */
export function storeOf(
  column: FlatColumn,
  values: PageValues,
  dictionary: PageValues | undefined,
  target: Target,
): Store {
  if (!("kind" in values) || values.kind !== "indices") return plainStore(column, values, target);
  if (dictionary === undefined) throw new CorruptFileError("indices without a dictionary");
  const indices = values.values;
  const size = "kind" in dictionary ? dictionary.values.length : dictionary.length;
  if (!Array.isArray(target)) {
    const store = plainStore(column, dictionary, target);
    return (at, from) => store(at, indices[from] as number);
  }
  const entries: (string | Uint8Array)[] = [];
  const store = plainStore(column, dictionary, entries as string[]);
  for (let at = 0; at < size; at++) store(at, at);
  const list = target as (string | Uint8Array)[];
  return (at, from) => {
    list[at] = entries[indices[from] as number] as string;
  };
}

function plainStore(column: FlatColumn, values: PageValues, target: Target): Store {
  const { conversion } = column;
  switch (conversion.kind) {
    case "scaled":
      return scaledStore(column, bigints(values), target as BigInt64Array, conversion.multiply, conversion.divide);
    case "number":
      return numberStore(numbers(values), target as BigInt64Array | Float64Array | Int32Array);
    case "uint32": {
      const source = new Uint32Array((values as Int32Array).buffer);
      return numberStore(source, target as BigInt64Array);
    }
    case "uint64": {
      const source = bigints(values);
      const out = target as BigInt64Array;
      return (at, from) => {
        const value = source[from] as bigint;
        if (value < 0n) throw unfit(column, BigInt.asUintN(64, value), "signed integer of 64 bits");
        out[at] = value;
      };
    }
    case "booleans": {
      if (!("kind" in values) || values.kind !== "booleans") throw misplaced(column);
      const source = values.values;
      const out = target as Uint8Array;
      return (at, from) => {
        out[at] = source[from] as number;
      };
    }
    case "int96": {
      const source = byteLists(column, values);
      const out = target as BigInt64Array;
      return (at, from) => {
        out[at] = int96Micros(source.bytes(from));
      };
    }
    case "float16": {
      const source = byteLists(column, values);
      const out = target as Float64Array;
      return (at, from) => {
        out[at] = float16(source.bytes(from));
      };
    }
    case "bytes": {
      const source = byteLists(column, values);
      const out = target as Uint8Array[];
      // A copy, so that one short value does not keep its whole page alive.
      return (at, from) => {
        out[at] = new Uint8Array(source.bytes(from));
      };
    }
    default:
      return textStore(column, values, target as string[]);
  }
}

function textStore(column: FlatColumn, values: PageValues, out: string[]): Store {
  const { conversion } = column;
  const keep = (text: (from: number) => string): Store => {
    return (at, from) => {
      out[at] = text(from);
    };
  };
  switch (conversion.kind) {
    case "text": {
      const source = byteLists(column, values);
      return keep((from) => source.text(from));
    }
    case "uuid": {
      const source = byteLists(column, values);
      return keep((from) => uuidText(source.bytes(from)));
    }
    case "interval": {
      const source = byteLists(column, values);
      return keep((from) => intervalText(source.bytes(from)));
    }
    case "time": {
      const source = values as Int32Array | BigInt64Array;
      return keep((from) => timeText(BigInt(source[from] as number | bigint), conversion.perSecond));
    }
    case "decimal": {
      if (!("kind" in values)) return keep((from) => decimalText(BigInt(values[from] as number), conversion.scale));
      const source = byteLists(column, values);
      return keep((from) => decimalText(signedInteger(source.bytes(from)), conversion.scale));
    }
    default:
      throw misplaced(column);
  }
}

function numberStore(
  source: Int32Array | Uint32Array | Float32Array | Float64Array,
  target: BigInt64Array | Float64Array | Int32Array,
): Store {
  if (target instanceof BigInt64Array) {
    const halves = new Int32Array(target.buffer);
    return (at, from) => {
      const value = source[from] as number;
      halves[2 * at] = value;
      halves[2 * at + 1] = value < 0 ? -1 : 0;
    };
  }
  return (at, from) => {
    target[at] = source[from] as number;
  };
}

/** Integers of 64 bits, multiplied and divided in their halves of 32: a bigint for each would cost ten times as much. */
function scaledStore(
  column: FlatColumn,
  source: BigInt64Array,
  target: BigInt64Array,
  multiply: number,
  divide: number,
): Store {
  const from32 = new Int32Array(source.buffer);
  const to32 = new Int32Array(target.buffer);
  if (multiply === 1 && divide === 1) {
    return (at, from) => {
      to32[2 * at] = from32[2 * from] as number;
      to32[2 * at + 1] = from32[2 * from + 1] as number;
    };
  }
  const two32 = 2 ** 32;
  return (at, from) => {
    const low = ((from32[2 * from] as number) >>> 0) * multiply;
    const high = (from32[2 * from + 1] as number) * multiply + Math.floor(low / two32);
    if (high < -(2 ** 31) || high >= 2 ** 31)
      throw unfit(column, source[from] as bigint, "time in microseconds that 64 bits hold");
    const quotient = Math.floor(high / divide);
    to32[2 * at + 1] = quotient;
    to32[2 * at] = Math.floor(((high - quotient * divide) * two32 + (low % two32)) / divide);
  };
}

function numbers(values: PageValues): Int32Array | Float32Array | Float64Array {
  if ("kind" in values || values instanceof BigInt64Array)
    throw new CorruptFileError("values of another type than the schema's");
  return values;
}

function bigints(values: PageValues): BigInt64Array {
  if (values instanceof BigInt64Array) return values;
  throw new CorruptFileError("values of another type than the schema's");
}

function byteLists(column: FlatColumn, values: PageValues): ByteValues {
  if ("kind" in values && values.kind === "bytes") return values.values;
  throw misplaced(column);
}

/** Nanoseconds of a day in 8 bytes, then the Julian day in 4: how Impala and Spark once wrote times. */
function int96Micros(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 12);
  const julianDayOf1970 = 2_440_588;
  return BigInt(view.getInt32(8, true) - julianDayOf1970) * 86_400_000_000n + view.getBigInt64(0, true) / 1000n;
}

const misplaced = ({ name }: FlatColumn): Error =>
  new CorruptFileError(`column "${name}" holds other values than its schema says`);

const unfit = ({ name }: FlatColumn, value: bigint, wanted: string): Error =>
  new UnreadableValueError("InvalidType", `column "${name}": ${value} is no ${wanted}`);
