import {
  compile,
  compileAll,
  LaunchPlanMessage,
  launchPlan,
  type NodeOutput,
  type SerializationSettings,
  t,
  task,
  workflow,
} from "@flyte-ts/core";
import { entityKind, findTask, isEntity } from "@flyte-ts/core/plugin";
import { describe, expect, expectTypeOf, test } from "vitest";

const settings: SerializationSettings = {
  project: "p",
  domain: "d",
  version: "v",
  module: "flows/wf.ts",
  image: "img:1",
};

const greet = task({
  name: "greet",
  inputs: { name: t.string, times: t.int, at: t.optional(t.datetime) },
  output: t.string,
  run: ({ name, times, at }) => `${name} ${times} ${at?.toISOString() ?? "never"}`,
});
const greeting = workflow({
  name: "m.greeting",
  inputs: {
    name: t.string.describe("whom to greet"),
    times: t.int.default(2),
    at: t.optional(t.datetime),
    tag: t.optional(t.string).default("x"),
  },
  build: ({ name, times, at }) => greet({ name, times, at }),
});

const only = async (plan: Parameters<typeof compile>[0], name: string) => {
  const { launchPlans } = await compile(plan, settings);
  const found = launchPlans.find(({ id }) => id?.name === name);
  if (found === undefined) throw new Error(`no launch plan ${name}`);
  return LaunchPlanMessage.toJson(found) as { readonly spec: Readonly<Record<string, unknown>> };
};

describe("the default launch plan of a workflow", () => {
  test("has its name, its defaults, and none for optional inputs", async () => {
    const { launchPlans } = await compile(greeting, settings);
    expect(launchPlans.map((plan) => LaunchPlanMessage.toJson(plan))).toEqual([
      {
        id: { resourceType: "LAUNCH_PLAN", project: "p", domain: "d", name: "m.greeting", version: "v" },
        spec: {
          workflowId: { resourceType: "WORKFLOW", project: "p", domain: "d", name: "m.greeting", version: "v" },
          entityMetadata: {},
          defaultInputs: {
            parameters: {
              name: { var: { type: { simple: "STRING" }, description: "whom to greet" }, required: true },
              times: {
                var: { type: { simple: "INTEGER" }, description: "times" },
                default: { scalar: { primitive: { integer: "2" } } },
              },
              at: {
                var: {
                  type: {
                    unionType: {
                      variants: [
                        { simple: "DATETIME", structure: { tag: "datetime" } },
                        { simple: "NONE", structure: { tag: "none" } },
                      ],
                    },
                  },
                  description: "at",
                },
                default: { scalar: { noneType: {} } },
              },
              tag: {
                var: {
                  type: {
                    unionType: {
                      variants: [
                        { simple: "STRING", structure: { tag: "str" } },
                        { simple: "NONE", structure: { tag: "none" } },
                      ],
                    },
                  },
                  description: "tag",
                },
                default: {
                  scalar: {
                    union: {
                      value: { scalar: { primitive: { stringValue: "x" } } },
                      type: { simple: "STRING", structure: { tag: "str" } },
                    },
                  },
                },
              },
            },
          },
          fixedInputs: {},
          labels: {},
          annotations: {},
          rawOutputDataConfig: {},
        },
        closure: { expectedInputs: {}, expectedOutputs: {} },
      },
    ]);
  });

  test("is there once, whoever asks for it, and comes behind its workflow", async () => {
    const outer = workflow({
      name: "outer",
      inputs: { name: t.string },
      build: ({ name }) => launchPlan({ workflow: greeting })({ name }),
    });
    const { ordered } = await compileAll([outer, launchPlan({ workflow: greeting }), greeting], settings);
    expect(ordered.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "task greet",
      "workflow m.greeting",
      "launch plan m.greeting",
      "workflow outer",
      "launch plan outer",
    ]);
  });

  test("every sub-workflow has one too", async () => {
    const outer = workflow({ name: "outer", inputs: { name: t.string }, build: ({ name }) => greeting({ name }) });
    const { launchPlans } = await compile(outer, settings);
    expect(launchPlans.map(({ id }) => id?.name)).toEqual(["m.greeting", "outer"]);
  });
});

describe("a launch plan", () => {
  const timed = workflow({
    name: "m.timed",
    inputs: { name: t.string, times: t.int, at: t.datetime, day: t.date },
    build: ({ name, times, at }) => greet({ name, times, at }),
  });
  const nightly = launchPlan({
    name: "nightly",
    workflow: timed,
    defaults: { times: 3, day: new Date("2024-01-02T00:00:00Z") },
    fixed: { name: "Ada" },
    schedule: { cron: "0 3 * * mon-fri", offset: "PT15M", kickoffInput: "at" },
    notifications: [
      { phases: ["failed", "timedOut"], email: ["a@example.com", "b@example.com"] },
      { phases: ["succeeded"], slack: ["c@example.com"] },
      { phases: ["aborted"], pagerDuty: ["d@example.com"] },
    ],
    labels: { team: "data", "example.com/cost": "1" },
    annotations: { "example.com/owner": "the whole team" },
    security: { serviceAccount: "runner", iamRole: "arn:role", secrets: [{ group: "g", key: "k" }] },
    rawOutputPrefix: "s3://bucket/raw",
    maxParallelism: 5,
    concurrency: { max: 1 },
    overwriteCache: true,
    interruptible: false,
    environment: { MODE: "night" },
  });

  test("says all its options on the wire", async () => {
    const { spec } = await only(nightly, "nightly");
    expect(spec).toEqual({
      workflowId: { resourceType: "WORKFLOW", project: "p", domain: "d", name: "m.timed", version: "v" },
      entityMetadata: {
        schedule: { cronSchedule: { schedule: "0 3 * * mon-fri", offset: "PT15M" }, kickoffTimeInputArg: "at" },
        notifications: [
          { phases: ["FAILED", "TIMED_OUT"], email: { recipientsEmail: ["a@example.com", "b@example.com"] } },
          { phases: ["SUCCEEDED"], slack: { recipientsEmail: ["c@example.com"] } },
          { phases: ["ABORTED"], pagerDuty: { recipientsEmail: ["d@example.com"] } },
        ],
      },
      defaultInputs: {
        parameters: {
          times: {
            var: { type: { simple: "INTEGER" }, description: "times" },
            default: { scalar: { primitive: { integer: "3" } } },
          },
          at: { var: { type: { simple: "DATETIME" }, description: "at" }, required: true },
          day: {
            var: { type: { simple: "DATETIME" }, description: "day" },
            default: { scalar: { primitive: { datetime: "2024-01-02T00:00:00Z" } } },
          },
        },
      },
      fixedInputs: { literals: { name: { scalar: { primitive: { stringValue: "Ada" } } } } },
      labels: { values: { team: "data", "example.com/cost": "1" } },
      annotations: { values: { "example.com/owner": "the whole team" } },
      securityContext: {
        runAs: { iamRole: "arn:role", k8sServiceAccount: "runner" },
        secrets: [{ group: "g", key: "k", mountRequirement: "FILE" }],
      },
      rawOutputDataConfig: { outputLocationPrefix: "s3://bucket/raw" },
      maxParallelism: 5,
      interruptible: false,
      overwriteCache: true,
      envs: { values: [{ key: "MODE", value: "night" }] },
      concurrencyPolicy: { max: 1, behavior: "CONCURRENCY_LIMIT_BEHAVIOR_SKIP" },
    });
  });

  test.each([
    [{ minutes: 10 }, { value: 10 }],
    [{ minutes: 120 }, { value: 2, unit: "HOUR" }],
    [{ hours: 3 }, { value: 3, unit: "HOUR" }],
    [{ hours: 48 }, { value: 2, unit: "DAY" }],
    [{ days: 7 }, { value: 7, unit: "DAY" }],
  ])("a rate of %j is sent in the largest unit that fits", async (every, rate) => {
    const plan = launchPlan({ name: "rated", workflow: greeting, fixed: { name: "Ada" }, schedule: { every } });
    const { spec } = await only(plan, "rated");
    expect(spec.entityMetadata).toEqual({ schedule: { rate } });
  });

  test("comes with its workflow, whose tasks are found through it", async () => {
    const { ordered } = await compile(nightly, settings);
    expect(ordered.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "task greet",
      "workflow m.timed",
      "launch plan m.timed",
      "launch plan nightly",
    ]);
    expect(isEntity(nightly)).toBe(true);
    expect(entityKind(nightly)).toBe("launch plan");
    expect(findTask({ nightly }, "greet")).toBe(greet);
  });

  test("runs its workflow here, with its defaults and fixed inputs", async () => {
    const at = new Date("2024-05-06T07:08:09Z");
    expect(await nightly({ at })).toBe("Ada 3 2024-05-06T07:08:09.000Z");
    expect(await nightly({ at, times: 1 }).o0).toBe("Ada 1 2024-05-06T07:08:09.000Z");
    expect(await launchPlan({ workflow: greeting })({ name: "Bob" })).toBe("Bob 2 never");
    // @ts-expect-error a fixed input cannot be given
    const named = () => nightly({ at, name: "Bob" });
    expect(named).toThrow('nightly has no input "name"');
    // @ts-expect-error the time is needed
    expect(() => nightly({})).toThrow('needs a value for its input "at"');
  });

  test("is a node that starts an execution: it refers to the launch plan, and binds no fixed input", async () => {
    const outer = workflow({
      name: "outer",
      inputs: { at: t.datetime },
      build: ({ at }) => {
        const first = nightly({ at });
        expectTypeOf(first.o0).toEqualTypeOf<NodeOutput<string>>();
        return greet({ name: first, times: 1 });
      },
    });
    const { workflows } = await compile(outer, settings);
    const spec = workflows.find(({ template }) => template?.id?.name === "outer");
    expect(spec?.subWorkflows).toEqual([]);
    const [node] = spec?.template?.nodes ?? [];
    expect(node?.inputs.map((binding) => binding.var)).toEqual(["at", "day", "times"]);
    expect(node?.metadata?.name).toBe("timed");
    expect(node?.target).toMatchObject({
      case: "workflowNode",
      value: {
        reference: { case: "launchplanRef", value: { resourceType: 3, project: "p", name: "nightly", version: "v" } },
      },
    });
    expect(await outer({ at: new Date(0) })).toBe("Ada 3 1970-01-01T00:00:00.000Z 1 never");
  });

  test("a workflow beside a launch plan of it stands inside the other one by itself only", async () => {
    const outer = workflow({
      name: "outer",
      inputs: { name: t.string },
      build: ({ name }) => ({ one: greeting({ name }), two: launchPlan({ workflow: greeting })({ name }) }),
    });
    const { workflows } = await compile(outer, settings);
    expect(workflows.at(-1)?.subWorkflows.map(({ id }) => id?.name)).toEqual(["m.greeting"]);
  });

  test("of a workflow without outputs runs it all the same", async () => {
    let ran = false;
    const nothing = task({
      name: "nothing",
      run: () => {
        ran = true;
      },
    });
    const quiet = workflow({
      name: "quiet",
      build: () => {
        nothing();
      },
    });
    await launchPlan({ workflow: quiet })();
    expect(ran).toBe(true);
  });
});
