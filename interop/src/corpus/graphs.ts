/** Workflows of every form: `python/corpus/graphs.py`. */
import {
  accelerators,
  approve,
  conditional,
  imperativeWorkflow,
  sleep,
  t,
  task,
  waitForInput,
  workflow,
} from "@flyte-ts/core";

const add = task({
  name: "corpus.graphs.add",
  inputs: { a: t.int, b: t.int.default(1) },
  output: t.int,
  run: ({ a, b }) => a + b,
});
const nameIt = task({ name: "corpus.graphs.name_it", inputs: { n: t.int }, output: t.string, run: () => "" });
const split = task({
  name: "corpus.graphs.split",
  inputs: { text: t.string },
  outputs: { head: t.string, tail: t.list(t.string) },
  run: ({ text }) => ({ head: text, tail: [] }),
});
const done = task({ name: "corpus.graphs.done", run: () => {} });

export const twice = workflow({
  name: "corpus.graphs.twice",
  inputs: { n: t.int },
  build: ({ n }) => add({ a: add({ a: n, b: 2 }), b: 3 }),
});
export const fourTimes = workflow({
  name: "corpus.graphs.four_times",
  inputs: { n: t.int },
  build: ({ n }) => {
    const inner = twice({ n: twice({ n }) });
    return { result: inner, text: nameIt({ n: inner }) };
  },
});
export const subs = workflow({
  name: "corpus.graphs.subs",
  description: "Sub-workflows in sub-workflows, one of them used in two places.",
  inputs: { n: t.int },
  build: ({ n }) => {
    const four = fourTimes({ n });
    twice({ n: four.result });
    return four.text;
  },
});
export const several = workflow({
  name: "corpus.graphs.several",
  inputs: { text: t.string },
  build: ({ text }) => {
    const first = split({ text });
    return { first: split({ text: first.head }).head, rest: first.tail, own: text };
  },
});
export const order = workflow({
  name: "corpus.graphs.order",
  inputs: { n: t.int },
  build: ({ n }) => {
    const first = done();
    const second = nameIt({ n });
    const third = done();
    first.runsBefore(second);
    second.runsBefore(third);
    first.runsBefore(third);
  },
});
export const lasting = workflow({
  name: "corpus.graphs.lasting",
  inputs: { n: t.int },
  interruptible: true,
  failurePolicy: "fail-after-executable-nodes-complete",
  build: ({ n }) => twice({ n }),
});

export const ways = workflow({
  name: "corpus.graphs.ways",
  inputs: { n: t.int, text: t.string, sure: t.boolean },
  build: ({ n, text, sure }) => {
    const first = conditional("first")
      .if(n.eq(1), () => nameIt({ n }))
      .elif(n.gt(10), () => nameIt({ n: 10 }))
      .fail("no way");
    const second = conditional("second")
      .if(text.eq("a").and(sure.isFalse()), () => add({ a: n }))
      .elif(text.ne("b").or(n.gte(2).and(n.lte(5))), () => twice({ n }))
      .else(() => add({ a: n, b: n }));
    return { first, second };
  },
});
export const waysByOutputs = workflow({
  name: "corpus.graphs.ways_by_outputs",
  inputs: { n: t.int },
  build: ({ n }) => {
    const four = fourTimes({ n });
    return conditional("result")
      .if(four.result.gt(3), () => nameIt({ n: four.result }))
      .elif(four.text.eq("x"), () => nameIt({ n: 2 }))
      .else(() => nameIt({ n }));
  },
});
export const waysOfSeveral = workflow({
  name: "corpus.graphs.ways_of_several",
  inputs: { text: t.string },
  build: ({ text }) => {
    const chosen = conditional("chosen")
      .if(text.eq("a"), () => split({ text: "a" }))
      .else(() => split({ text }));
    return { head: chosen.head, tail: chosen.tail };
  },
});
export const waysInWays = workflow({
  name: "corpus.graphs.ways_in_ways",
  inputs: { n: t.int },
  build: ({ n }) =>
    conditional("outer")
      .if(n.lt(0), () =>
        conditional("inner")
          .if(n.lt(-10), () => add({ a: n, b: 10 }))
          .elif(n.lt(-5), () =>
            conditional("innermost")
              .if(n.eq(-7), () => twice({ n }))
              .else(() => add({ a: n })),
          )
          .fail("between -5 and 0"),
      )
      .else(() => twice({ n })),
});
export const subWithWays = workflow({
  name: "corpus.graphs.sub_with_ways",
  inputs: { n: t.int },
  build: ({ n }) => add({ a: waysInWays({ n }), b: waysInWays({ n: 1 }) }),
});

export const gates = workflow({
  name: "corpus.graphs.gates",
  inputs: { n: t.int },
  build: ({ n }) => {
    const made = add({ a: n });
    const when = waitForInput("when", t.datetime, { timeout: 2 * 3_600_000 });
    const words = waitForInput("words", t.list(t.string), { timeout: 86_400_000 });
    const approved = approve(made, "check", { timeout: 60_000 });
    const pause = sleep(5 * 3_600_000);
    words.runsBefore(pause);
    return { result: add({ a: approved, b: made }), when };
  },
});

export const overrides = workflow({
  name: "corpus.graphs.overrides",
  inputs: { n: t.int },
  build: ({ n }) => {
    const one = add({ a: n }).withOverrides({
      nodeName: "first-one",
      name: "shown",
      requests: { cpu: "1", memory: "500Mi" },
      limits: { cpu: "2", memory: "1Gi", gpu: "1", ephemeralStorage: "3Gi" },
      timeout: 90_000,
      retries: 4,
      interruptible: true,
      containerImage: "ghcr.io/example/fast:3",
      accelerator: accelerators.L4,
      sharedMemory: "1Gi",
    });
    const two = add({ a: one, b: 2 }).withOverrides({ cache: { version: "7", serialize: true } });
    const three = add({ a: two }).withOverrides({ requests: { memory: "2Gi" }, timeout: 0, interruptible: false });
    return add({ a: three }).withOverrides({
      podTemplate: {
        primaryContainerName: "main",
        labels: { a: "b" },
        spec: { containers: [{ name: "main", workingDir: "/work" }] },
      },
    });
  },
});
export const overrideSubs = workflow({
  name: "corpus.graphs.override_subs",
  inputs: { n: t.int },
  build: ({ n }) => twice({ n }).withOverrides({ nodeName: "sub", name: "sub shown", interruptible: true }),
});
export const aliased = workflow({
  name: "corpus.graphs.aliased",
  inputs: { text: t.string },
  build: ({ text }) => {
    const made = split({ text }).withOverrides({ aliases: { head: "beginning" } });
    return { head: split({ text }).head, rest: made.tail };
  },
});

const report = task({
  name: "corpus.graphs.report",
  inputs: { n: t.int, extra: t.optional(t.string), err: t.optional(t.error) },
  output: t.string,
  run: () => "",
});
const reportAll = workflow({
  name: "corpus.graphs.report_all",
  inputs: { n: t.int, err: t.optional(t.error) },
  build: ({ n, err }) => report({ n, err }),
});
export const handledByTask = workflow({
  name: "corpus.graphs.handled_by_task",
  inputs: { n: t.int },
  onFailure: report,
  build: ({ n }) => twice({ n }),
});
export const handledByWorkflow = workflow({
  name: "corpus.graphs.handled_by_workflow",
  inputs: { n: t.int },
  onFailure: reportAll,
  build: ({ n }) => add({ a: n }),
});

export const built = imperativeWorkflow("corpus.graphs.built", {
  failurePolicy: "fail-after-executable-nodes-complete",
});
const given = built.addInput("n", t.int);
built.addInput("texts", t.list(t.string));
const made = built.addEntity(add, { a: given, b: 5 });
const sub = built.addEntity(fourTimes, { n: made });
const last = built.addEntity(done);
built.add(() => made.runsBefore(last));
built.addOutput("text", sub.text);
built.addOutput("texts", [sub.text, sub.text], t.list(t.string));
built.addOutput("by_name", { made }, t.map(t.int));

export const builtHandled = imperativeWorkflow("corpus.graphs.built_handled");
const handledInput = builtHandled.addInput("n", t.int);
builtHandled.addOutput("o0", builtHandled.addEntity(twice, { n: handledInput }));
builtHandled.addFailureHandler(report);
