import { toJson } from "@bufbuild/protobuf";
import {
  type AnyEntity,
  approve,
  compile,
  conditional,
  imperativeWorkflow,
  sleep,
  t,
  task,
  waitForInput,
  workflow,
} from "@flyte-ts/core";
import { WorkflowSpecSchema } from "@flyte-ts/idl/admin";
import { expect, test } from "vitest";
import { callPython } from "../src/python.ts";

/** The same ones are in `python/flow.py`. */
const double = task({
  name: "flow.double",
  inputs: { n: t.float },
  output: t.float,
  retries: 1,
  timeout: 5000,
  run: ({ n }) => 2 * n,
});
const square = task({ name: "flow.square", inputs: { n: t.float }, output: t.float, run: ({ n }) => n * n });
const note = task({ name: "flow.note", inputs: { text: t.string }, run: () => {} });
const cleanUp = task({
  name: "flow.clean_up",
  inputs: { n: t.float, err: t.optional(t.error) },
  run: () => {},
});
const both = workflow({
  name: "flow.both",
  inputs: { n: t.float },
  build: ({ n }) => square({ n: double({ n }) }),
});

const nested = workflow({
  name: "flow.nested",
  inputs: { n: t.float },
  build: ({ n }) =>
    conditional("fractions")
      .if(n.gt(0.1).and(n.lt(1)), () =>
        conditional("inner_fractions")
          .if(n.lt(0.5), () => double({ n }))
          .elif(n.gt(0.5).and(n.lt(0.7)), () => square({ n }))
          .fail("Only <0.7 allowed"),
      )
      .elif(n.gt(1).or(n.lt(10).and(n.ne(3))), () => square({ n }))
      .else(() => both({ n })),
});

const kinds = workflow({
  name: "flow.kinds",
  inputs: { i: t.int, s: t.string, b: t.boolean, when: t.datetime, took: t.duration, low: t.float },
  build: ({ i, s, b, when, took, low }) => {
    const doubled = double({ n: low });
    const write = (text: string) => () => note({ text });
    conditional("kinds")
      .if(i.gte(3).and(s.eq("x")), write("a"))
      .elif(b.isTrue(), write("b"))
      .elif(when.gt(new Date("2024-01-02T03:04:05Z")).and(took.lte(90_000)), write("c"))
      .elif(doubled.o0.gt(low), write("d"))
      .else(write("e"));
  },
});

const gated = workflow({
  name: "flow.gated",
  inputs: { n: t.float },
  build: ({ n }) => {
    const first = double({ n });
    square({ n: waitForInput("how-much", t.float, { timeout: 600_000 }) });
    const pause = sleep(2000);
    const last = square({ n: approve(first, "go-on", { timeout: 300_000 }) });
    pause.runsBefore(first);
    return last;
  },
});

const handled = workflow({
  name: "flow.handled",
  description: "Handles failures.",
  docs: { text: "All of them." },
  inputs: { n: t.float },
  onFailure: cleanUp,
  failurePolicy: "fail-after-executable-nodes-complete",
  interruptible: true,
  build: ({ n }) => both({ n }),
});

const imperative = imperativeWorkflow("flow.imperative");
const n = imperative.addInput("n", t.float);
const one = imperative.addEntity(double, { n });
const two = imperative.addEntity(both, { n: one });
imperative.addEntity(note, { text: "x" });
imperative.addOutput("one", one);
imperative.addOutput("all", [one, two], t.list(t.float));

const place = { project: "p", domain: "d", version: "v" };

/** flytekit names what it finds by the module's path, which is here that of its folder in the checkout. */
const theirs = callPython<Record<string, object>>("flow", place).then(
  (answer) =>
    JSON.parse(JSON.stringify(answer).replaceAll(/(interop\.python\.)+(flow\.)+/g, "flow.")) as Record<string, object>,
);

type Json = Record<string, unknown>;
interface Spec extends Json {
  readonly template: Json;
  readonly description?: Json;
}

/**
 * What may differ: flytekit gives a workflow without a docstring an empty description, and lists the nodes upstream of
 * another in the order of a Python set.
 */
function compared({ description, template, ...rest }: Spec): unknown {
  const described = description?.shortDescription === undefined ? {} : { description };
  return JSON.parse(JSON.stringify({ ...rest, ...described, template }), (key, item: unknown) =>
    key === "upstreamNodeIds" ? [...(item as string[])].sort() : item,
  );
}

test.each<[string, AnyEntity]>(Object.entries({ nested, kinds, gated, handled, imperative }))(
  "%s is what flytekit makes of it, field by field",
  async (name, flow) => {
    const { workflows } = await compile(flow, { ...place, module: "wf.ts", image: "img:1" });
    const ours = workflows.find(({ template }) => template?.id?.name === `flow.${name}`);
    const theirSpec = (await theirs)[name] as Spec;
    expect(compared(toJson(WorkflowSpecSchema, ours as never) as never)).toEqual(compared(theirSpec));
  },
);
