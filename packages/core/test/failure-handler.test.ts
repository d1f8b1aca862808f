/** What happens when a node fails: handlers, and the policy for the nodes that could go on. */
import { toJson } from "@bufbuild/protobuf";
import { compile, FlyteContext, type SerializationSettings, t, task, workflow } from "@flyte-ts/core";
import { type NodeEvent, runWorkflowHere, silentLog } from "@flyte-ts/core/plugin";
import { WorkflowTemplateSchema } from "@flyte-ts/idl/core";
import { describe, expect, test } from "vitest";

const settings: SerializationSettings = { project: "p", domain: "d", version: "v", module: "m.ts", image: "i:1" };
const seen: unknown[] = [];
const fails = task({
  name: "fails",
  inputs: { name: t.string },
  run: ({ name }) => {
    throw new RangeError(`no luck, ${name}`);
  },
});
const cleanUp = task({
  name: "clean-up",
  inputs: { name: t.string, err: t.optional(t.error) },
  run: (inputs) => void seen.push(inputs),
});
const build = ({ name }: { name: Parameters<typeof fails>[0]["name"] }) => void fails({ name });
const handled = workflow({ name: "handled", inputs: { name: t.string }, onFailure: cleanUp, build });

describe("a failure handler", () => {
  test("runs on the workflow's inputs and the error, and the workflow still fails with its own", async () => {
    seen.length = 0;
    const events: NodeEvent[] = [];
    const running = runWorkflowHere(handled, { name: "ada" }, { onEvent: (event) => events.push(event) });
    const message = "node n0 (fails): task fails: RangeError: no luck, ada";
    await expect(running).rejects.toMatchObject({ code: "TaskFailed", message });
    expect(seen).toMatchObject([{ name: "ada", err: { failedNodeId: "fn0", message } }]);
    expect(events.map(({ id, phase }) => `${id} ${phase}`)).toEqual([
      "n0 running",
      "n0 failed",
      "fn0 running",
      "fn0 succeeded",
    ]);
  });

  test("of a workflow inside another runs too; what works needs none", async () => {
    seen.length = 0;
    const outer = workflow({ name: "outer", build: () => void handled({ name: "grace" }) });
    await expect(outer()).rejects.toThrow("no luck, grace");
    expect(seen).toHaveLength(1);
    const fine = task({ name: "fine", inputs: { name: t.string }, run: () => {} });
    const works = workflow({
      name: "works",
      inputs: { name: t.string },
      onFailure: cleanUp,
      build: ({ name }) => void fine({ name }),
    });
    await works({ name: "x" });
    expect(seen).toHaveLength(1);
  });

  test("that fails leaves the workflow's own error, and is told of", async () => {
    const flow = workflow({ name: "both", inputs: { name: t.string }, onFailure: fails, build });
    const events: NodeEvent[] = [];
    const running = runWorkflowHere(
      flow,
      { name: "x" },
      { onEvent: (event) => events.push(event), context: new FlyteContext({ log: silentLog }) },
    );
    await expect(running).rejects.toThrow("node n0 (fails)");
    expect(events.at(-1)).toMatchObject({ id: "fn0", phase: "failed" });
  });

  test("is sent beside the nodes, with its task or workflow", async () => {
    const { tasks, workflows } = await compile(handled, settings);
    expect(tasks.map(({ template }) => template?.id?.name).sort()).toEqual(["clean-up", "fails"]);
    const template = toJson(WorkflowTemplateSchema, workflows[0]?.template as never);
    expect(template).toMatchObject({
      nodes: [{ id: "n0" }],
      failureNode: {
        id: "fn0",
        metadata: { name: "clean-up" },
        inputs: [
          { var: "err", binding: { scalar: { union: { type: { simple: "NONE" } } } } },
          { var: "name", binding: { promise: { var: "name" } } },
        ],
        taskNode: { referenceId: { name: "clean-up" } },
      },
    });
    const inner = workflow({ name: "inner", inputs: { name: t.string }, build });
    const flow = workflow({ name: "outer", inputs: { name: t.string }, onFailure: inner, build });
    const compiled = await compile(flow, settings);
    expect(compiled.workflows.at(-1)?.subWorkflows.map(({ id }) => id?.name)).toEqual(["inner"]);
  });

  test("that does not fit is named, and does not compile", () => {
    const less = task({ name: "less", run: () => {} });
    const other = task({ name: "other", inputs: { name: t.int }, run: () => {} });
    const more = task({ name: "more", inputs: { name: t.string, n: t.int }, run: () => {} });
    const wrong = task({ name: "wrong", inputs: { name: t.string, err: t.optional(t.string) }, run: () => {} });
    const inputs = { name: t.string };
    // @ts-expect-error it does not take the workflow's input
    expect(() => workflow({ name: "w", inputs, onFailure: less, build })).toThrow(
      /the failure handler less has no input "name"; it must take all/,
    );
    // @ts-expect-error it takes another type
    expect(() => workflow({ name: "w", inputs, onFailure: other, build })).toThrow(
      /takes int for "name", which is str/,
    );
    // @ts-expect-error it needs more than there is
    expect(() => workflow({ name: "w", inputs, onFailure: more, build })).toThrow(/needs "n", which is no input/);
    expect(() => workflow({ name: "w", inputs, onFailure: wrong, build })).toThrow(
      /it must be t\.optional\(t\.error\)/,
    );
  });
});

test("a policy lets the nodes that do not need the failed one run on", async () => {
  const order: string[] = [];
  const broken = task({
    name: "broken",
    output: t.int,
    run: () => {
      throw new Error("broken");
    },
  });
  const step = task({
    name: "step",
    inputs: { name: t.string, n: t.optional(t.int) },
    output: t.int,
    run: ({ name }) => {
      order.push(name);
      return 1;
    },
  });
  const flow = (failurePolicy: "fail-immediately" | "fail-after-executable-nodes-complete") =>
    workflow({
      name: "policy",
      failurePolicy,
      interruptible: true,
      build: () => {
        step({ name: "needs it", n: broken() });
        step({ name: "third", n: step({ name: "second", n: step({ name: "first" }) }) });
      },
    });
  const late = flow("fail-after-executable-nodes-complete");
  await expect(late()).rejects.toThrow("node n0 (broken): task broken: Error: broken");
  expect(order).toEqual(["first", "second", "third"]);
  const sent = async (one: typeof late) =>
    toJson(WorkflowTemplateSchema, (await compile(one, settings)).workflows[0]?.template as never);
  expect(await sent(late)).toMatchObject({
    metadata: { onFailure: "FAIL_AFTER_EXECUTABLE_NODES_COMPLETE" },
    metadataDefaults: { interruptible: true },
  });
  expect(await sent(flow("fail-immediately"))).toMatchObject({ metadata: {} });
});

test("a workflow's description and documents are sent, and its inputs' defaults hold", async () => {
  const join = task({ name: "join", inputs: { a: t.string, b: t.string }, output: t.string, run: ({ a, b }) => a + b });
  const flow = workflow({
    name: "documented",
    description: "Joins.",
    docs: { text: "All about it." },
    inputs: { a: t.string.default("x").describe("the first"), b: t.string },
    build: ({ a, b }) => join({ a, b }),
  });
  expect(await flow({ b: "y" })).toBe("xy");
  const { workflows } = await compile(flow, settings);
  expect(workflows[0]?.description).toMatchObject({ shortDescription: "Joins." });
  expect(toJson(WorkflowTemplateSchema, workflows[0]?.template as never)).toMatchObject({
    interface: { inputs: { variables: { a: { description: "the first" }, b: { description: "b" } } } },
  });
  const outer = workflow({ name: "outer", build: () => flow({ b: "z" }) });
  expect(await outer()).toBe("xz");
});
