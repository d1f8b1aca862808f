/** A workflow and its tasks, as an author writes them. */
import { Dataset, t, task, workflow } from "@flyte-ts/core";

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

export const report = workflow({
  name: "report",
  description: "sums up numbers",
  inputs: {
    count: t.int.describe("how many numbers"),
    factor: t.int.default(2).describe("what the sum is multiplied by"),
  },
  build: ({ count, factor }) => {
    const rows = numbers({ count });
    const { sum, names } = total({ rows, factor });
    return { sum, first: names.at(0), rows };
  },
});
