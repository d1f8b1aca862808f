/**
 * What Python's `str()` gives for the values that flytekit decodes from literals: the text that it pastes into a query.
 * A placeholder inside a quoted literal keeps that meaning here.
 */

/** `str()` of a datetime in UTC, as flytekit decodes every one: `2024-02-29 12:30:00+00:00`, with microseconds if there are any. */
export function datetimeText(value: Date): string {
  return `${timestampText(value, 6)}+00:00`;
}

/** SQLite's own form of a moment in UTC, which its functions read and its comparisons order: `2024-02-29 12:30:00`. */
export function sqliteDatetime(value: Date): string {
  return timestampText(value, 3);
}

function timestampText(value: Date, digits: 3 | 6): string {
  const [day = "", time = ""] = value.toISOString().split("T");
  const milliseconds = value.getUTCMilliseconds();
  const fraction = milliseconds === 0 ? "" : `.${String(milliseconds).padStart(3, "0").padEnd(digits, "0")}`;
  return `${day} ${time.slice(0, 8)}${fraction}`;
}

/** `str()` of a timedelta: `1 day, 2:03:04.500000`. @param milliseconds the duration. */
export function durationText(milliseconds: number): string {
  const micros = Math.round(milliseconds * 1000);
  const perDay = 86_400_000_000;
  const days = Math.floor(micros / perDay);
  const rest = micros - days * perDay;
  const seconds = Math.floor(rest / 1_000_000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const fraction = rest % 1_000_000;
  const clock = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const dayPart = days === 0 ? "" : `${days} day${Math.abs(days) === 1 ? "" : "s"}, `;
  return `${dayPart}${clock}${fraction === 0 ? "" : `.${String(fraction).padStart(6, "0")}`}`;
}
