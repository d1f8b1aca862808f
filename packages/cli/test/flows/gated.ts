import { approve, t, task, waitForInput, workflow } from "@flyte-ts/core";

const double = task({ name: "double", inputs: { n: t.float }, output: t.float, run: ({ n }) => 2 * n });
const join = task({
  name: "join",
  inputs: { n: t.float, words: t.list(t.string) },
  output: t.string,
  run: ({ n, words }) => [n, ...words].join(" "),
});

/** Waits for a yes, and for words. */
export const gated = workflow({
  name: "gated",
  inputs: { n: t.float },
  build: ({ n }) => join({ n: approve(double({ n }), "go-on"), words: waitForInput("words", t.list(t.string)) }),
});
