/** Launch plans, nodes that start them, and references to them, for a real Flyte: what must be the same there and here. */
import { launchPlan, referenceLaunchPlan, referenceTask, t, task, workflow } from "@flyte-ts/core";

const repeated = task({
  name: "interop.repeated",
  inputs: { word: t.string, times: t.int, suffix: t.optional(t.string) },
  outputs: { text: t.string, mode: t.string, file: t.file("txt") },
  run: async ({ word, times, suffix }, { storage, newOutputUri }) => {
    const text = `${word.repeat(times)}${suffix ?? "."}`;
    const uri = newOutputUri("text.txt");
    await storage.write(uri, Buffer.from(text));
    return { text, mode: process.env.INTEROP_MODE ?? "none", file: uri };
  },
});

/** All inputs may be left out: its default launch plan has their defaults. */
export const planned = workflow({
  name: "interop.planned",
  inputs: { word: t.string.default("x"), times: t.int.default(2), suffix: t.optional(t.string) },
  build: ({ word, times, suffix }) => {
    const { text, mode, file } = repeated({ word, times, suffix });
    return { text, mode, file };
  },
});

export const plan = launchPlan({
  name: "interop.plan",
  workflow: planned,
  defaults: { word: "ha", suffix: "!" },
  fixed: { times: 3 },
  labels: { team: "interop" },
  annotations: { "example.com/owner": "the suite" },
  rawOutputPrefix: "s3://flyte/planned",
  maxParallelism: 2,
  overwriteCache: true,
  interruptible: false,
  environment: { INTEROP_MODE: "planned" },
});

const dated = workflow({
  name: "interop.dated",
  inputs: { word: t.string, at: t.datetime },
  build: ({ word }) => repeated({ word, times: 1 }).text,
});

/** Registered, and never active. */
export const scheduled = launchPlan({
  name: "interop.scheduled",
  workflow: dated,
  fixed: { word: "now" },
  schedule: { cron: "0 6 * * mon-fri", kickoffInput: "at" },
  notifications: [{ phases: ["failed"], email: ["suite@example.com"] }],
});

/** As `scheduled`, by a rate. */
export const rated = launchPlan({
  name: "interop.rated",
  workflow: dated,
  fixed: { word: "now" },
  schedule: { every: { minutes: 120 }, kickoffInput: "at" },
});

/** Starts two executions, the second on what the first gives. */
export const starts = workflow({
  name: "interop.starts",
  build: () => {
    const first = launchPlan({ workflow: planned })({ word: "a" });
    const second = plan({ word: first.text });
    return { first: first.text, text: second.text, mode: second.mode, file: second.file };
  },
});

/** Where `starts` was registered before; the suite says so when it serialises what refers to it. */
const there = {
  project: "flytesnacks",
  domain: "development",
  version: process.env.INTEROP_REFERENCE_VERSION ?? "unknown",
};

export const repeatedThere = referenceTask({
  ...there,
  name: repeated.name,
  inputs: repeated.inputs,
  outputs: repeated.outputs,
});
export const planThere = referenceLaunchPlan({
  ...there,
  name: plan.name,
  inputs: { word: t.string.default("ho"), suffix: t.optional(t.string).default("?") },
  outputs: repeated.outputs,
});

/** A registered task and a registered launch plan. */
export const refers = workflow({
  name: "interop.refers",
  inputs: { word: t.string },
  build: ({ word }) => ({
    task: repeatedThere({ word, times: 2 }).text,
    plan: planThere().text,
  }),
});
