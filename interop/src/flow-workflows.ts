/** Workflows of every form of control: what the end-to-end tests run on a real Flyte, and what they compare with. */
import { approve, conditional, imperativeWorkflow, sleep, t, task, waitForInput, workflow } from "@flyte-ts/core";

const double = task({ name: "interop.double", inputs: { n: t.float }, output: t.float, run: ({ n }) => 2 * n });
const square = task({ name: "interop.square", inputs: { n: t.float }, output: t.float, run: ({ n }) => n * n });
const failing = task({
  name: "interop.failing",
  inputs: { n: t.float },
  output: t.float,
  run: ({ n }) => {
    throw new RangeError(`${n} is not to its liking`);
  },
});
const cleanUp = task({
  name: "interop.clean-up",
  inputs: { n: t.float, err: t.optional(t.error) },
  output: t.string,
  run: ({ n, err }) => `${n}: ${err?.message ?? "no error"}`,
});
const both = workflow({
  name: "interop.both",
  inputs: { n: t.float },
  build: ({ n }) => square({ n: double({ n }) }),
});

/** Conditionals inside conditionals, with a task, a workflow and an error as ways. */
export const branches = workflow({
  name: "interop.branches",
  description: "Chooses by size.",
  inputs: { n: t.float },
  build: ({ n }) => {
    const doubled = double({ n });
    const chosen = conditional("size")
      .if(n.gt(0).and(n.lt(1)), () =>
        conditional("half")
          .if(n.lt(0.5), () => both({ n: doubled }))
          .else(() => square({ n: doubled })),
      )
      .elif(doubled.o0.gte(2).and(n.lt(10)), () => square({ n }))
      .fail("n is not between 0 and 10");
    return { chosen, after: double({ n: chosen }) };
  },
});

/** A sleep, an approval and a value from a person. */
export const gated = workflow({
  name: "interop.gated",
  inputs: { n: t.float },
  build: ({ n }) => {
    const first = double({ n });
    const more = waitForInput("how-much", t.float, { timeout: 600_000 });
    const last = square({ n: approve(first, "go-on", { timeout: 600_000 }) });
    sleep(2000).runsBefore(last);
    return { last, more: double({ n: more }) };
  },
});

/** Only sleeps, then works: a gate that needs nobody. */
export const slept = workflow({
  name: "interop.slept",
  inputs: { n: t.float },
  build: ({ n }) => {
    const last = double({ n });
    sleep(1000).runsBefore(last);
    return last;
  },
});

/** A failure handler, and nodes that run on. */
export const handled = workflow({
  name: "interop.handled",
  inputs: { n: t.float },
  onFailure: cleanUp,
  failurePolicy: "fail-after-executable-nodes-complete",
  interruptible: false,
  build: ({ n }) => {
    double({ n });
    return square({ n: failing({ n }) });
  },
});

/** An imperative workflow with a conditional. */
export const imperative = imperativeWorkflow("interop.imperative");
const n = imperative.addInput("n", t.float);
const first = imperative.addEntity(double, { n });
const chosen = imperative
  .createConditional("size")
  .if(first.o0.gt(4), () => square({ n: first }))
  .else(() => both({ n }));
imperative.addOutput("first", first);
imperative.addOutput("all", [first, chosen.o0], t.list(t.float));
