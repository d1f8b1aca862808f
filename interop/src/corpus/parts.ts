/** The tasks that the corpus's workflows are made of: none of them does much, their interfaces are what counts. */
import { t, task, workflow } from "@flyte-ts/core";

export const one = task({ name: "corpus.one", output: t.int, run: () => 1 });
export const add = task({
  name: "corpus.add",
  inputs: { a: t.int, b: t.int.default(1).describe("what is added") },
  output: t.int,
  run: ({ a, b }) => a + b,
});
export const total = task({
  name: "corpus.total",
  inputs: { xs: t.list(t.int) },
  output: t.int,
  run: ({ xs }) => xs.reduce((sum, x) => sum + x, 0),
});
export const scale = task({
  name: "corpus.scale",
  inputs: { x: t.float },
  output: t.float,
  run: ({ x }) => 2 * x,
});
export const shout = task({
  name: "corpus.shout",
  inputs: { text: t.string },
  output: t.string,
  run: ({ text }) => text.toUpperCase(),
});
export const split = task({
  name: "corpus.split",
  inputs: { text: t.string },
  outputs: { first: t.string, rest: t.list(t.string) },
  run: ({ text }) => {
    const [first = "", ...rest] = text.split(" ");
    return { first, rest };
  },
});
export const note = task({ name: "corpus.note", inputs: { text: t.string }, run: () => {} });
export const maybe = task({
  name: "corpus.maybe",
  inputs: { x: t.optional(t.int) },
  output: t.optional(t.int),
  run: ({ x }) => x,
});
export const flag = task({ name: "corpus.flag", inputs: { n: t.int }, output: t.boolean, run: ({ n }) => n > 0 });
export const tidy = task({
  name: "corpus.tidy",
  inputs: { n: t.int, err: t.optional(t.error) },
  run: () => {},
});

/** A workflow for others to stand in. */
export const twice = workflow({
  name: "corpus.twice",
  inputs: { n: t.int },
  build: ({ n }) => add({ a: add({ a: n, b: n }), b: 0 }),
});
