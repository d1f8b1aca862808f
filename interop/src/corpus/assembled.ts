/** Imperative workflows. */
import { approve, imperativeWorkflow, launchPlan, sleep, t, waitForInput } from "@flyte-ts/core";
import { add, maybe, note, one, split, tidy, total, twice } from "./parts.ts";

export const simple = imperativeWorkflow("corpus.assembled.simple", { description: "Put together call by call." });
{
  const n = simple.addInput("n", t.int);
  simple.addOutput("sum", simple.addTask(add, { a: simple.addEntity(add, { a: n }), b: n }));
}

export const lists = imperativeWorkflow("corpus.assembled.lists", { interruptible: true });
{
  const text = lists.addInput("text", t.string.default("a b"));
  const xs = lists.addInput("xs", t.list(t.int));
  const { first, rest } = lists.addEntity(split, { text }).outputs;
  const sum = lists.addEntity(total, { xs });
  lists.addOutput("words", [first, rest.at(0), "last"], t.list(t.string));
  lists.addOutput("named", { sum, one: lists.addEntity(one) }, t.map(t.int));
  lists.addOutput("rest", rest);
}

export const chosen = imperativeWorkflow("corpus.assembled.chosen", {
  failurePolicy: "fail-after-executable-nodes-complete",
});
{
  const n = chosen.addInput("n", t.int);
  const first = chosen.addEntity(add, { a: n });
  const way = chosen
    .createConditional("way")
    .if(first.o0.gt(3), () => add({ a: first }))
    .else(() => twice({ n }));
  chosen.addFailureHandler(tidy);
  chosen.addOutput("way", way.o0);
}

export const gated = imperativeWorkflow("corpus.assembled.gated");
{
  const made = gated.add(() => {
    const more = waitForInput("more", t.int);
    const sum = add({ a: approve(one(), "go-on"), b: more });
    sleep(1000).runsBefore(sum);
    return sum;
  });
  gated.addOutput("sum", made);
}

export const holding = imperativeWorkflow("corpus.assembled.holding");
{
  const n = holding.addInput("n", t.int);
  const inner = holding.addSubWorkflow(simple, { n });
  const started = holding.addLaunchPlan(launchPlan({ workflow: twice }), { n });
  holding.addEntity(note, { text: "held" });
  holding.addOutput("inner", inner.outputs.sum as typeof started.o0);
  holding.addOutput("started", started);
  holding.addOutput("perhaps", holding.addEntity(maybe, { x: started }));
}
