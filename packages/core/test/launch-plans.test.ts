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

describe("what is wrong with a launch plan", () => {
  const refused = (options: object, workflowOf: object = greeting) => {
    try {
      launchPlan({ name: "bad", workflow: workflowOf, ...options } as never);
    } catch (error) {
      return error as Error & { readonly code: string };
    }
    throw new Error("it was taken");
  };

  test.each<[string, object, string]>([
    ["an unknown default", { defaults: { nmae: "a" } }, 'defaults has "nmae"'],
    ["an unknown fixed input", { fixed: { nam: "a" } }, 'did you mean "name"?'],
    ["an input twice", { defaults: { name: "a" }, fixed: { name: "b" } }, '"name" is in both defaults and fixed'],
    ["the workflow's name", { name: "m.greeting" }, "its name is the workflow's"],
    ["a schedule without an input", { schedule: { every: { days: 1 } } }, 'no value for the input "name"'],
    [
      "a kickoff input that is fixed",
      { fixed: { name: "a" }, schedule: { cron: "@daily", kickoffInput: "name" } },
      "no free input",
    ],
    [
      "a kickoff input that is no time",
      { schedule: { cron: "@daily", kickoffInput: "name" } },
      "it must be a datetime",
    ],
    ["four fields", { schedule: { cron: "* * * *" } }, "it has 4 fields"],
    ["six fields", { schedule: { cron: "0 * * * * *" } }, "it has 6 fields"],
    ["an empty cron", { schedule: { cron: "" } }, "it has 0 fields"],
    ["a minute that is none", { schedule: { cron: "60 * * * *" } }, 'minute: "60" is not within 0 and 59'],
    ["Sunday as 7", { schedule: { cron: "* * * * 7" } }, 'day of the week: "7" is not within 0 and 6'],
    ["a range backwards", { schedule: { cron: "* 9-7 * * *" } }, 'hour: "9-7" ends before it begins'],
    ["a step of nothing", { schedule: { cron: "*/0 * * * *" } }, 'minute: "*/0" has no step'],
    ["a word", { schedule: { cron: "* * * foo *" } }, 'month: "foo" is no number'],
    ["a day that never comes", { schedule: { cron: "0 0 30 2 *" } }, "no such day ever comes"],
    ["an unknown descriptor", { schedule: { cron: "@often" } }, '"@often" is none of @yearly'],
    ["an unknown zone", { schedule: { cron: "CRON_TZ=Mars/Base 0 0 * * *" } }, '"Mars/Base" is no time zone'],
    ["an offset that is none", { schedule: { cron: "@daily", offset: "5m" } }, "an ISO 8601 duration"],
    ["half a minute", { schedule: { every: { minutes: 0.5 } } }, "whole minutes, hours or days"],
    ["two rates", { schedule: { every: { minutes: 1, hours: 1 } } }, "whole minutes, hours or days"],
    ["no phase", { notifications: [{ phases: [], email: ["a@b.c"] }] }, "notifications[0].phases is empty"],
    ["an unknown phase", { notifications: [{ phases: ["running"], email: ["a@b.c"] }] }, 'has "running"'],
    ["no recipient", { notifications: [{ phases: ["failed"], slack: [] }] }, "notifications[0].slack names no address"],
    ["no mail address", { notifications: [{ phases: ["failed"], email: ["ada"] }] }, 'email has "ada"'],
    ["no kind", { notifications: [{ phases: ["failed"] }] }, "one of email, slack, pagerDuty"],
    ["a label's key", { labels: { "-a": "b" } }, 'label "-a" has no legal key'],
    ["a label's value", { labels: { a: "b c" } }, 'label "a" is "b c"'],
    [
      "too many labels",
      { labels: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`l${n}`, ""])) },
      "there are 17 labels",
    ],
    ["an annotation's key", { annotations: { "a/b/c": "" } }, 'annotation "a/b/c" has no legal key'],
    ["a variable's name", { environment: { "1A": "" } }, 'environment has "1A"'],
    ["a prefix that is no URI", { rawOutputPrefix: "/tmp/raw" }, "it must be a URI"],
    ["no parallelism", { maxParallelism: 0 }, "maxParallelism is 0; it must be 1 or more"],
    ["no concurrency", { concurrency: { max: 1.5 } }, "concurrency.max is 1.5"],
    ["a concurrency of another kind", { concurrency: { max: 1, behavior: "wait" } }, 'concurrency.behavior is "wait"'],
  ])("%s", (_what, options, message) => {
    const { code, message: said } = refused(options);
    expect(said).toContain(message);
    expect(said).toMatch(/launch plan (bad|m\.greeting)/);
    expect(code).toBe("InvalidDefinition");
  });

  test("a task in the place of the workflow", () => {
    expect(refused({}, greet).message).toBe("launch plan bad: greet is no workflow");
    // @ts-expect-error a task is no workflow
    expect(() => launchPlan({ name: "bad", workflow: greet })).toThrow("no workflow");
  });

  test("is told at once, all of it", () => {
    const { message } = refused({ fixed: { x: 1 }, maxParallelism: -1, schedule: { cron: "x" } });
    for (const part of ['fixed has "x"', "maxParallelism is -1", "it has 1 fields"]) expect(message).toContain(part);
  });

  test.each([
    "0 6 * * *",
    "*/15 0-5,22 1 jan-mar sun",
    "? * 31 * ?",
    "0 0 29 2 *",
    "5/10 * * * 1",
    "@hourly",
    "TZ=Europe/Berlin 0 6 * * *",
  ])("the schedule %s is taken", (cron) => {
    expect(() =>
      launchPlan({ name: "ok", workflow: greeting, fixed: { name: "a" }, schedule: { cron } }),
    ).not.toThrow();
  });

  test("values of the wrong type are named when it is compiled, all of them", async () => {
    // @ts-expect-error a number is no name, a string no number
    const plan = launchPlan({ name: "ill", workflow: greeting, fixed: { name: 1 }, defaults: { times: "two" } });
    await expect(compile(plan, settings)).rejects.toThrow(
      /launch plan ill: default of input "times": .*"two".*; fixed input "name": .* 1/,
    );
  });

  test("two launch plans of one name", async () => {
    const plans = [1, 2].map((times) => launchPlan({ name: "same", workflow: greeting, defaults: { times } }));
    await expect(compileAll(plans, settings)).rejects.toThrow('two different launch plans are called "same"');
  });

  test("wrong wiring does not compile", () => {
    const check = () => {
      // @ts-expect-error no such input
      launchPlan({ name: "a", workflow: greeting, fixed: { nobody: 1 } });
      // @ts-expect-error no such input
      launchPlan({ name: "a", workflow: greeting, defaults: { name: "a", nobody: 1 } });
      // @ts-expect-error fixed and default
      launchPlan({ name: "a", workflow: greeting, fixed: { name: "a" }, defaults: { name: "b" } });
      // @ts-expect-error no time
      launchPlan({ name: "a", workflow: greeting, schedule: { cron: "@daily", kickoffInput: "name" } });
      // @ts-expect-error options need a name
      launchPlan({ workflow: greeting, maxParallelism: 1 });
      // @ts-expect-error no such phase
      launchPlan({ name: "a", workflow: greeting, notifications: [{ phases: ["running"], email: [] }] });
    };
    expect(check).toBeTypeOf("function");
    const plan = launchPlan({ name: "typed", workflow: greeting, fixed: { times: 1 }, defaults: { name: "a" } });
    expectTypeOf(plan()).resolves.toEqualTypeOf<string>();
  });
});
