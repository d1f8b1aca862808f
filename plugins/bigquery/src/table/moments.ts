/** Microseconds since the epoch: the number itself, seconds with a point or exponent, or a DATETIME's text. */
export function microsOf(text: string): bigint | undefined {
  if (/^-?\d+$/.test(text)) return BigInt(text);
  if (/^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text)) return decimalMicros(text);
  const [, moment, fraction = ""] =
    /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d{1,6})\d*)?(?:Z| UTC|\+00:00)?$/.exec(text) ?? [];
  if (moment === undefined) return undefined;
  const ms = Date.parse(`${moment.replace(" ", "T")}Z`);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1000n + BigInt(fraction.padEnd(6, "0"));
}

/** Seconds as a decimal, such as `1.709209805123456E9`, exact to the microsecond. */
function decimalMicros(text: string): bigint {
  const [mantissa = "", exponent = "0"] = text.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.replace("-", "").split(".");
  const places = Number(exponent) + 6 - fraction.length;
  const digits = `${whole}${fraction}`;
  const micros = places >= 0 ? BigInt(digits) * 10n ** BigInt(places) : BigInt(digits) / 10n ** BigInt(-places);
  return text.startsWith("-") ? -micros : micros;
}

/** An INTERVAL of days and time in microseconds; months have no length. */
export function intervalMicros(text: string): bigint | undefined {
  const parts = /^-?0-0 (-?\d+) (-?)(\d+):(\d+):(\d+)(?:\.(\d{1,6})\d*)?$/.exec(text);
  if (parts === null) return undefined;
  const [, days = "0", sign, hours = "0", minutes = "0", seconds = "0", fraction = ""] = parts;
  const time =
    ((BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds)) * 1_000_000n + BigInt(fraction.padEnd(6, "0"));
  return BigInt(days) * 86_400_000_000n + (sign === "-" ? -time : time);
}
