/**
 * Moments and days as SQLite databases keep them: it has no type for them (sqlite.org/datatype3, 2.2), but text in
 * ISO 8601's form, and numbers of seconds since 1970.
 */
import type { SqlValue } from "./column-types.ts";

const isoForm =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;
const microsPerDay = 86_400_000_000n;
/** The first moment behind the year 9999, in seconds. */
const endOfTime = 253_402_300_800n;
const beginOfTime = -62_135_596_800n;

/**
 * Microseconds since the epoch, UTC: of text such as `2024-02-29`, `2024-02-29 12:30:05.25`, `2024-02-29T12:30Z` (without
 * a zone it is UTC), or of a number of seconds. Undefined for everything else, and for years outside 1 to 9999.
 */
export function micros(value: Exclude<SqlValue, null>): bigint | undefined {
  if (typeof value === "bigint") return value >= beginOfTime && value < endOfTime ? value * 1_000_000n : undefined;
  if (typeof value === "number") {
    if (!(value >= Number(beginOfTime) && value < Number(endOfTime))) return undefined;
    const seconds = Math.floor(value);
    return BigInt(seconds) * 1_000_000n + BigInt(Math.round((value - seconds) * 1_000_000));
  }
  return typeof value === "string" ? microsOfText(value.trim()) : undefined;
}

function microsOfText(text: string): bigint | undefined {
  const match = isoForm.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day) || Number(year) === 0)
    return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const seconds =
    date.getTime() / 1000 + Number(hour) * 3600 + Number(minute) * 60 + Number(second) - zoneSeconds(zone);
  return BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(6, "0").slice(0, 6));
}

function zoneSeconds(zone: string): number {
  if (/^z$/i.test(zone)) return 0;
  const size = Number(zone.slice(1, 3)) * 3600 + Number(zone.slice(-2)) * 60;
  return zone.startsWith("-") ? -size : size;
}

/** Days since the epoch of what `micros` reads, if that is a midnight in UTC. */
export function days(value: Exclude<SqlValue, null>): number | undefined {
  const moment = micros(value);
  return moment === undefined || moment % microsPerDay !== 0n ? undefined : Number(moment / microsPerDay);
}
