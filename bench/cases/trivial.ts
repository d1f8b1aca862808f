import { t, task, workflow } from "@flyte-ts/core";

const greet = task({
  name: "greet",
  inputs: { name: t.string },
  output: t.string,
  run: ({ name }) => `Hello, ${name}`,
});

/** The least that a workflow can be. */
export const greeting = workflow({
  name: "greeting",
  inputs: { name: t.string },
  build: ({ name }) => greet({ name }),
});
