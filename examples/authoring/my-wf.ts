import { t, task, workflow } from "@flyte-ts/core";

/** The first workflow of Flyte's documents: two tasks, and a workflow that wires them. */
export const t1 = task({
  name: "t1",
  inputs: { a: t.int },
  outputs: { t1_int_output: t.int, c: t.string },
  run: ({ a }) => ({ t1_int_output: a + 2, c: "world" }),
});

export const t2 = task({
  name: "t2",
  inputs: { a: t.string, b: t.string },
  output: t.string,
  run: ({ a, b }) => b + a,
});

/** One call of each says for itself what its task says otherwise. */
export const myWf = workflow({
  name: "my_wf",
  inputs: { a: t.int, b: t.string },
  build: ({ a, b }) => {
    const first = t1({ a }).withOverrides({ name: "x", requests: { cpu: "1" }, limits: { cpu: "2", memory: "400Mi" } });
    const second = t2({ a: first.c, b }).withOverrides({ retries: 2, timeout: 60_000, cache: "1" });
    return { o0: first.t1_int_output, o1: second };
  },
});
