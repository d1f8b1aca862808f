/** Failure handlers and policies. */
import { launchPlan, t, task, workflow } from "@flyte-ts/core";
import { add, note, one, tidy, twice } from "./parts.ts";

const inputs = { n: t.int };

export const told = workflow({
  name: "corpus.handlers.told",
  inputs,
  onFailure: tidy,
  build: ({ n }) => add({ a: n }),
});

const untold = task({ name: "corpus.handlers.untold", inputs, output: t.int, run: ({ n }) => n });
export const plain = workflow({
  name: "corpus.handlers.plain",
  inputs,
  onFailure: untold,
  failurePolicy: "fail-immediately",
  build: ({ n }) => add({ a: n }),
});

const more = task({
  name: "corpus.handlers.more",
  inputs: { n: t.int, also: t.optional(t.string), late: t.optional(t.int).default(3), err: t.optional(t.error) },
  run: () => {},
});
export const patient = workflow({
  name: "corpus.handlers.patient",
  inputs,
  onFailure: more,
  failurePolicy: "fail-after-executable-nodes-complete",
  build: ({ n }) => {
    one();
    return add({ a: n });
  },
});

const cleaning = workflow({
  name: "corpus.handlers.cleaning",
  inputs: { n: t.int, err: t.optional(t.error) },
  build: ({ n }) => {
    tidy({ n });
    note({ text: "cleaned" });
  },
});
export const byWorkflow = workflow({
  name: "corpus.handlers.by-workflow",
  inputs,
  onFailure: cleaning,
  build: ({ n }) => twice({ n }),
});

/** Workflows with handlers of their own stand inside one with another, and are started by it. */
export const inside = workflow({
  name: "corpus.handlers.inside",
  inputs,
  onFailure: tidy,
  build: ({ n }) => {
    launchPlan({ workflow: byWorkflow })({ n });
    return add({ a: told({ n }), b: patient({ n }) });
  },
});

const without = task({ name: "corpus.handlers.without", inputs: { err: t.optional(t.error) }, run: () => {} });
export const noInputs = workflow({ name: "corpus.handlers.no-inputs", onFailure: without, build: () => one() });
