import type { ColumnType, Vector } from "@flyte-ts/core/plugin";

/** What a column chunk's statistics say: NULLs, and the least and greatest value as PLAIN bytes where they are known. */
export interface ColumnStatistics {
  readonly nullCount: number;
  readonly least?: Uint8Array;
  readonly greatest?: Uint8Array;
}

/** Gathers a column chunk's statistics: readers skip row groups by them. */
export interface StatisticsGatherer {
  add(vector: Vector, from: number, to: number): void;
  /** The bounds so far, which are then forgotten. */
  take(): { readonly least?: Uint8Array; readonly greatest?: Uint8Array };
}

/** The gatherer of a column. Texts, bytes and booleans have no bounds: they would cost more than they save. */
export function gathererOf(type: ColumnType): StatisticsGatherer {
  switch (type) {
    case "integer":
    case "datetime":
    case "duration":
      return int64Gatherer();
    case "float":
      return numberGatherer((value) => new Uint8Array(Float64Array.of(value).buffer), -0);
    case "date":
      return numberGatherer((value) => new Uint8Array(Int32Array.of(value).buffer), 0);
    default:
      return { add() {}, take: () => ({}) };
  }
}

/** Compares the halves of the values: making a bigint of each would cost more than all the rest of the writing. */
function int64Gatherer(): StatisticsGatherer {
  const top = 0x7fff_ffff;
  const bottom = -0x8000_0000;
  let [leastHigh, leastLow, greatestHigh, greatestLow, seen] = [top, 0xffff_ffff, bottom, 0, false];
  return {
    add(vector, from, to) {
      const { buffer, byteOffset, length } = vector.values as BigInt64Array;
      const halves = new Int32Array(buffer, byteOffset, length * 2);
      const { nulls } = vector;
      for (let row = from; row < to; row++) {
        if (nulls !== undefined && nulls[row] === 1) continue;
        seen = true;
        const low = (halves[2 * row] as number) >>> 0;
        const high = halves[2 * row + 1] as number;
        if (high < leastHigh || (high === leastHigh && low < leastLow)) {
          leastHigh = high;
          leastLow = low;
        }
        if (high > greatestHigh || (high === greatestHigh && low > greatestLow)) {
          greatestHigh = high;
          greatestLow = low;
        }
      }
    },
    take() {
      if (!seen) return {};
      const bounds = {
        least: new Uint8Array(Uint32Array.of(leastLow, leastHigh).buffer),
        greatest: new Uint8Array(Uint32Array.of(greatestLow, greatestHigh).buffer),
      };
      [leastHigh, leastLow, greatestHigh, greatestLow, seen] = [top, 0xffff_ffff, bottom, 0, false];
      return bounds;
    },
  };
}

/**
 * A zero that is the least is written as -0 and one that is the greatest as +0, and a chunk with a NaN has no bounds: the
 * format asks for both (parquet.thrift, `ColumnOrder`).
 */
function numberGatherer(encode: (value: number) => Uint8Array, leastZero: number): StatisticsGatherer {
  let [least, greatest, ordered] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true];
  return {
    add(vector, from, to) {
      const values = vector.values as Float64Array | Int32Array;
      const { nulls } = vector;
      for (let row = from; row < to; row++) {
        if (nulls !== undefined && nulls[row] === 1) continue;
        const value = values[row] as number;
        if (value < least) least = value;
        if (value > greatest) greatest = value;
        if (Number.isNaN(value)) ordered = false;
      }
    },
    take() {
      const known = ordered && least <= greatest;
      const bounds = {
        least: encode(least === 0 ? leastZero : least),
        greatest: encode(greatest === 0 ? 0 : greatest),
      };
      [least, greatest, ordered] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true];
      return known ? bounds : {};
    },
  };
}
