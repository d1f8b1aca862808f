/** Launch plans of every kind, nodes that start them, and references to what is registered. */
import { launchPlan, referenceLaunchPlan, referenceTask, referenceWorkflow, t, task, workflow } from "@flyte-ts/core";
import { add, shout, twice } from "./parts.ts";

const say = workflow({
  name: "corpus.starting.say",
  inputs: { text: t.string, times: t.int.default(2), suffix: t.optional(t.string) },
  build: ({ text, times, suffix }) => ({ loud: shout({ text }), times: add({ a: times }), suffix }),
});

export const withDefaults = launchPlan({
  name: "corpus.starting.with-defaults",
  workflow: say,
  defaults: { text: "hi", times: 5, suffix: "!" },
});
export const withFixed = launchPlan({
  name: "corpus.starting.with-fixed",
  workflow: say,
  fixed: { text: "ho" },
  defaults: { times: 1 },
});
export const allFixed = launchPlan({
  name: "corpus.starting.all-fixed",
  workflow: say,
  fixed: { text: "x", times: 3, suffix: null },
});

const dated = workflow({
  name: "corpus.starting.dated",
  inputs: { at: t.datetime, text: t.string.default("now") },
  build: ({ text }) => shout({ text }),
});
export const byCron = launchPlan({
  name: "corpus.starting.by-cron",
  workflow: dated,
  schedule: { cron: "*/15 6-18 * * mon-fri", kickoffInput: "at" },
});
export const byName = launchPlan({
  name: "corpus.starting.by-name",
  workflow: dated,
  fixed: { at: new Date("2024-01-01") },
  schedule: { cron: "@daily", offset: "PT15M" },
});
export const byRate = launchPlan({
  name: "corpus.starting.by-rate",
  workflow: dated,
  schedule: { every: { days: 2 }, kickoffInput: "at" },
});

export const full = launchPlan({
  name: "corpus.starting.full",
  workflow: say,
  fixed: { text: "x" },
  notifications: [
    { phases: ["failed", "timedOut"], email: ["ada@example.com"] },
    { phases: ["succeeded"], slack: ["channel@example.slack.com"] },
    { phases: ["aborted"], pagerDuty: ["duty@example.pagerduty.com"] },
  ],
  labels: { team: "corpus", "example.com/part": "a.b_c-d" },
  annotations: { "example.com/owner": "the suite: it owns this" },
  security: { serviceAccount: "runner", iamRole: "arn:aws:iam::1:role/x", secrets: [{ group: "g", key: "k" }] },
  rawOutputPrefix: "s3://flyte/corpus",
  maxParallelism: 3,
  concurrency: { max: 2, behavior: "skip" },
  overwriteCache: true,
  interruptible: true,
  environment: { MODE: "corpus" },
});

export const nodes = workflow({
  name: "corpus.starting.nodes",
  inputs: { n: t.int },
  build: ({ n }) => {
    const own = launchPlan({ workflow: twice })({ n });
    const first = withDefaults();
    const second = withFixed({ times: own, suffix: first.suffix });
    const third = allFixed().withOverrides({ nodeName: "third", retries: 1 });
    first.runsBefore(third);
    return { loud: second.loud, times: third.times };
  },
});

const typed = workflow({
  name: "corpus.starting.typed",
  inputs: {
    at: t.datetime.default(new Date("2024-01-01T00:00:00.5Z")),
    took: t.duration.default(1500),
    list: t.list(t.map(t.float)).default([{ a: 1 }]),
    color: t.enum(["red", "blue"]).default("red"),
    either: t.union(t.int, t.string).default("a"),
    file: t.file("csv").default("s3://flyte/x.csv"),
  },
  build: ({ at, took, list, color, either, file }) =>
    task({
      name: "corpus.starting.take",
      inputs: {
        at: t.datetime,
        took: t.duration,
        list: t.list(t.map(t.float)),
        color: t.enum(["red", "blue"]),
        either: t.union(t.int, t.string),
        file: t.file("csv"),
      },
      run: () => {},
    })({ at, took, list, color, either, file }),
});
export const typedDefaults = launchPlan({
  name: "corpus.starting.typed-defaults",
  workflow: typed,
  defaults: { list: [] },
  fixed: { either: 3, color: "blue", file: "s3://flyte/y.csv" },
});

const point = t.object({ x: t.int }, "Point");
const takePoint = task({
  name: "corpus.starting.take-point",
  inputs: { point },
  output: point,
  run: (given) => given.point,
});
export const objectDefault = workflow({
  name: "corpus.starting.object-default",
  inputs: { point: point.default({ x: 1 }) },
  build: ({ point }) => takePoint({ point }),
});

/** Where the corpus itself is registered: what refers to it is registered behind it. */
const there = {
  project: "flytesnacks",
  domain: "development",
  version: process.env.FLYTE_TS_CORPUS_VERSION ?? "unknown",
};
const addThere = referenceTask({ ...there, name: add.name, inputs: add.inputs, output: t.int });
const sayThere = referenceLaunchPlan({
  ...there,
  name: withFixed.name,
  inputs: { times: t.int.default(1), suffix: t.optional(t.string) },
  outputs: say.outputs,
});
const twiceThere = referenceWorkflow({ ...there, name: twice.name, inputs: twice.inputs, outputs: { o0: t.int } });

export const refers = workflow({
  name: "corpus.starting.refers",
  inputs: { n: t.int },
  build: ({ n }) => add({ a: addThere({ a: n, b: 2 }), b: sayThere({ times: 2 }).times }),
});
export const plansWhatIsThere = launchPlan({
  name: "corpus.starting.plans-what-is-there",
  workflow: twiceThere,
  defaults: { n: 3 },
});
