/** What mistakes are made in: it is registered as it is, and then again with one thing changed. */
import { conditional, launchPlan, mapTask, t, task, workflow } from "@flyte-ts/core";

export const int = task({ name: "right.int", inputs: { x: t.int }, output: t.int, run: ({ x }) => x });
export const float = task({ name: "right.float", inputs: { x: t.float }, output: t.float, run: ({ x }) => x });
export const text = task({ name: "right.text", inputs: { x: t.string }, output: t.string, run: ({ x }) => x });
export const list = task({
  name: "right.list",
  inputs: { x: t.list(t.int) },
  output: t.list(t.int),
  run: ({ x }) => x,
});
const color = t.enum(["red", "blue"]);
export const many = task({
  name: "right.many",
  inputs: {
    xs: t.list(t.int),
    color,
    maybe: t.optional(t.int),
    point: t.object({ x: t.int }, "Point"),
    csv: t.file("csv"),
    rows: t.dataset({ columns: { id: t.int } }),
  },
  outputs: {
    maybe: t.optional(t.int),
    point: t.object({ x: t.int }, "Point"),
    txt: t.file("txt"),
    rows: t.dataset({ columns: { name: t.string } }),
    color,
    flag: t.boolean,
  },
  run: () => {
    throw new Error("nobody runs it");
  },
});

export const chain = workflow({
  name: "right.chain",
  inputs: { n: t.int },
  build: ({ n }) => int({ x: int({ x: n }) }),
});

export const kinds = workflow({
  name: "right.kinds",
  inputs: { s: t.string, csv: t.file("csv"), rows: t.dataset({ columns: { id: t.int } }) },
  build: ({ s, csv, rows }) => {
    const made = many({ xs: [1, 2], color: "red", maybe: 1, point: { x: 1 }, csv, rows });
    return { x: int({ x: made.point.at("x") }), s: text({ x: s }), listed: list({ x: [3] }) };
  },
});

export const choice = workflow({
  name: "right.choice",
  inputs: {
    n: t.int,
    f: t.float,
    b: t.boolean,
    when: t.datetime,
    color,
    other: color,
    maybe: t.optional(t.int),
    xs: t.list(t.int),
  },
  build: ({ n, f, b, when, color, other }) => {
    const first = int({ x: n });
    const chosen = conditional("size")
      .if(n.gt(1), () => int({ x: first }))
      .elif(f.gt(0.5).or(b.isTrue()), () => int({ x: n }))
      .elif(color.eq(other).and(when.gt(new Date(0))), () => int({ x: 3 }))
      .else(() => int({ x: 4 }));
    return int({ x: chosen });
  },
});

export const tidy = task({ name: "right.tidy", inputs: { n: t.int, err: t.optional(t.error) }, run: () => {} });
export const handled = workflow({
  name: "right.handled",
  inputs: { n: t.int },
  onFailure: tidy,
  build: ({ n }) => int({ x: n }),
});

export const plan = launchPlan({
  name: "right.plan",
  workflow: chain,
  fixed: { n: 3 },
});
export const open = launchPlan({ name: "right.open", workflow: chain, defaults: { n: 2 } });
const dated = workflow({
  name: "right.dated",
  inputs: { at: t.datetime, n: t.int.default(1) },
  build: ({ n }) => int({ x: n }),
});
export const scheduled = launchPlan({
  name: "right.scheduled",
  workflow: dated,
  schedule: { every: { hours: 1 }, kickoffInput: "at" },
  notifications: [{ phases: ["failed"], email: ["ada@example.com"] }],
  labels: { team: "right" },
});
export const started = workflow({
  name: "right.started",
  inputs: { n: t.int },
  build: ({ n }) => {
    plan();
    return launchPlan({ workflow: chain })({ n });
  },
});

export const mapped = workflow({
  name: "right.mapped",
  inputs: { xs: t.list(t.int) },
  build: ({ xs }) => mapTask(int)({ x: xs }),
});

const pair = task({
  name: "right.pair",
  inputs: { x: t.list(t.int) },
  outputs: { a: t.list(t.int), b: t.list(t.int) },
  run: ({ x }) => ({ a: x, b: x }),
});
export const pairs = workflow({
  name: "right.pairs",
  inputs: { xs: t.list(t.int) },
  build: ({ xs }) => pair({ x: xs }),
});

export const inside = workflow({
  name: "right.inside",
  inputs: { n: t.int },
  build: ({ n }) => chain({ n }),
});

export const sized = task({
  name: "right.sized",
  inputs: { x: t.int },
  output: t.int,
  resources: { requests: { cpu: "1", memory: "1Gi", gpu: 1 }, limits: { cpu: "2", memory: "2Gi", gpu: 1 } },
  cache: "1",
  run: ({ x }) => x,
});
export const podded = task({
  name: "right.podded",
  inputs: { x: t.int },
  output: t.int,
  podTemplate: { spec: { containers: [{ name: "side", image: "busybox:1" }] } },
  run: ({ x }) => x,
});

/** All of them, and what stands in none of the others. */
export const rights = [
  chain,
  kinds,
  choice,
  handled,
  started,
  mapped,
  pairs,
  inside,
  open,
  scheduled,
  sized,
  podded,
  float,
] as const;
