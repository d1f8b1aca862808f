import { graphMermaid, graphText } from "@flyte-ts/cli";
import { type AnyEntity, t, task, workflow } from "@flyte-ts/core";
import type { Graph } from "@flyte-ts/core/plugin";
import { expect, test } from "vitest";
import { flow, flyteTs, WorkFolder } from "./command.ts";
import { report } from "./flows/report.ts";

const one = (name: string) => task({ name, inputs: { a: t.int }, output: t.int, run: ({ a }) => a });
const two = (name: string) => task({ name, inputs: { a: t.int, b: t.int }, output: t.int, run: ({ a, b }) => a + b });
const [left, right, both] = [one("left"), one("right"), two("both")];

test("a graph is drawn with everything below what it needs, and a list of what goes where", () => {
  expect(graphText(report)).toBe(
    `
report(count: int, factor: int)

  ╭───────────────────────╮
  │ inputs: count, factor │
  ╰───────────┬───────────╯
              ├───────╮
              ▼       │
    ┌────────────┐    │
    │ n0 numbers │    │
    └─────────┬──┘    │
       ╭──────┤       │
       │      ├───────╯
       │      ▼
       │    ┌──────────┐
       │    │ n1 total │
       │    └─┬────────┘
       ├──────╯
       ▼
╭───────────────────────────╮
│ outputs: sum, first, rows │
╰───────────────────────────╯

n0 numbers  count = count
n1 total    rows = n0.o0, factor = factor
outputs     sum: int = n1.sum, first: string = n1.names[0], rows: dataset (n, name) = n0.o0`.trimStart(),
  );
});

const diamond = workflow({
  name: "diamond",
  inputs: { x: t.int },
  build: ({ x }) => both({ a: left({ a: x }), b: right({ a: x }) }),
});

test("branches stand side by side", () => {
  expect(graphText(diamond)).toBe(
    `
diamond(x: int)

      ╭───────────╮
      │ inputs: x │
      ╰─────┬─────╯
     ╭──────┴──────╮
     ▼             ▼
┌─────────┐  ┌──────────┐
│ n0 left │  │ n1 right │
└────┬────┘  └─────┬────┘
     ╰──────╮      │
            ├──────╯
            ▼
       ┌─────────┐
       │ n2 both │
       └────┬────┘
            ▼
     ╭─────────────╮
     │ outputs: o0 │
     ╰─────────────╯

n0 left   a = x
n1 right  a = x
n2 both   a = n0.o0, b = n1.o0
outputs   o0: int = n2.o0`.trimStart(),
  );
});

test("a workflow inside is drawn after the one that uses it; a drawing that is too wide leaves the list alone", () => {
  const outer = workflow({
    name: "outer",
    build: () => {
      const first = left({ a: 1 });
      const second = diamond({ x: 2 });
      first.runsBefore(second);
      return second;
    },
  });
  const text = graphText(outer);
  expect(text).toContain("│ n1 diamond (workflow) │");
  expect(text).toContain("n1 diamond  x = 2, after n0");
  expect(text).toContain("\n\ndiamond(x: int)\n");
  expect(graphText(outer, { width: 20 })).not.toContain("─");
});

test("as a flowchart of Mermaid's", () => {
  expect(graphMermaid(diamond as AnyEntity & { readonly graph: Graph })).toBe(`flowchart TD
  workflow_inputs(["x"])
  n0["n0 left"]
  n1["n1 right"]
  n2["n2 both"]
  workflow_outputs(["o0"])
  workflow_inputs -- "x → a" --> n0
  workflow_inputs -- "x → a" --> n1
  n0 -- "o0 → a" --> n2
  n1 -- "o0 → b" --> n2
  n2 -- "o0" --> workflow_outputs`);
});

test("flyte-ts graph draws the workflow of a file", async () => {
  using folder = new WorkFolder();
  const cwd = folder.path;
  expect((await flyteTs(["graph", flow("report")], { cwd })).stdout).toBe(`${graphText(report)}\n`);
  expect((await flyteTs(["graph", flow("report"), "report", "--mermaid"], { cwd })).stdout).toBe(
    `${graphMermaid(report)}\n`,
  );
});
