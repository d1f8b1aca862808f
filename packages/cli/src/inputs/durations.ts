/** Milliseconds of each unit of a duration. */
const units: Readonly<Record<string, number>> = {
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  min: 60_000,
  s: 1000,
  ms: 1,
  us: 0.001,
};

/** How a duration is written, for messages and help. */
export const durationExample = "90s, 1h30m or PT1H30M";

/**
 * The milliseconds of a duration: numbers with units (`1h30m`, `250ms`, `1.5h`), or ISO 8601 (`PT1H30M`, `P1DT2H`).
 * Undefined for what is neither.
 */
export function parseDuration(text: string): number | undefined {
  const [, sign = "", body = ""] = /^([+-]?)(.*)$/s.exec(text.trim()) ?? [];
  const ms = /^P/i.test(body) ? isoMilliseconds(body) : unitMilliseconds(body);
  return ms === undefined ? undefined : sign === "-" ? -ms : ms;
}

function unitMilliseconds(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?\s*(w|d|h|min|ms|us|m|s)\s*)+$/.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)\s*(w|d|h|min|ms|us|m|s)/g);
  return [...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ""] ?? 0), 0);
}

function isoMilliseconds(text: string): number | undefined {
  const amount = String.raw`(\d+(?:\.\d+)?)`;
  const pattern = new RegExp(
    `^P(?=.)(?:${amount}W)?(?:${amount}D)?(?:T(?=.)(?:${amount}H)?(?:${amount}M)?(?:${amount}S)?)?$`,
    "i",
  );
  const found = pattern.exec(text);
  if (found === null) return undefined;
  return ["w", "d", "h", "m", "s"].reduce((sum, unit, at) => sum + Number(found[at + 1] ?? 0) * (units[unit] ?? 0), 0);
}

/** Milliseconds as people write them: `1h30m`, `2.5s`, `250ms`. */
export function durationText(ms: number): string {
  if (Math.abs(ms) < 1000) return `${ms}ms`;
  const sign = ms < 0 ? "-" : "";
  const seconds = Math.abs(ms) / 1000;
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [Math.round((seconds % 60) * 1000) / 1000, "s"],
  ] as const;
  return sign + parts.flatMap(([amount, unit]) => (amount === 0 ? [] : [`${amount}${unit}`])).join("");
}
