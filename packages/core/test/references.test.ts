import {
  compile,
  launchPlan,
  type NodeOutput,
  referenceLaunchPlan,
  referenceTask,
  referenceWorkflow,
  type SerializationSettings,
  t,
  task,
  workflow,
} from "@flyte-ts/core";
import { entityKind, isReference } from "@flyte-ts/core/plugin";
import { describe, expect, expectTypeOf, test } from "vitest";

const settings: SerializationSettings = { project: "p", domain: "d", version: "v", module: "wf.ts", image: "img:1" };
const there = { project: "theirs", domain: "production", version: "v7" };

const score = referenceTask({ ...there, name: "m.score", inputs: { n: t.int }, output: t.float });
const split = referenceLaunchPlan({
  ...there,
  name: "m.split",
  inputs: { text: t.string, by: t.string.default(" ") },
  outputs: { first: t.string, rest: t.list(t.string) },
});
const train = referenceWorkflow({ ...there, name: "m.train", inputs: { n: t.int }, output: t.int });
const half = task({ name: "half", inputs: { x: t.float }, output: t.float, run: ({ x }) => x / 2 });
const outer = workflow({
  name: "outer",
  inputs: { n: t.int, text: t.string },
  build: ({ n, text }) => {
    const { first } = split({ text });
    expectTypeOf(first).toEqualTypeOf<NodeOutput<string>>();
    return { halved: half({ x: score({ n }) }), first };
  },
});

describe("a reference", () => {
  test("is a node that refers to what is registered; nothing of it is sent", async () => {
    const { tasks, workflows, launchPlans } = await compile(outer, settings);
    expect(tasks.map(({ template }) => template?.id?.name)).toEqual(["half"]);
    expect(launchPlans.map(({ id }) => id?.name)).toEqual(["outer"]);
    const nodes = workflows[0]?.template?.nodes ?? [];
    const theirs = { project: "theirs", domain: "production", version: "v7" };
    expect(nodes.map(({ target }) => target)).toMatchObject([
      {
        case: "workflowNode",
        value: { reference: { case: "launchplanRef", value: { ...theirs, name: "m.split", resourceType: 3 } } },
      },
      {
        case: "taskNode",
        value: { reference: { case: "referenceId", value: { ...theirs, name: "m.score", resourceType: 1 } } },
      },
      { case: "taskNode" },
    ]);
    expect(nodes.map(({ metadata }) => metadata?.name)).toEqual(["split", "score", "half"]);
    expect(nodes[0]?.inputs.map((binding) => binding.var)).toEqual(["by", "text"]);
  });

  test("cannot run here, unless a function stands for it", async () => {
    await expect(score({ n: 1 })).rejects.toMatchObject({
      code: "Unsupported",
      message:
        "the task m.score is registered in theirs/production as version v7 and cannot run here; in a test let a function stand for it: score.standIn(…)",
    });
    await expect(outer({ n: 4, text: "a b c" })).rejects.toMatchObject({ code: "Unsupported" });
    {
      using _score = score.standIn(({ n }) => n * 10);
      using _split = split.standIn(async ({ text, by }) => {
        const [first = "", ...rest] = text.split(by);
        return { first, rest };
      });
      expect(await score({ n: 2 })).toBe(20);
      expect(await split({ text: "a-b", by: "-" })).toEqual({ first: "a", rest: ["b"] });
      expect(await outer({ n: 4, text: "a b c" })).toEqual({ halved: 20, first: "a" });
      {
        using _other = score.standIn(() => 1);
        expect(await score({ n: 2 })).toBe(1);
      }
      expect(await score({ n: 2 })).toBe(20);
      // @ts-expect-error a string is no number
      using _wrong = score.standIn(() => "x");
      await expect(score({ n: 2 })).rejects.toThrow("output o0");
    }
    await expect(score({ n: 1 })).rejects.toMatchObject({ code: "Unsupported" });
  });

  test("to a workflow can be started by a launch plan of one's own, and is no node", async () => {
    const nightly = launchPlan({ name: "nightly", workflow: train, fixed: { n: 3 }, schedule: { cron: "@daily" } });
    const { ordered, launchPlans } = await compile(nightly, settings);
    expect(ordered.map(({ kind, name }) => `${kind} ${name}`)).toEqual(["launch plan nightly"]);
    expect(launchPlans[0]?.spec?.workflowId).toMatchObject({ project: "theirs", name: "m.train", version: "v7" });
    expect(launchPlans[0]?.id).toMatchObject({ project: "p", version: "v" });
    using _ = train.standIn(({ n }) => n + 1);
    expect(await nightly()).toBe(4);
    const started = workflow({ name: "started", build: () => nightly() });
    expect(await started()).toBe(4);
    expect(() => workflow({ name: "bad", inputs: { n: t.int }, build: ({ n }) => train({ n }) })).toThrow(
      "the registered workflow m.train cannot be a node; call its default launch plan: referenceLaunchPlan",
    );
  });

  test("without outputs gives nothing", async () => {
    const quiet = referenceTask({ ...there, name: "quiet" });
    using _ = quiet.standIn(() => undefined);
    expect(await quiet()).toBeUndefined();
  });

  test("says which one it is, or is refused", () => {
    expect([score, split, train].map(entityKind)).toEqual(["task", "launch plan", "workflow"]);
    expect([score, half].map((one) => isReference(one))).toEqual([true, false]);
    expect(() => referenceTask({ ...there, version: "", name: "m.score" })).toThrow(
      "reference to the task m.score: version is empty",
    );
    // @ts-expect-error the version is needed
    const open = () => referenceTask({ project: "p", domain: "d", name: "x" });
    expect(open).toThrow("version");
  });

  test("has types like any other entity", () => {
    const check = () => {
      // @ts-expect-error a string is no number
      score({ n: "1" });
      // @ts-expect-error an input is missing
      split({});
      workflow({
        name: "wrong",
        inputs: { text: t.string },
        // @ts-expect-error the list is no number
        build: ({ text }) => score({ n: split({ text }).rest }),
      });
    };
    expect(check).toBeTypeOf("function");
    expectTypeOf(score({ n: 1 })).resolves.toEqualTypeOf<number>();
  });
});
