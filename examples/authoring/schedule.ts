import { launchPlan, t, task, workflow } from "@flyte-ts/core";

export const headline = task({
  name: "headline",
  inputs: { day: t.datetime, city: t.string },
  output: t.string,
  run: ({ day, city }) => `${city}, ${day.toISOString().slice(0, 10)}`,
});

export const bulletin = workflow({
  name: "bulletin",
  inputs: { day: t.datetime, city: t.string },
  build: ({ day, city }) => headline({ day, city }),
});

/** Starts every working day; `day` receives the time. */
export const everyMorning = launchPlan({
  name: "bulletin-every-morning",
  workflow: bulletin,
  fixed: { city: "Lisbon" },
  schedule: { cron: "0 6 * * mon-fri", kickoffInput: "day" },
  labels: { desk: "news" },
});

/** A launch plan as a node: on a cluster it is an execution of its own. */
export const twoBulletins = workflow({
  name: "two-bulletins",
  inputs: { day: t.datetime },
  build: ({ day }) => ({ first: everyMorning({ day }), second: bulletin({ day, city: "Porto" }) }),
});
