import { dynamic, launchPlan, mapTask, t, task, workflow } from "@flyte-ts/core";
import { expect, expectTypeOf, test } from "vitest";

const inputs = { n: t.int };
const say = task({ name: "say", inputs, run: () => {} });
const silent = workflow({
  name: "silent",
  inputs,
  build: ({ n }) => {
    say({ n });
  },
});
const empty = workflow({
  name: "empty",
  inputs,
  build: ({ n }) => {
    say({ n });
    return {};
  },
});
const passing = workflow({ name: "passing", inputs, build: ({ n }) => say({ n }) });
const plan = launchPlan({ name: "plan", workflow: silent });
const spread = dynamic({
  name: "spread",
  inputs,
  run: ({ n }) => {
    say({ n });
  },
});

test("what has no outputs gives undefined, as its type says", async () => {
  const task = await say({ n: 1 });
  const workflows = [await silent({ n: 1 }), await empty({ n: 1 }), await passing({ n: 1 })] as const;
  const others = [await plan({ n: 1 }), await spread({ n: 1 }), await mapTask(say)({ n: [1, 2] })] as const;
  expect([task, ...workflows, ...others]).toEqual(Array(7).fill(undefined));
  expectTypeOf(task).toEqualTypeOf<undefined>();
  expectTypeOf(workflows).toEqualTypeOf<readonly [undefined, undefined, undefined]>();
  expectTypeOf(others).toEqualTypeOf<readonly [undefined, undefined, undefined]>();
});
