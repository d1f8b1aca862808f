import { dateOfNanoseconds } from "@flyte-ts/core/plugin";

/** How a time is written, for messages and help. */
export const datetimeExample = "2024-01-31T12:30:00Z";

/** How a day is written, for messages and help. */
export const dateExample = "2024-01-31";

const pattern =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/**
 * A time in ISO 8601, to the nanosecond; without a zone it is taken as UTC, so that it means the same everywhere.
 * Undefined for anything else, a day that the calendar does not have included.
 */
export function parseDatetime(text: string): Date | undefined {
  const found = pattern.exec(text.trim());
  if (found === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = found;
  const local = new Date(0);
  local.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (local.getUTCMonth() !== Number(month) - 1 || local.getUTCDate() !== Number(day)) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  local.setUTCHours(Number(hour), Number(minute), Number(second));
  const ms = local.getTime() - zoneMinutes(zone) * 60_000;
  return dateOfNanoseconds(BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, "0")));
}

/** A day, at midnight UTC; undefined for anything that is no day. */
export function parseDate(text: string): Date | undefined {
  return /^\d{4}-\d\d-\d\d$/.test(text.trim()) ? parseDatetime(text) : undefined;
}

function zoneMinutes(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  if (sign === undefined) return 0;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes ?? 0));
}
