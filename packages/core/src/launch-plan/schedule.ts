import { cronProblem } from "./cron.ts";

/** When a launch plan starts by itself. `KickoffInput` are the names of the inputs that can take the time. */
export type Schedule<KickoffInput extends string = string> = (CronSchedule | RateSchedule) & {
  /** The input that receives the time of the start. */
  readonly kickoffInput?: KickoffInput;
};

/** Starts at the times of a cron expression, in UTC. */
export interface CronSchedule {
  /** Five fields (`0 6 * * mon-fri`), or one of `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. */
  readonly cron: string;
  /** An ISO 8601 duration (`PT15M`) that the times are moved by. */
  readonly offset?: string;
}

/** Starts again and again. */
export interface RateSchedule {
  readonly every: { readonly minutes: number } | { readonly hours: number } | { readonly days: number };
}

/** Minutes in each unit of a rate. */
export const minutesIn = { minutes: 1, hours: 60, days: 1440 } as const;

/** An ISO 8601 duration, as flytekit takes them. */
const offsetPattern = /^[-+]?P(?=.)(?:[-+]?\d+[YMWD])*(?:T(?:[-+]?\d+(?:[.,]\d+)?[HMS])+)?$/;

/** What is wrong with a schedule by itself. */
export function scheduleProblems(schedule: Schedule): string[] {
  if ("cron" in schedule) {
    const problem = cronProblem(schedule.cron);
    const { offset } = schedule;
    return [
      ...(problem === undefined ? [] : [`schedule.cron is "${schedule.cron}": ${problem}`]),
      ...(offset === undefined || offsetPattern.test(offset)
        ? []
        : [`schedule.offset is "${offset}"; it must be an ISO 8601 duration, such as PT15M`]),
    ];
  }
  const minutes = minutesOf(schedule);
  return Number.isInteger(minutes) && minutes > 0 && minutes < 2 ** 32
    ? []
    : [`schedule.every is ${JSON.stringify(schedule.every)}; it must be whole minutes, hours or days, above 0`];
}

/** The minutes from one start to the next; NaN for what is no rate. */
export function minutesOf({ every }: RateSchedule): number {
  const entries = Object.entries(every ?? {});
  const [unit, amount] = entries[0] ?? [];
  return entries.length === 1 && unit !== undefined && unit in minutesIn
    ? (amount as number) * minutesIn[unit as keyof typeof minutesIn]
    : Number.NaN;
}
