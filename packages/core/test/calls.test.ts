import { compile, Dataset, FlyteError, t, task, workflow } from "@flyte-ts/core";
import { expect, test } from "vitest";

const numbers = task({
  name: "numbers",
  inputs: { count: t.int },
  output: t.dataset({ columns: { n: t.int, name: t.string } }),
  run: ({ count }) => Dataset.from(Array.from({ length: count }, (_, n) => ({ n, name: `row ${n}` }))),
});
const total = task({
  name: "total",
  inputs: { rows: numbers.outputs.o0, factor: t.int.default(2) },
  outputs: { sum: t.int, names: t.list(t.string) },
  run: async ({ rows, factor }) => {
    const all = await rows.toArray();
    return { sum: factor * all.reduce((sum, { n }) => sum + (n ?? 0), 0), names: all.map(({ name }) => name ?? "") };
  },
});
const report = workflow({
  name: "report",
  inputs: { count: t.int },
  build: ({ count }) => {
    const { sum, names } = total({ rows: numbers({ count }) });
    return { sum, first: names.at(0) };
  },
});

test("a workflow runs here and now, values between its tasks as literals", async () => {
  expect(await report({ count: 4 })).toEqual({ sum: 12, first: "row 0" });
});

test("a task outside a workflow runs its function on the values as they are", async () => {
  expect(await total({ rows: Dataset.from([{ n: 1, name: "a" }]) })).toEqual({ sum: 2, names: ["a"] });
});

test("calls outside a workflow take each other's outputs", async () => {
  const call = total({ rows: numbers({ count: 3 }), factor: 10 });
  expect(await call.sum).toBe(30);
  expect(await call.outputs.names.at(1)).toBe("row 1");
});

test("awaiting in build is an error that says why", () => {
  expect(() => workflow({ name: "wrong", build: (async () => await numbers({ count: 1 })) as never })).toThrow(
    FlyteError,
  );
});

test("it compiles to tasks and a workflow", async () => {
  const { tasks, workflows } = await compile(report, {
    project: "p",
    domain: "d",
    version: "v",
    module: "m.ts",
    image: "i:1",
  });
  expect(tasks.map(({ template }) => template?.id?.name)).toEqual(["numbers", "total"]);
  expect(workflows[0]?.template?.nodes.map(({ id }) => id)).toEqual(["n0", "n1"]);
});
