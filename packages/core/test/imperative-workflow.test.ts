import { toJson } from "@bufbuild/protobuf";
import {
  compile,
  imperativeWorkflow,
  type NodeOutput,
  type SerializationSettings,
  sleep,
  t,
  task,
  workflow,
} from "@flyte-ts/core";
import { WorkflowTemplateSchema } from "@flyte-ts/idl/core";
import { expect, expectTypeOf, test } from "vitest";

const settings: SerializationSettings = { project: "p", domain: "d", version: "v", module: "m.ts", image: "i:1" };
const t1 = task({ name: "t1", inputs: { a: t.string }, output: t.string, run: ({ a }) => `${a} world` });
const t2 = task({ name: "t2", run: () => {} });
const pair = task({
  name: "pair",
  inputs: { xs: t.list(t.string) },
  outputs: { first: t.string, count: t.int },
  run: ({ xs }) => ({ first: xs[0] ?? "", count: xs.length }),
});

test("a workflow put together call by call is the one that a function would wire", async () => {
  const wf = imperativeWorkflow("my.workflow", { description: "as in flytekit's documents" });
  const in1 = wf.addInput("in1", t.string);
  expectTypeOf(in1).toEqualTypeOf<NodeOutput<string>>();
  expect(wf.ready).toBe(false);
  const node = wf.addEntity(t1, { a: in1 });
  expectTypeOf(node.o0).toEqualTypeOf<NodeOutput<string>>();
  wf.addTask(t2);
  wf.addOutput("from_n0t1", node.outputs.o0);
  expect(wf.ready).toBe(true);

  const equivalent = workflow({
    name: "my.workflow",
    description: "as in flytekit's documents",
    inputs: { in1: t.string },
    build: ({ in1 }) => {
      const x = t1({ a: in1 });
      t2();
      return { from_n0t1: x };
    },
  });
  const sent = async (flow: typeof wf | typeof equivalent) => (await compile(flow, settings)).workflows;
  expect(await sent(wf)).toEqual(await sent(equivalent));
  expect(await wf({ in1: "hello" })).toEqual({ from_n0t1: "hello world" });
});

test("it takes lists of outputs, conditionals, gates, workflows inside, a failure handler, and stands in others", async () => {
  const handled: unknown[] = [];
  const handler = task({ name: "handler", inputs: { n: t.int }, run: ({ n }) => void handled.push(n) });
  const inner = workflow({ name: "inner", inputs: { a: t.string }, build: ({ a }) => t1({ a }) });
  const wf = imperativeWorkflow("all", { failurePolicy: "fail-after-executable-nodes-complete" });
  const n = wf.addInput("n", t.int.default(1));
  const a = wf.addEntity(t1, { a: "a" });
  const chosen = wf
    .createConditional("size")
    .if(n.gt(1), () => inner({ a: "big" }))
    .elif(n.eq(1), () => t1({ a: "one" }))
    .fail("too small");
  const sub = wf.addSubWorkflow(inner, { a: chosen });
  const rest = wf.addEntity(pair, { xs: [a, "x"] });
  wf.add(() => sleep(1)).runsBefore(rest);
  wf.addFailureHandler(handler);
  wf.addOutput("list", [a, chosen.o0, sub], t.list(t.string));
  wf.addOutput("count", rest.count);
  expect(await wf()).toEqual({ list: ["a world", "one world", "one world world"], count: 2 });
  await expect(wf({ n: 0 })).rejects.toThrow("too small");
  expect(handled).toEqual([0]);
  const outer = workflow({ name: "outer", build: () => ({ count: wf({ n: 2 }).outputs.count as NodeOutput<number> }) });
  expect(await outer()).toEqual({ count: 2 });
  const { workflows } = await compile(outer, settings);
  expect(workflows.at(-1)?.subWorkflows.map(({ id }) => id?.name)).toEqual(["all", "inner"]);
  const all = workflows.find(({ template }) => template?.id?.name === "all");
  expect(toJson(WorkflowTemplateSchema, all?.template as never)).toMatchObject({
    metadata: { onFailure: "FAIL_AFTER_EXECUTABLE_NODES_COMPLETE" },
    failureNode: { id: "efn", inputs: [{ var: "n", binding: { promise: { var: "n" } } }] },
  });
});

test("what is wrong is named", async () => {
  const wf = imperativeWorkflow("wf");
  await expect(compile(wf, settings)).rejects.toThrow(/workflow wf has no node: add an entity/);
  const a = wf.addInput("a", t.string);
  expect(() => wf.addInput("a", t.string)).toThrow(/workflow wf has the input "a" already/);
  const call = wf.addEntity(t1, { a });
  wf.addOutput("x", call);
  expect(() => wf.addOutput("x", call)).toThrow(/has the output "x" already/);
  expect(() => wf.addOutput("y", [call])).toThrow(/output "y": what is no output of a call needs its type/);
  expect(() => wf.addOutput("then", call)).toThrow(/no output may be called "then"/);
  expect(() => wf.addFailureHandler(t2)).toThrow(/the failure handler t2 has no input "a"/);
  expect(() => workflow({ name: "other", build: () => void wf.addEntity(t2) })).toThrow(/while another workflow/);
  expect(() => workflow({ name: "other", build: () => t1({ a: call }) })).toThrow(/does not belong to this workflow/);
  const open = imperativeWorkflow("open");
  const n = open.addInput("n", t.int);
  open.addEntity(t2);
  open.createConditional("c").if(n.gt(1), () => t2());
  await expect(compile(open, settings)).rejects.toThrow(/conditional "c" has no end/);
  const wrong = (): void => {
    // @ts-expect-error the input is missing
    wf.addEntity(t1, {});
    // @ts-expect-error an int is no string
    wf.addEntity(t1, { a: wf.addInput("n", t.int) });
  };
  expect(wrong).toBeTypeOf("function");
});
