/** Map tasks with every option, and dynamic tasks. */
import { conditional, dynamic, mapTask, t, task, workflow } from "@flyte-ts/core";
import { add, note, one, scale, total, twice } from "./parts.ts";

const each = mapTask(scale);

export const plain = workflow({
  name: "corpus.spreads.plain",
  inputs: { xs: t.list(t.float) },
  build: ({ xs }) => each({ x: xs }),
});

export const constants = workflow({
  name: "corpus.spreads.constants",
  build: () => ({ some: each({ x: [1, 2.5] }), none: each({ x: [] }) }),
});

export const mixed = workflow({
  name: "corpus.spreads.mixed",
  inputs: { x: t.float },
  build: ({ x }) => each({ x: [x, 1, scale({ x })] }),
});

export const chained = workflow({
  name: "corpus.spreads.chained",
  inputs: { xs: t.list(t.float) },
  build: ({ xs }) => each({ x: each({ x: each({ x: xs }) }) }),
});

const bound = mapTask(add, { bound: ["b"] });
export const withBound = workflow({
  name: "corpus.spreads.bound",
  inputs: { ns: t.list(t.int), b: t.int },
  build: ({ ns, b }) => total({ xs: bound({ a: bound({ a: ns, b: 2 }), b }) }),
});

export const several = workflow({
  name: "corpus.spreads.several",
  inputs: { ns: t.list(t.int) },
  build: ({ ns }) => mapTask(add)({ a: ns, b: ns }),
});

export const limited = workflow({
  name: "corpus.spreads.limited",
  inputs: { xs: t.list(t.float) },
  build: ({ xs }) => ({
    few: mapTask(scale, { concurrency: 3 })({ x: xs }),
    all: mapTask(scale, { concurrency: 0 })({ x: xs }),
  }),
});

const optionalTotal = task({
  name: "corpus.spreads.optional-total",
  inputs: { xs: t.list(t.optional(t.float)) },
  output: t.int,
  run: ({ xs }) => xs.length,
});
export const mayFail = workflow({
  name: "corpus.spreads.may-fail",
  inputs: { xs: t.list(t.float) },
  build: ({ xs }) => ({
    most: optionalTotal({ xs: mapTask(scale, { minSuccessRatio: 0.75 })({ x: xs }) }),
    two: optionalTotal({ xs: mapTask(scale, { minSuccesses: 2, concurrency: 1 })({ x: xs }) }),
  }),
});

export const withoutOutput = workflow({
  name: "corpus.spreads.without-output",
  inputs: { texts: t.list(t.string) },
  build: ({ texts }) => void mapTask(note)({ text: texts }),
});

export const overridden = workflow({
  name: "corpus.spreads.overridden",
  inputs: { xs: t.list(t.float) },
  build: ({ xs }) =>
    each({ x: xs }).withOverrides({
      nodeName: "each-one",
      retries: 2,
      timeout: 60_000,
      interruptible: true,
      requests: { cpu: "200m" },
      containerImage: "example.invalid/other:1",
    }),
});

const cachedEach = mapTask(
  task({
    name: "corpus.spreads.cached",
    inputs: { x: t.float, seed: t.int },
    output: t.object({ x: t.float }, "Scaled"),
    cache: { version: "1", serialize: true, ignoredInputs: ["seed"] },
    retries: 3,
    interruptible: true,
    timeout: 5000,
    run: ({ x }) => ({ x }),
  }),
  { bound: ["seed"] },
);
export const cached = workflow({
  name: "corpus.spreads.cached-map",
  inputs: { xs: t.list(t.float) },
  build: ({ xs }) => cachedEach({ x: xs, seed: 1 }).o0.at(0, "x"),
});

const spread = dynamic({
  name: "corpus.spreads.spread",
  inputs: { n: t.int },
  outputs: { sums: t.list(t.int), first: t.int },
  uses: [add, twice],
  retries: 1,
  run: ({ n }) => {
    const sums = Array.from({ length: n }, (_, b) => add({ a: n, b }));
    return { sums, first: twice({ n }) };
  },
});
export const dynamics = workflow({
  name: "corpus.spreads.dynamics",
  inputs: { n: t.int },
  build: ({ n }) => {
    const { sums, first } = spread({ n });
    return { total: total({ xs: sums }), first, second: sums.at(1) };
  },
});

export const chosen = workflow({
  name: "corpus.spreads.chosen",
  inputs: { n: t.int, xs: t.list(t.float) },
  build: ({ n, xs }) => {
    conditional("spread")
      .if(n.gt(2), () => void spread({ n }))
      .else(() => void one());
    return conditional("map")
      .if(n.gt(2), () => each({ x: xs }))
      .else(() => each({ x: [] }));
  },
});
