import { toJson } from "@bufbuild/protobuf";
import {
  compileAll,
  LaunchPlanMessage,
  launchPlan,
  referenceLaunchPlan,
  referenceTask,
  t,
  task,
  workflow,
} from "@flyte-ts/core";
import { NodeSchema } from "@flyte-ts/idl/core";
import { expect, test } from "vitest";
import { callPython } from "../src/python.ts";

/** The same ones are in `python/launch_plans.py`. */
const greet = task({
  name: "launch_plans.greet",
  inputs: { name: t.string, times: t.int, at: t.datetime },
  output: t.string,
  run: ({ name }) => name,
});
const greeting = workflow({
  name: "launch_plans.greeting",
  inputs: {
    name: t.string,
    at: t.datetime,
    words: t.list(t.string),
    times: t.int.default(2),
    tag: t.optional(t.string),
    title: t.optional(t.string).default("Dr"),
  },
  build: ({ name, times, at }) => greet({ name, times, at }),
});
const nightly = launchPlan({
  name: "nightly",
  workflow: greeting,
  defaults: { times: 3, words: ["a", "b"] },
  fixed: { name: "Ada" },
  schedule: { cron: "0 3 * * mon-fri", offset: "PT15M", kickoffInput: "at" },
  notifications: [
    { phases: ["failed", "timedOut"], email: ["a@example.com", "b@example.com"] },
    { phases: ["succeeded"], slack: ["c@example.com"] },
    { phases: ["aborted"], pagerDuty: ["d@example.com"] },
  ],
  labels: { team: "data" },
  annotations: { "example.com/owner": "the whole team" },
  rawOutputPrefix: "s3://bucket/raw",
  maxParallelism: 5,
  security: { serviceAccount: "runner", iamRole: "arn:role" },
  overwriteCache: true,
  concurrency: { max: 1 },
});
const rates = [10, 120, 2880].map((minutes) =>
  launchPlan({
    name: `rate-${minutes}`,
    workflow: greeting,
    fixed: { name: "Ada", at: new Date("2024-01-02T00:00:00Z"), words: [] },
    schedule: { every: { minutes } },
  }),
);
const there = { project: "theirs", domain: "production", version: "v7" };
const score = referenceTask({ ...there, name: "m.score", inputs: { n: t.int }, output: t.float });
const split = referenceLaunchPlan({ ...there, name: "m.split", inputs: { text: t.string }, output: t.string });
const starts = workflow({
  name: "launch_plans.starts",
  inputs: { at: t.datetime, n: t.int },
  build: ({ at, n }) => {
    const first = nightly({ at });
    const second = launchPlan({ workflow: greeting })({ name: first, at, words: ["c"] });
    split({ text: second });
    return score({ n });
  },
});

interface Theirs {
  readonly plans: Readonly<Record<string, object>>;
  readonly nodes: readonly { readonly metadata: { readonly interruptible?: boolean } }[];
}

test("launch plans, and the nodes that start them, are flytekit's field by field", async () => {
  const place = { project: "p", domain: "d", version: "v" };
  const theirs = await callPython<Theirs>("launch_plans", place);
  const settings = { ...place, module: "wf.ts", image: "img:1" };
  const { launchPlans, workflows } = await compileAll([starts, ...rates], settings);
  const plans = launchPlans.map((plan) => [plan.id?.name ?? "", LaunchPlanMessage.toJson(plan)] as const);
  const { [starts.name]: _, ...ours } = Object.fromEntries(plans);
  expect(ours).toEqual(theirs.plans);
  const spec = workflows.find(({ template }) => template?.id?.name === starts.name);
  const nodes = spec?.template?.nodes.map((node) => toJson(NodeSchema, node));
  // flytekit says "not interruptible" on these nodes where nobody said anything; unset leaves it to the execution.
  const leftOut = ({ metadata: { interruptible: _, ...metadata }, ...node }: Theirs["nodes"][number]) => {
    return { ...node, metadata };
  };
  expect(nodes).toEqual(theirs.nodes.map(leftOut));
  console.log(`equal to flytekit's: ${Object.keys(ours).join(", ")}; ${nodes?.length} nodes`);
});
