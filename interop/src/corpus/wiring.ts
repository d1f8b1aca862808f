/** Graphs of every shape: what nodes are bound to, what comes out, and what stands inside what. */
import { t, task, workflow } from "@flyte-ts/core";
import { add, maybe, note, one, shout, split, total, twice } from "./parts.ts";

export const chain = workflow({
  name: "corpus.wiring.chain",
  inputs: { n: t.int },
  build: ({ n }) => add({ a: add({ a: add({ a: n }), b: 2 }), b: n }),
});

export const diamond = workflow({
  name: "corpus.wiring.diamond",
  inputs: { n: t.int },
  build: ({ n }) => {
    const top = add({ a: n });
    return add({ a: add({ a: top, b: 2 }), b: add({ a: top, b: 3 }) });
  },
});

export const constants = workflow({
  name: "corpus.wiring.constants",
  build: () => ({ sum: total({ xs: [1, 2, 3] }), none: total({ xs: [] }), loud: shout({ text: "" }) }),
});

export const defaults = workflow({
  name: "corpus.wiring.defaults",
  inputs: { n: t.int.default(4), text: t.string.default("x y").describe("words") },
  build: ({ n, text }) => ({ n: add({ a: n }), first: split({ text }).first }),
});

export const passedThrough = workflow({
  name: "corpus.wiring.passed-through",
  inputs: { n: t.int, xs: t.list(t.string) },
  build: ({ n, xs }) => {
    one();
    return { n, xs, first: xs.at(0) };
  },
});

export const ordered = workflow({
  name: "corpus.wiring.ordered",
  build: () => {
    const first = note({ text: "first" });
    const last = note({ text: "last" });
    first.runsBefore(note({ text: "middle" }), last);
    note({ text: "beside" });
  },
});

const shape = t.object({ corner: t.object({ x: t.int }), names: t.map(t.list(t.string)) }, "Shape");
const shapes = task({
  name: "corpus.wiring.shapes",
  outputs: { shape, all: t.list(shape) },
  run: () => {
    const shape = { corner: { x: 1 }, names: { a: ["b"] } };
    return { shape, all: [shape] };
  },
});
export const parts = workflow({
  name: "corpus.wiring.parts",
  build: () => {
    const made = shapes();
    const x = made.shape.at("corner", "x");
    const name = made.all.at(0, "names").at("a").at(0);
    return { sum: add({ a: x, b: x }), loud: shout({ text: name }), corner: made.shape.at("corner") };
  },
});

export const mixedList = workflow({
  name: "corpus.wiring.mixed-list",
  inputs: { n: t.int },
  build: ({ n }) => total({ xs: [1, n, add({ a: n }), one()] }),
});

const deepTotal = task({
  name: "corpus.wiring.deep-total",
  inputs: { rows: t.list(t.list(t.int)), named: t.map(t.map(t.int)).default({}) },
  output: t.int,
  run: ({ rows }) => rows.flat().length,
});
export const mixedDeep = workflow({
  name: "corpus.wiring.mixed-deep",
  inputs: { n: t.int, row: t.list(t.int) },
  build: ({ n, row }) => deepTotal({ rows: [row, [1, n], []], named: { a: { b: one(), c: 2 }, "d e": {} } }),
});

export const several = workflow({
  name: "corpus.wiring.several",
  inputs: { text: t.string },
  build: ({ text }) => split({ text }),
});

export const renamed = workflow({
  name: "corpus.wiring.renamed",
  inputs: { text: t.string },
  build: ({ text }) => {
    const { first, rest } = split({ text });
    return { rest: first, first: rest, last: rest.at(0) };
  },
});

export const nothing = workflow({ name: "corpus.wiring.nothing", build: () => void one() });

export const inside = workflow({
  name: "corpus.wiring.inside",
  inputs: { n: t.int },
  build: ({ n }) => add({ a: twice({ n: 3 }), b: twice({ n }) }),
});

const middle = workflow({
  name: "corpus.wiring.middle",
  inputs: { n: t.int },
  build: ({ n }) => twice({ n: inside({ n }) }),
});
export const deepInside = workflow({
  name: "corpus.wiring.deep-inside",
  inputs: { n: t.int },
  build: ({ n }) => ({ middle: middle({ n }), inside: inside({ n }) }),
});

export const optionals = workflow({
  name: "corpus.wiring.optionals",
  inputs: { n: t.int, given: t.optional(t.int), late: t.optional(t.int).default(5) },
  build: ({ n, given, late }) => {
    maybe();
    maybe({ x: null });
    maybe({ x: 3 });
    return { a: maybe({ x: n }), b: maybe({ x: given }), c: maybe({ x: late }), d: given };
  },
});

/** As many nodes as a stock Flyte takes. */
export const wide = workflow({
  name: "corpus.wiring.wide",
  inputs: { n: t.int },
  build: ({ n }) => total({ xs: Array.from({ length: 99 }, (_, b) => add({ a: n, b })) }),
});

export const told = workflow({
  name: "corpus.wiring.told",
  description: "Adds.",
  docs: { text: "It **adds**.", format: "markdown", source: "https://example.com/wiring.ts", tags: ["a", "b"] },
  inputs: { n: t.int.describe("what is added to") },
  interruptible: true,
  failurePolicy: "fail-after-executable-nodes-complete",
  build: ({ n }) => add({ a: n }),
});

export const overridden = workflow({
  name: "corpus.wiring.overridden",
  inputs: { n: t.int },
  build: ({ n }) => {
    const first = add({ a: n }).withOverrides({ nodeName: "first", name: "shown", retries: 3, timeout: 60_000 });
    const second = add({ a: first, b: 2 }).withOverrides({ aliases: { o0: "sum" }, interruptible: true });
    const third = add({ a: second }).withOverrides({
      requests: { cpu: "100m", memory: "64Mi" },
      limits: { cpu: "1", memory: "128Mi" },
      cache: { version: "2", serialize: true },
      containerImage: "example.invalid/other:2",
    });
    return add({ a: third }).withOverrides({ cache: false, podTemplate: { labels: { a: "b" } }, sharedMemory: "1Gi" });
  },
});
