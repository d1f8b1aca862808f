import { t, task, workflow } from "@flyte-ts/core";

const double = task({ name: "double", inputs: { n: t.int }, output: t.int, run: ({ n }) => 2 * n });
export const trivial = workflow({ name: "trivial", inputs: { n: t.int }, build: ({ n }) => double({ n }) });
