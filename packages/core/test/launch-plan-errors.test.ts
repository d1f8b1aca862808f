import { compile, compileAll, launchPlan, type SerializationSettings, t, task, workflow } from "@flyte-ts/core";
import { describe, expect, expectTypeOf, test } from "vitest";

const settings: SerializationSettings = { project: "p", domain: "d", version: "v", module: "wf.ts", image: "img:1" };

const greet = task({
  name: "greet",
  inputs: { name: t.string, times: t.int },
  output: t.string,
  run: ({ name, times }) => `${name} ${times}`,
});
const greeting = workflow({
  name: "m.greeting",
  inputs: { name: t.string, times: t.int.default(2) },
  build: ({ name, times }) => greet({ name, times }),
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

  test("the name of another workflow", async () => {
    const other = workflow({ name: "m.other", build: () => greet({ name: "a", times: 1 }) });
    const plan = launchPlan({ name: "m.other", workflow: greeting });
    await expect(compileAll([other, plan], settings)).rejects.toThrow(
      'two launch plans are called "m.other", of the workflows m.other and m.greeting',
    );
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
