/** Workflows that mix features, and what no other suite runs on a real Flyte. */
import { conditional, launchPlan, mapTask, PreciseDate, type SecretRequest, t, task, workflow } from "@flyte-ts/core";

const add = task({
  name: "interop.mixed.add",
  inputs: { a: t.int, b: t.int.default(1) },
  output: t.int,
  interruptible: true,
  cache: "1",
  run: ({ a, b }) => a + b,
});
const total = task({
  name: "interop.mixed.total",
  inputs: { rows: t.list(t.list(t.int)), named: t.map(t.int) },
  output: t.int,
  run: ({ rows, named }) => [...rows.flat(), ...Object.values(named)].reduce((sum, x) => sum + x, 0),
});
const shape = t.object({ corner: t.object({ x: t.int, at: t.datetime }), names: t.map(t.list(t.string)) }, "Shape");
const shapes = task({
  name: "interop.mixed.shapes",
  inputs: { x: t.int },
  outputs: { shape, all: t.list(shape) },
  run: ({ x }) => {
    const made = { corner: { x, at: new Date("2024-02-29T12:30:00.250Z") }, names: { first: ["a", "b"] } };
    return { shape: made, all: [made] };
  },
});
const described = task({
  name: "interop.mixed.described",
  inputs: {
    corner: t.object({ x: t.int, at: t.datetime }, "Corner"),
    at: t.datetime,
    name: t.string,
    maybe: t.optional(t.int),
    either: t.union(t.int, t.string),
  },
  output: t.string,
  run: ({ corner, at, name, maybe, either }) =>
    [corner.x, corner.at.toISOString(), at.toISOString(), name, maybe, either].join(" "),
});

const twice = workflow({
  name: "interop.mixed.twice",
  inputs: { n: t.int },
  build: ({ n }) => add({ a: n, b: n }),
});
const four = workflow({
  name: "interop.mixed.four",
  inputs: { n: t.int },
  interruptible: true,
  build: ({ n }) => ({ sum: twice({ n: twice({ n }) }), n }),
});

/** Workflows in workflows, parts of values, lists and maps of outputs, what may be missing, and an order. */
export const wired = workflow({
  name: "interop.mixed.wired",
  inputs: { n: t.int, maybe: t.optional(t.int), either: t.union(t.int, t.string) },
  build: ({ n, maybe, either }) => {
    const { sum } = four({ n });
    const made = shapes({ x: sum });
    const text = described({
      corner: made.shape.at("corner"),
      at: made.all.at(0, "corner", "at"),
      name: made.all.at(0, "names", "first").at(1),
      maybe,
      either,
    });
    const all = total({ rows: [[n, sum, 3], []], named: { sum, "made up": 4 } });
    text.runsBefore(all);
    return { text, all, x: made.shape.at("corner", "x"), n };
  },
});

const each = mapTask(add, { bound: ["b"] });
const mapped = workflow({
  name: "interop.mixed.mapped",
  inputs: { ns: t.list(t.int), n: t.int },
  build: ({ ns, n }) =>
    conditional("map")
      .if(n.gt(10), () => each({ a: ns, b: n }))
      .else(() => each({ a: [1], b: 0 })),
});
const started = launchPlan({ name: "interop.mixed.started", workflow: twice, fixed: { n: 21 } });

/** A map in a branch of a workflow inside, and a launch plan or a workflow as the ways of another. */
export const chosen = workflow({
  name: "interop.mixed.chosen",
  inputs: { n: t.int },
  build: ({ n }) => {
    const all = mapped({ ns: [n, add({ a: n })], n });
    const way = conditional("way")
      .if(n.gt(10), () => started())
      .else(() => twice({ n }));
    return { all: all.o0, way: way.o0, first: all.o0.at(0) };
  },
});

const said = task({
  name: "interop.mixed.said",
  inputs: { at: t.datetime, word: t.string },
  output: t.string,
  run: ({ at, word }) => `${word} ${at instanceof PreciseDate ? at.nanoseconds : at.toISOString()}`,
});
const daily = workflow({
  name: "interop.mixed.daily",
  inputs: { at: t.datetime, word: t.string.default("at") },
  build: ({ at, word }) => said({ at, word }),
});
/** What a scheduler would start, with the time of the start. */
export const scheduled = launchPlan({
  name: "interop.mixed.scheduled",
  workflow: daily,
  defaults: { word: "on" },
  schedule: { cron: "0 6 * * *", kickoffInput: "at" },
});

const idle = task({
  name: "interop.mixed.idle",
  inputs: { marks: t.string },
  output: t.int,
  timeout: 3000,
  run: async ({ marks }, { signal, storage, clock }) => {
    await storage.write(`${marks}/began`, Buffer.from("began"));
    await clock.sleep(600_000, { signal }).catch(() => {});
    return 1;
  },
});
/** Takes longer than it may. */
export const late = workflow({
  name: "interop.mixed.late",
  inputs: { marks: t.string },
  build: ({ marks }) => idle({ marks }),
});

const token = { group: "interop", key: "token" };
/** A task that asks for the secret in one way. */
const asking = (how: string, secret: Omit<SecretRequest, "key">) =>
  task({
    name: `interop.mixed.secret-${how}`,
    output: t.string,
    secrets: [{ ...token, ...secret }],
    run: (_, { secrets }) => secrets.get(token),
  });
const [byVariable, byFile, byAny] = [
  asking("by-variable", { mount: "env" }),
  asking("by-file", { mount: "file" }),
  asking("by-any", { mount: "any" }),
];
const byName = task({
  name: "interop.mixed.secret-by-name",
  output: t.string,
  secrets: [{ ...token, mount: "env", envVar: "INTEROP_NAMED_TOKEN" }],
  run: () => process.env.INTEROP_NAMED_TOKEN ?? "nothing",
});
/** Secrets, however they reach a task. */
export const secretive = workflow({
  name: "interop.mixed.secretive",
  build: () => ({ variable: byVariable(), file: byFile(), any: byAny(), named: byName() }),
});

const failing = task({
  name: "interop.mixed.failing",
  inputs: { n: t.int },
  output: t.int,
  run: ({ n }) => {
    throw new RangeError(`${n} is out of range`);
  },
});
const mended = workflow({
  name: "interop.mixed.mended",
  inputs: { n: t.int, err: t.optional(t.error) },
  build: ({ n }) => add({ a: twice({ n }) }),
});
const fragile = workflow({
  name: "interop.mixed.fragile",
  inputs: { n: t.int },
  onFailure: mended,
  build: ({ n }) => failing({ n }),
});
/** A workflow inside fails, whose failure handler is a workflow. */
export const broken = workflow({
  name: "interop.mixed.broken",
  inputs: { n: t.int },
  failurePolicy: "fail-after-executable-nodes-complete",
  build: ({ n }) => {
    add({ a: n });
    return fragile({ n });
  },
});
