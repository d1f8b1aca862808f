/** Several features in one workflow. */
import { approve, conditional, dynamic, launchPlan, mapTask, sleep, t, waitForInput, workflow } from "@flyte-ts/core";
import { add, flag, maybe, note, one, scale, shout, split, tidy, total, twice } from "./parts.ts";

const each = mapTask(add, { bound: ["b"], minSuccessRatio: 0.5 });
const strict = mapTask(add, { bound: ["b"] });

/** A map in a branch in a workflow in a workflow with a failure handler. */
const choosing = workflow({
  name: "corpus.mixes.choosing",
  inputs: { ns: t.list(t.int), n: t.int },
  build: ({ ns, n }) =>
    conditional("map")
      .if(n.gt(0), () => strict({ a: ns, b: n }))
      .else(() => strict({ a: [], b: 0 })),
});
export const layered = workflow({
  name: "corpus.mixes.layered",
  inputs: { n: t.int },
  onFailure: tidy,
  failurePolicy: "fail-after-executable-nodes-complete",
  build: ({ n }) => {
    const chosen = choosing({ ns: [n, add({ a: n }), 3], n });
    return total({ xs: chosen.o0 });
  },
});

export const approvedBranch = workflow({
  name: "corpus.mixes.approved-branch",
  inputs: { n: t.int },
  build: ({ n }) => {
    const asked = waitForInput("how-much", t.int);
    const yes = approve(flag({ n: asked }), "go-on");
    const chosen = conditional("approved")
      .if(yes["~output"].isTrue().and(n.gt(1)), () => twice({ n: asked }))
      .fail("it was not approved");
    sleep(1000).runsBefore(note({ text: "slept" }));
    return chosen.o0;
  },
});

export const startedByPlan = launchPlan({
  name: "corpus.mixes.started-by-plan",
  workflow: layered,
  fixed: { n: 3 },
  maxParallelism: 2,
  interruptible: true,
});
export const started = workflow({
  name: "corpus.mixes.started",
  inputs: { n: t.int, text: t.string },
  build: ({ n, text }) => {
    const first = startedByPlan();
    const chosen = conditional("again")
      .if(first.o0.gt(3), () => startedByPlan())
      .elif(n.eq(first.o0), () => launchPlan({ workflow: layered })({ n }))
      .else(() => layered({ n: first }));
    const { first: word } = split({ text });
    shout({ text: word }).runsBefore(chosen);
    return { chosen: chosen.o0, word };
  },
});

const spread = dynamic({
  name: "corpus.mixes.spread",
  inputs: { n: t.int },
  output: t.list(t.int),
  uses: [strict, twice],
  run: ({ n }) => strict({ a: [n, twice({ n }).o0], b: 1 }),
});
export const dynamicThenMap = workflow({
  name: "corpus.mixes.dynamic-then-map",
  inputs: { n: t.int },
  interruptible: true,
  build: ({ n }) => {
    const made = spread({ n }).withOverrides({ retries: 2, nodeName: "spread" });
    return total({ xs: strict({ a: made, b: made.o0.at(0) }).withOverrides({ nodeName: "map", retries: 1 }) });
  },
});

export const optionalMap = workflow({
  name: "corpus.mixes.optional-map",
  inputs: { ns: t.list(t.int), b: t.optional(t.int) },
  build: ({ ns, b }) => {
    const some = each({ a: ns, b: 2 });
    return { some, first: maybe({ x: some.o0.at(0) }), b: maybe({ x: b }) };
  },
});

export const layersOfBranches = workflow({
  name: "corpus.mixes.layers-of-branches",
  inputs: { n: t.int, x: t.float },
  build: ({ n, x }) => {
    const first = conditional("first")
      .if(n.gt(1), () => twice({ n }))
      .else(() => one());
    const second = conditional("second")
      .if(first.o0.gt(10).or(x.lt(0.5)), () =>
        conditional("third")
          .if(x.gt(0.25), () =>
            conditional("fourth")
              .if(first.o0.eq(n), () => add({ a: first }))
              .else(() => twice({ n: first })),
          )
          .fail("x is too small"),
      )
      .else(() => add({ a: n, b: first }));
    return { first: first.o0, second: second.o0, x: scale({ x }) };
  },
});

/** Thirty workflows' worth of calls, and everything behind everything. */
export const long = workflow({
  name: "corpus.mixes.long",
  inputs: { n: t.int },
  build: ({ n }) => {
    let last = add({ a: n });
    for (let b = 0; b < 30; b += 1) {
      const next = add({ a: last, b });
      note({ text: `step ${b}` }).runsBefore(next);
      last = next;
    }
    return last;
  },
});
