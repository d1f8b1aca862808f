/** What is wrong is told at once, all of it. */
import {
  compile,
  compileAll,
  FlyteContext,
  imperativeWorkflow,
  launchPlan,
  mapTask,
  type SerializationSettings,
  t,
  task,
  workflow,
} from "@flyte-ts/core";
import { problemsIn } from "@flyte-ts/core/plugin";
import { describe, expect, test } from "vitest";

const settings: SerializationSettings = { project: "p", domain: "d", version: "v", module: "m.ts", image: "i:1" };

const int = task({ name: "int", inputs: { x: t.int }, output: t.int, run: ({ x }) => x });
const text = task({ name: "text", inputs: { x: t.string }, output: t.string, run: ({ x }) => x });

const lines = (thrown: unknown): string[] => problemsIn(thrown).map((one) => (one as Error).message);

function thrownBy(define: () => unknown): unknown {
  try {
    define();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("one workflow", () => {
  test("is told of all its calls, outputs and its failure handler", () => {
    const define = () =>
      workflow({
        name: "w",
        inputs: { n: t.int },
        onFailure: text as never,
        build: ({ n }) => {
          const first = text({ x: n as never });
          int({} as never);
          int({ x: first as never, y: 1 } as never);
          return { a: 1 as never, b: first.o0, c: [first] as never };
        },
      });
    expect(lines(thrownBy(define))).toEqual([
      'workflow w: n0 (text), input "x" takes string, but input n is int',
      'workflow w: n1 (int): int needs a value for its input "x" (int)',
      'workflow w: n2 (int): int has no input "y"; its inputs are: x',
      'workflow w: n2 (int), input "x" takes int, but n0.o0 of text is string',
      'workflow w: what build returns as "a" is no output',
      'workflow w: what build returns as "c" is no output',
      'workflow w: the failure handler text has no input "n"; it must take all inputs of the workflow',
    ]);
  });

  test("whose build breaks off is told of what was wrong before as well", () => {
    const define = () =>
      workflow({
        name: "w",
        build: () => {
          const first = int({ x: "1" as never, z: 1 } as never);
          text({ x: int({ x: 1 }) as never });
          return first.withOverrides({ retries: -1 });
        },
      });
    expect(lines(thrownBy(define))).toHaveLength(3);
    const broken = () =>
      workflow({
        name: "w",
        build: () => {
          text({ x: int({ x: 1 }) as never });
          throw new TypeError("the author's own");
        },
      });
    expect(broken).toThrow(new TypeError("the author's own"));
  });
});

test("a task is told of all its options, one kind after the other", () => {
  const run = () => {};
  const options = {
    retries: -1,
    timeout: 0,
    cache: { version: "", ignoredInputs: ["x", "y"] },
    tags: { a: 1 as never },
  };
  const names = { name: "bad name", inputs: { "a-b": t.int, c: 1 as never }, outputs: { at: t.int } };
  const container = { resources: { requests: { cpu: "x" } }, environment: { A: 1 as never }, secrets: [{ key: "" }] };
  const told = (definition: object): number => lines(thrownBy(() => task({ run, ...definition } as never))).length;
  expect(told({ ...names, ...options })).toBe(4);
  expect(told({ name: "t", ...options })).toBe(6);
  expect(told({ name: "t", ...container })).toBe(3);
});

describe("a module that is loaded to be told of all", () => {
  test("goes on behind what is wrong, and what uses that is wrong for the same reason", async () => {
    const context = FlyteContext.default();
    const { loaded, problems } = await context.telling(async () => {
      const bad = task({ name: "bad name", run: () => {} });
      const inner = workflow({ name: "inner", build: () => text({ x: int({ x: 1 }) as never }) });
      const outer = workflow({ name: "outer", build: () => inner() });
      const none = workflow({ name: "none", build: () => {} });
      const plan = launchPlan({ name: "plan", workflow: inner });
      const mapped = mapTask(bad as never);
      const good = workflow({ name: "good", build: () => int({ x: 1 }) });
      return { bad, inner, outer, none, plan, mapped, good };
    });
    expect([...new Set(problems.map((one) => (one as Error).message))]).toEqual([
      '"bad name" is no entity\'s name: letters, digits and _ . : / - only, 255 at most',
      'workflow inner: n1 (text), input "x" takes string, but n0.o0 of int is int',
      'workflow none has no node: call at least one task in "build"',
    ]);
    expect(await loaded?.good()).toBe(1);
    expect(() => loaded?.outer()).toThrow("workflow inner: n1");
    expect(() => task({ name: "bad name", run: () => {} })).toThrow("is no entity's name");
  });

  test("that breaks off is told of that beside the rest", async () => {
    const { loaded, problems } = await FlyteContext.default().telling(async () => {
      task({ name: "bad name", run: () => {} });
      throw new RangeError("the module's own");
    });
    expect(loaded).toBeUndefined();
    expect(problems.map((one) => (one as Error).name)).toEqual(["FlyteError", "RangeError"]);
    expect(FlyteContext.default().problems).toBeUndefined();
  });
});

test("two entities of one name, a graph that is not complete, and wrong values are told together", async () => {
  const twin = task({ name: "int", run: () => {} });
  const empty = imperativeWorkflow("empty");
  const wrong = workflow({ name: "wrong", build: () => int({ x: "1" as never }) });
  const plans = [1, 2].map((n) => launchPlan({ name: n === 1 ? "wrong" : "other", workflow: n === 1 ? fine : wrong }));
  const error = await compileAll([int, twin, empty, wrong, ...plans], settings).catch((thrown: unknown) => thrown);
  expect(lines(error).sort()).toEqual([
    'two different tasks are called "int"; give one another name',
    'two launch plans are called "wrong", of the workflows wrong and fine; a workflow\'s name is that of its default launch plan',
    "workflow empty has no node: add an entity",
    'workflow wrong: n0 (int), input "x": expected an integer, got "1"',
  ]);
});
const fine = workflow({ name: "fine", build: () => int({ x: 1 }) });

test("a workflow by itself compiles as before", async () => {
  expect((await compile(fine, settings)).ordered.map(({ kind }) => kind)).toEqual(["task", "workflow", "launch plan"]);
});
