/** Workflows that start others: `python/corpus/starts.py`. */
import { dynamic, launchPlan, mapTask, referenceLaunchPlan, referenceTask, t, task, workflow } from "@flyte-ts/core";

const scale = task({
  name: "corpus.starts.scale",
  inputs: { x: t.int, factor: t.float },
  output: t.float,
  retries: 2,
  resources: { requests: { cpu: "1" } },
  environment: { A: "b" },
  run: ({ x, factor }) => x * factor,
});
const announce = task({ name: "corpus.starts.announce", inputs: { text: t.string }, run: () => {} });
const addUp = task({
  name: "corpus.starts.add_up",
  inputs: { xs: t.list(t.float) },
  output: t.float,
  run: () => 0,
});
const addSome = task({
  name: "corpus.starts.add_some",
  inputs: { xs: t.list(t.optional(t.float)) },
  output: t.float,
  run: () => 0,
});

export const maps = workflow({
  name: "corpus.starts.maps",
  inputs: { xs: t.list(t.int), factor: t.float },
  build: ({ xs, factor }) => {
    mapTask(announce)({ text: ["a", "b"] });
    return addUp({ xs: mapTask(scale, { bound: ["factor"] })({ x: xs, factor }) });
  },
});
export const limitedMaps = workflow({
  name: "corpus.starts.limited_maps",
  inputs: { xs: t.list(t.int) },
  build: ({ xs }) => {
    const some = mapTask(scale, { concurrency: 4, minSuccessRatio: 0.75 })({ x: xs, factor: [1, 2] });
    return addSome({ xs: some });
  },
});
export const overriddenMap = workflow({
  name: "corpus.starts.overridden_map",
  inputs: { xs: t.list(t.int) },
  build: ({ xs }) =>
    mapTask(scale)({ x: xs, factor: [0.5] }).withOverrides({
      requests: { memory: "1Gi" },
      name: "shown",
      retries: 5,
      timeout: 180_000,
    }),
});

const spread = dynamic({
  name: "corpus.starts.spread",
  inputs: { n: t.int },
  output: t.list(t.float),
  retries: 1,
  run: ({ n }) => Array.from({ length: n }, (_, x) => scale({ x, factor: 1 })),
});
export const withDynamic = workflow({
  name: "corpus.starts.with_dynamic",
  inputs: { n: t.int },
  build: ({ n }) => addUp({ xs: spread({ n }) }),
});

export const started = workflow({
  name: "corpus.starts.started",
  inputs: { n: t.int, name: t.string.default("x"), at: t.optional(t.datetime) },
  build: ({ n, name }) => {
    announce({ text: name });
    return scale({ x: n, factor: 1 });
  },
});
const startedTwice = launchPlan({
  name: "corpus.starts.twice",
  workflow: started,
  defaults: { name: "y" },
  fixed: { n: 2 },
});
export const starts = workflow({
  name: "corpus.starts.starts",
  inputs: { n: t.int },
  build: ({ n }) => {
    const first = launchPlan({ workflow: started })({ n });
    startedTwice({ name: "z" });
    return first;
  },
});

const there = { project: "theirs", domain: "production", version: "v7" };
const score = referenceTask({
  ...there,
  name: "m.score",
  inputs: { n: t.int, by_name: t.map(t.int) },
  output: t.float,
});
const plan = referenceLaunchPlan({ ...there, name: "m.plan", inputs: { text: t.string }, output: t.float });
export const refers = workflow({
  name: "corpus.starts.refers",
  inputs: { n: t.int },
  build: ({ n }) => {
    plan({ text: "a" });
    return score({ n, by_name: { a: n, b: 1 } });
  },
});

export const scheduled = workflow({
  name: "corpus.starts.scheduled",
  inputs: { n: t.int, at: t.datetime },
  build: ({ n }) => scale({ x: n, factor: 0.5 }),
});
/** Compared with the workflow that they start. */
export const plans = {
  scheduled: [
    launchPlan({
      name: "corpus.starts.nightly",
      workflow: scheduled,
      fixed: { n: 1 },
      schedule: { cron: "0 3 * * *", kickoffInput: "at" },
      maxParallelism: 3,
    }),
    launchPlan({
      name: "corpus.starts.hourly",
      workflow: scheduled,
      fixed: { n: 1, at: new Date("2024-01-01T00:00:00Z") },
      schedule: { every: { hours: 1 } },
    }),
  ],
};
