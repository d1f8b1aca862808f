import { type LaunchPlanOptions, type Notification, notificationPhases } from "./launch-plan-options.ts";
import { scheduleProblems } from "./schedule.ts";

/** Flyte's admin takes no more labels than these. */
const mostLabels = 16;

const largestInt32 = 2 ** 31 - 1;

/** Everything that is wrong with a launch plan's options by themselves, each as the field, its value and what is right. */
export function optionProblems(options: LaunchPlanOptions): string[] {
  const { schedule, notifications = [], labels = {}, environment = {} } = options;
  const { rawOutputPrefix, maxParallelism, concurrency } = options;
  return [
    ...(schedule === undefined ? [] : scheduleProblems(schedule)),
    ...notifications.flatMap((one, at) => notificationProblems(one, `notifications[${at}]`)),
    ...(Object.keys(labels).length > mostLabels
      ? [`there are ${Object.keys(labels).length} labels; ${mostLabels} are the most that Flyte takes`]
      : []),
    ...Object.keys(environment).flatMap((name) =>
      /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name) ? [] : [`environment has "${name}", which is no variable's name`],
    ),
    ...(rawOutputPrefix === undefined || /^[a-z][a-z0-9+.-]*:\/\/./.test(rawOutputPrefix)
      ? []
      : [`rawOutputPrefix is "${rawOutputPrefix}"; it must be a URI, such as s3://bucket/folder`]),
    ...countProblem("maxParallelism", maxParallelism),
    ...countProblem("concurrency.max", concurrency?.max),
    ...(concurrency?.behavior === undefined || concurrency.behavior === "skip"
      ? []
      : [`concurrency.behavior is "${concurrency.behavior}"; it must be "skip"`]),
  ];
}

const countProblem = (field: string, value: number | undefined): string[] =>
  value === undefined || (Number.isInteger(value) && value > 0 && value <= largestInt32)
    ? []
    : [`${field} is ${value}; it must be 1 or more`];

/** Where a notification goes: the kind of its addresses, and these; undefined when it does not say that once. */
export function recipientsOf(
  notification: Notification,
): { readonly kind: "email" | "slack" | "pagerDuty"; readonly addresses: readonly string[] } | undefined {
  const kinds = (["email", "slack", "pagerDuty"] as const).filter((kind) => kind in notification);
  const [kind, second] = kinds;
  if (kind === undefined || second !== undefined) return undefined;
  return { kind, addresses: (notification as Readonly<Record<string, readonly string[]>>)[kind] ?? [] };
}

function notificationProblems(notification: Notification, place: string): string[] {
  const { phases } = notification;
  const unknown = phases.filter((phase) => !notificationPhases.includes(phase));
  const recipients = recipientsOf(notification);
  return [
    ...(phases.length === 0 ? [`${place}.phases is empty; it must have one of ${notificationPhases.join(", ")}`] : []),
    ...unknown.map((phase) => `${place}.phases has "${phase}"; it must be one of ${notificationPhases.join(", ")}`),
    ...(recipients === undefined ? [`${place} must have one of email, slack, pagerDuty`] : []),
    ...(recipients?.addresses.length === 0 ? [`${place}.${recipients.kind} names no address`] : []),
    ...(recipients?.addresses ?? []).flatMap((address) =>
      /^[^\s@]+@[^\s@]+$/.test(address)
        ? []
        : [`${place}.${recipients?.kind} has "${address}", which is no mail address`],
    ),
  ];
}
