/** Conditionals: what they look at, what their ways are, and where they stand. */
import { approve, conditional, launchPlan, mapTask, t, task, waitForInput, workflow } from "@flyte-ts/core";
import { add, flag, note, one, scale, shout, twice } from "./parts.ts";

export const sizes = workflow({
  name: "corpus.choices.sizes",
  inputs: { n: t.int },
  build: ({ n }) =>
    conditional("size")
      .if(n.gt(10), () => add({ a: n }))
      .elif(n.gte(5), () => add({ a: n, b: 2 }))
      .elif(n.lt(0), () => twice({ n }))
      .elif(n.lte(1), () => add({ a: 0 }))
      .else(() => one()),
});

export const failing = workflow({
  name: "corpus.choices.failing",
  inputs: { n: t.int },
  build: ({ n }) =>
    conditional("only")
      .if(n.eq(1), () => add({ a: n }))
      .fail("n is not 1"),
});

const seen = task({
  name: "corpus.choices.seen",
  outputs: {
    i: t.int,
    f: t.float,
    s: t.string,
    b: t.boolean,
    when: t.datetime,
    took: t.duration,
    big: t.bigint,
    color: t.enum(["red", "blue"]),
    other: t.enum(["red", "blue"]),
    day: t.date,
  },
  run: (_) => {
    const when = new Date(0);
    return { i: 1, f: 1, s: "", b: true, when, took: 0, big: 1n, color: "red", other: "red", day: when };
  },
});
export const kinds = workflow({
  name: "corpus.choices.kinds",
  build: () => {
    const { i, f, s, b, when, took, big, color, other, day } = seen();
    return conditional("kinds")
      .if(i.eq(1).and(f.ne(1)), () => one())
      .elif(s.eq("x").or(s.gt("a")), () => one())
      .elif(b.isTrue().or(b.isFalse()), () => one())
      .elif(when.lt(new Date("2024-01-01")).and(day.gte(new Date("2024-01-01"))), () => one())
      .elif(took.lte(90_000).and(big.gt(2n ** 60n)), () => one())
      .elif(color.eq(other), () => one())
      .else(() => one());
  },
});

export const variables = workflow({
  name: "corpus.choices.variables",
  inputs: { n: t.int, m: t.int },
  build: ({ n, m }) => {
    const sum = add({ a: n, b: m });
    return conditional("which")
      .if(n.lt(m).and(sum.o0.gt(n).or(m.eq(n))), () => add({ a: sum }))
      .else(() => add({ a: m }));
  },
});

export const nested = workflow({
  name: "corpus.choices.nested",
  inputs: { n: t.int },
  build: ({ n }) => {
    const first = add({ a: n });
    const chosen = conditional("outer")
      .if(n.gt(0), () =>
        conditional("inner")
          .if(first.o0.gt(5), () => add({ a: first }))
          .elif(n.gt(3), () => twice({ n: first }))
          .fail("too small"),
      )
      .else(() => add({ a: first, b: 5 }));
    return add({ a: chosen, b: first });
  },
});

export const silent = workflow({
  name: "corpus.choices.silent",
  inputs: { n: t.int },
  build: ({ n }) => {
    const last = shout({ text: "last" });
    conditional("silent")
      .if(n.gt(0), () => note({ text: "yes" }))
      .else(() => void one())
      .runsBefore(last);
    return last;
  },
});

const narrow = task({
  name: "corpus.choices.narrow",
  outputs: { a: t.int, b: t.string },
  run: () => ({ a: 1, b: "" }),
});
const wide = task({
  name: "corpus.choices.wide",
  outputs: { a: t.int, c: t.float },
  run: () => ({ a: 1, c: 2 }),
});
export const common = workflow({
  name: "corpus.choices.common",
  inputs: { n: t.int },
  build: ({ n }) => {
    const chosen = conditional("common")
      .if(n.gt(0), () => narrow())
      .else(() => wide());
    return add({ a: chosen.a });
  },
});

const plan = launchPlan({ name: "corpus.choices.plan", workflow: twice, fixed: { n: 3 } });
const each = mapTask(scale);
export const ways = workflow({
  name: "corpus.choices.ways",
  inputs: { n: t.int, xs: t.list(t.float) },
  build: ({ n, xs }) => {
    conditional("start")
      .if(n.gt(0), () => plan())
      .else(() => launchPlan({ workflow: twice })({ n }));
    conditional("map")
      .if(n.gt(0), () => each({ x: xs }))
      .fail("nothing to map");
    return conditional("wait")
      .if(n.gt(0), () => waitForInput("how-many", t.int))
      .else(() => add({ a: n }));
  },
});

export const behind = workflow({
  name: "corpus.choices.behind",
  inputs: { n: t.int },
  build: ({ n }) => {
    const yes = flag({ n });
    const first = conditional("first")
      .if(yes.o0.isTrue(), () => add({ a: n }))
      .else(() => one());
    const second = conditional("first")
      .if(first.o0.gt(2), () => add({ a: first }))
      .else(() => approve(first, "second-one"));
    return { first: first.o0, second: second.o0 };
  },
});

export const named = workflow({
  name: "corpus.choices.named",
  inputs: { n: t.int },
  build: ({ n }) => {
    const checked = add({ a: n }).withOverrides({ nodeName: "checked" });
    return conditional("named")
      .if(checked.o0.gt(1), () => add({ a: checked }).withOverrides({ nodeName: "taken", retries: 2 }))
      .else(() => one());
  },
});
