import { graphMermaid, graphText } from "@flyte-ts/cli";
import { approve, conditional, sleep, t, task, waitForInput, workflow } from "@flyte-ts/core";
import { expect, test } from "vitest";

const left = task({ name: "left", inputs: { a: t.int }, output: t.int, run: ({ a }) => a });
const right = task({ name: "right", inputs: { a: t.int }, output: t.int, run: ({ a }) => a });
const tidy = task({ name: "tidy", inputs: { x: t.int }, run: () => {} });

const choice = workflow({
  name: "choice",
  inputs: { x: t.int },
  build: ({ x }) =>
    conditional("size")
      .if(x.gt(1).and(x.lt(9).or(x.eq(20))), () => left({ a: x }))
      .else(() => right({ a: x })),
});

test("a conditional stands above its ways, and what uses it below them", () => {
  expect(graphText(choice)).toBe(
    `
choice(x: int)

         ╭───────────╮
         │ inputs: x │
         ╰─────┬─────╯
               ├─────────────╮
               ▼             │
╭───────────────────────╮    │
│ n0 size (conditional) │    │
╰──────────────┬────────╯    │
       ╭───────┴─────────────┤
       ├─────────────────────┤
       ▼                     ▼
┌────────────┐  ┌─────────────┐
│ n0-n0 left │  │ n0-n1 right │
└──────┬─────┘  └────────────┬┘
       ╰───────╮             │
               ├─────────────╯
               ▼
        ╭─────────────╮
        │ outputs: o0 │
        ╰─────────────╯

n0 size      if x > 1 and (x < 9 or x == 20): n0-n0, else: n0-n1
n0-n0 left   a = x
n0-n1 right  a = x
outputs      o0: int = n0.o0`.trimStart(),
  );
});

test("Mermaid's flowchart says when a way is taken", () => {
  expect(graphMermaid(choice)).toBe(
    `
flowchart TD
  workflow_inputs(["x"])
  n0{"n0 size (conditional)"}
  n0_n0["n0-n0 left"]
  n0_n1["n0-n1 right"]
  workflow_outputs(["o0"])
  workflow_inputs -- "x" --> n0
  n0 -- "if x > 1 and (x < 9 or x == 20)" --> n0_n0
  workflow_inputs -- "x → a" --> n0_n0
  n0 -- "else" --> n0_n1
  workflow_inputs -- "x → a" --> n0_n1
  n0_n0 -- "o0" --> workflow_outputs
  n0_n1 -- "o0" --> workflow_outputs`.trimStart(),
  );
});

test("gates and failure handlers are shown as what they are", () => {
  const gated = workflow({
    name: "gated",
    inputs: { x: t.int },
    onFailure: tidy,
    build: ({ x }) => {
      const chosen = conditional("c")
        .if(x.eq(1), () => left({ a: x }))
        .fail("x is not 1");
      const last = right({ a: approve(left({ a: chosen }), "ok", { timeout: 60_000 }) });
      sleep(1500).runsBefore(last);
      return { last, more: waitForInput("more", t.float) };
    },
  });
  const text = graphText(gated);
  expect(text).toContain("╭─────────────────╮");
  expect(text.split("\n").slice(-10)).toEqual([
    "",
    'n0 c           if x == 1: n0-n0, else: fails with "x is not 1"',
    "n0-n0 left     a = x",
    "n1 left        a = n0.o0",
    "n2 ok          o0 = n1.o0, waits for approval, 60 s at most",
    "n3 right       a = n2.o0, after n4",
    "n4 sleep-gate  sleeps 1.5 s",
    "n5 more        waits for float, 3600 s at most",
    "fn0 tidy       on failure, x = x",
    "outputs        last: int = n3.o0, more: float = n5.o0",
  ]);
  expect(graphMermaid(gated)).toContain('n2{{"n2 ok (approve)"}}');
  expect(graphMermaid(gated)).toContain('fn0["fn0 tidy (on failure)"]');
});
