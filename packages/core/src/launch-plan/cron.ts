/** One field of a cron expression: its bounds, and the names that its numbers have, from the lowest on. */
interface CronField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const fields: readonly CronField[] = [
  { name: "minute", min: 0, max: 59, names: [] },
  { name: "hour", min: 0, max: 23, names: [] },
  { name: "day of the month", min: 1, max: 31, names: [] },
  {
    name: "month",
    min: 1,
    max: 12,
    names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  { name: "day of the week", min: 0, max: 6, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

const descriptors = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/** Days of the months, in a leap year. */
const monthDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * What is wrong with a cron expression; undefined for one that Flyte's scheduler takes: five fields or a descriptor such
 * as `@daily`, behind a time zone or not (`CRON_TZ=Europe/Berlin 0 6 * * *`). It reads them with robfig/cron's
 * `ParseStandard`, whose days of the week are 0 to 6.
 */
export function cronProblem(expression: string): string | undefined {
  const zone = /^(?:CRON_)?TZ=(\S*)\s+/.exec(expression);
  if (zone !== null && !isTimeZone(zone[1] ?? "")) return `"${zone[1]}" is no time zone`;
  const rest = expression.slice(zone?.[0].length ?? 0).trim();
  if (rest.startsWith("@")) {
    return descriptors.includes(rest) ? undefined : `"${rest}" is none of ${descriptors.join(", ")}`;
  }
  const texts = rest.split(/\s+/);
  if (rest === "" || texts.length !== fields.length) {
    const count = rest === "" ? 0 : texts.length;
    return `it has ${count} fields; it must have 5: minute, hour, day of the month, month, day of the week`;
  }
  const values: (ReadonlySet<number> | undefined)[] = [];
  for (const [at, field] of fields.entries()) {
    const read = fieldValues(texts[at] ?? "", field);
    if (typeof read === "string") return `${field.name}: ${read}`;
    values.push(read);
  }
  const [, , days, months, weekdays] = values;
  if (days === undefined || weekdays !== undefined) return undefined;
  const first = Math.min(...days);
  const some = [...(months ?? monthDays.map((_, at) => at + 1))].some((month) => first <= (monthDays[month - 1] ?? 0));
  return some ? undefined : "no such day ever comes";
}

/** The numbers that a field allows, undefined for all of them (`*`, `?`), or what is wrong with it. */
function fieldValues(text: string, field: CronField): ReadonlySet<number> | undefined | string {
  const values = new Set<number>();
  let all = false;
  for (const part of text.split(",")) {
    const [range = "", step, more] = part.split("/");
    const by = step === undefined ? 1 : /^\d+$/.test(step) ? Number(step) : Number.NaN;
    if (more !== undefined || !(by > 0)) return `"${part}" has no step that is a number above 0`;
    if (range === "*" || range === "?") {
      all ||= by === 1;
      for (let value = field.min; value <= field.max; value += by) values.add(value);
      continue;
    }
    const [low = "", high, third] = range.split("-");
    const from = numberOf(low, field);
    const to = high === undefined ? (step === undefined ? from : field.max) : numberOf(high, field);
    if (third !== undefined || from === undefined || to === undefined) return `"${part}" is no number and no range`;
    if (from < field.min || to > field.max) return `"${part}" is not within ${field.min} and ${field.max}`;
    if (from > to) return `"${part}" ends before it begins`;
    for (let value = from; value <= to; value += by) values.add(value);
  }
  return all ? undefined : values;
}

function numberOf(text: string, { names, min }: CronField): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const at = names.indexOf(text.toLowerCase());
  return at < 0 ? undefined : at + min;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
