import { type ColumnType, FlyteError } from "@flyte-ts/core/plugin";

const dayMicros = 86_400_000_000n;
/** The range of a Date, in microseconds. */
const dateLimit = 8_640_000_000_000_000_000n;
const int64Limit = 2n ** 63n;

/** A number as pandas writes it: a float has a point, so that it is read as one. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const text = String(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** `2024-01-02 03:04:05.678000+00:00`, always with six digits: pandas wants one form in a column. */
export function datetimeText(micros: bigint): string {
  if (micros > dateLimit || micros < -dateLimit) {
    throw new FlyteError("InvalidType", `${micros} microseconds since 1970 are out of the range of a date`);
  }
  const below = ((micros % 1000n) + 1000n) % 1000n;
  const text = new Date(Number((micros - below) / 1000n)).toISOString();
  return `${text.replace("T", " ").replace("Z", "")}${String(below).padStart(3, "0")}+00:00`;
}

/** `2024-01-02`. */
export function dateText(days: number): string {
  return new Date(days * 86_400_000).toISOString().replace(/T.*/, "");
}

/** `1 days 02:03:04.500000`; a negative one counts forward from whole days: `-1 days +23:59:59.000000`. */
export function durationText(micros: bigint): string {
  const rest = ((micros % dayMicros) + dayMicros) % dayMicros;
  const days = (micros - rest) / dayMicros;
  const two = (part: bigint): string => String(part % 60n).padStart(2, "0");
  const hours = String(rest / 3_600_000_000n).padStart(2, "0");
  const clock = `${hours}:${two(rest / 60_000_000n)}:${two(rest / 1_000_000n)}`;
  return `${days} days ${days < 0n ? "+" : ""}${clock}.${String(rest % 1_000_000n).padStart(6, "0")}`;
}

/** The integer of a text; also of `12.0`, as pandas writes integers in a column with gaps. Undefined for all others. */
export function integerOf(text: string): bigint | undefined {
  const digits = /^([+-]?\d+)(?:\.0*)?$/.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const value = BigInt(digits.replace("+", ""));
  return value >= int64Limit || value < -int64Limit ? undefined : value;
}

/** The number of a text; undefined for what is none. */
export function floatOf(text: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  if (/^nan$/i.test(text)) return Number.NaN;
  const sign = /^([+-]?)inf(inity)?$/i.exec(text)?.[1];
  if (sign === undefined) return undefined;
  return sign === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** The boolean of a text: true or false in any case, 1 or 0; undefined for all others. */
export function booleanOf(text: string): boolean | undefined {
  if (/^(true|1|1\.0)$/i.test(text)) return true;
  return /^(false|0|0\.0)$/i.test(text) ? false : undefined;
}

/** Microseconds since 1970 of an ISO 8601 time, in UTC where it has no zone; finer digits are rounded down. */
export function datetimeOf(text: string): bigint | undefined {
  const found = /^([+-]\d{6}|\d{4})-(\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)? ?(.*)$/.exec(text);
  if (found === null) return undefined;
  const [, year = "", day = "", clock = "00:00", seconds = "00", fraction = "", zone = ""] = found;
  if (!/^(Z|UTC|[+-]\d\d(:?\d\d)?)?$/.test(zone)) return undefined;
  const [hours = "+00", minutes = "00"] = /^([+-]\d\d):?(\d\d)?$/.exec(zone)?.slice(1) ?? [];
  const ms = Date.parse(`${year}-${day}T${clock}:${seconds}${hours}:${minutes ?? "00"}`);
  // a day that a month does not have is moved to the next one
  if (Number.isNaN(ms) || !new Date(Date.parse(`${year}-${day}T00:00:00Z`)).toISOString().includes(`-${day}T`)) {
    return undefined;
  }
  return BigInt(ms) * 1000n + BigInt(fraction.slice(0, 6).padEnd(6, "0"));
}

/** Days since 1970 of a day, or of a time at midnight UTC. */
export function dateOf(text: string): number | undefined {
  const micros = datetimeOf(text);
  return micros === undefined || micros % dayMicros !== 0n ? undefined : Number(micros / dayMicros);
}

/** Microseconds of a duration as pandas and Python write it: `1 days 02:03:04.5`, `-1 day, 23:59:59`, `0:01:30`. */
export function durationOf(text: string): bigint | undefined {
  const found = /^(?:(-?\d+) days?,? ?)?([+-]?)(?:(\d+):(\d\d):(\d\d)(?:\.(\d{1,9}))?)?$/.exec(text);
  if (found === null || text === "") return undefined;
  const [, days = "0", sign = "", hours = "0", minutes = "0", seconds = "0", fraction = ""] = found;
  const clock = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds);
  const micros = clock * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, "0"));
  return BigInt(days) * dayMicros + (sign === "-" ? -micros : micros);
}

/** The bytes of a base64 text. */
export function bytesOf(text: string): Uint8Array | undefined {
  return /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? new Uint8Array(Buffer.from(text, "base64")) : undefined;
}

/** What a text must be for a column of each type, for messages. */
export const textForms: Readonly<Record<ColumnType, string>> = {
  integer: "an integer of at most 64 bits",
  float: "a number",
  string: "a text",
  boolean: "True or False",
  datetime: "a time such as 2024-01-02 03:04:05+00:00",
  date: "a day such as 2024-01-02",
  duration: "a duration such as 1 days 02:03:04.500000",
  binary: "base64",
};
