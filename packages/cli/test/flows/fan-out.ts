import { dynamic, mapTask, t, task, workflow } from "@flyte-ts/core";

export const where = task({
  name: "where",
  inputs: { x: t.int },
  output: t.string,
  run: ({ x }) => `${x} in ${process.env.FLYTE_INTERNAL_TASK_NAME ?? "the command"}`,
});

export const mapped = mapTask(where, { concurrency: 2 });

export const made = dynamic({
  name: "made",
  inputs: { n: t.int },
  output: t.list(t.string),
  run: ({ n }) =>
    n === 2 ? [where({ x: 1 }), where({ x: 2 })] : mapped({ x: Array.from({ length: n }, (_, x) => x) }),
});

export const both = workflow({
  name: "both",
  inputs: { n: t.int },
  build: ({ n }) => ({ mapped: mapped({ x: [1, 2, 3] }), made: made({ n }) }),
});
