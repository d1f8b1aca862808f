import { toJson } from "@bufbuild/protobuf";
import {
  compile,
  conditional,
  dynamic,
  FlyteContext,
  launchPlan,
  mapTask,
  type NodeOutput,
  referenceTask,
  type SerializationSettings,
  t,
  task,
  workflow,
} from "@flyte-ts/core";
import { type DynamicPlace, LiteralMap, localTaskContext, settingsFrom, settingsVariable } from "@flyte-ts/core/plugin";
import { type DynamicJobSpec, DynamicJobSpecSchema } from "@flyte-ts/idl/core";
import { describe, expect, expectTypeOf, test, vi } from "vitest";

const settings: SerializationSettings = {
  project: "p",
  domain: "d",
  version: "v",
  module: "wf.ts",
  image: "img:1",
  imageRegistry: "registry.example/flyte",
};

const double = task({ name: "double", inputs: { x: t.int }, output: t.int, run: ({ x }) => x * 2 });
const sum = task({
  name: "sum",
  inputs: { xs: t.list(t.int) },
  output: t.int,
  run: ({ xs }) => xs.reduce((a, x) => a + x, 0),
});
const inner = workflow({ name: "inner", inputs: { x: t.int }, build: ({ x }) => double({ x: double({ x }) }) });

const fan = dynamic({
  name: "fan",
  inputs: { n: t.int },
  output: t.int,
  run: ({ n }) => (n === 0 ? 0 : sum({ xs: Array.from({ length: n }, (_, x) => double({ x })) })),
});
const later = dynamic({
  name: "later",
  inputs: { n: t.int },
  output: t.int,
  run: async ({ n }, ctx) => {
    await ctx.clock.sleep(0);
    const doubled = double({ x: n });
    await ctx.clock.sleep(0);
    return sum({ xs: [doubled, inner({ x: n })] });
  },
});
const choosing = dynamic({
  name: "choosing",
  inputs: { n: t.int },
  output: t.int,
  run: async ({ n }) => {
    const doubled = double({ x: n });
    const chosen = conditional("size")
      .if(doubled.o0.gt(10), () => sum({ xs: [doubled, 1000] }))
      .else(() => double({ x: doubled }));
    return chosen.o0;
  },
});
const many = dynamic({
  name: "many",
  inputs: { n: t.int },
  outputs: { list: t.list(t.int), last: t.int, word: t.string },
  run: async ({ n }) => {
    const calls = Array.from({ length: n }, (_, x) => double({ x }));
    return { list: [...calls, 100], last: calls.at(-1) ?? -1, word: "done" };
  },
});

/** What the container of a dynamic task writes. */
async function written(
  entity: { dispatchDynamic: typeof fan.dispatchDynamic; inputs: typeof fan.inputs },
  n: number,
  place: Partial<DynamicPlace> = {},
): Promise<LiteralMap | DynamicJobSpec> {
  await using context = await localTaskContext({ task: "any" });
  const literals = LiteralMap.create({ literals: { n: await entity.inputs.n.toLiteral(n) } });
  return entity.dispatchDynamic(context, literals, { settings, finds: () => true, ...place });
}

async function spec(...args: Parameters<typeof written>): Promise<DynamicJobSpec> {
  const result = await written(...args);
  if (result.$typeName === "flyteidl.core.DynamicJobSpec") return result;
  throw new Error("outputs were written");
}

describe("types", () => {
  test("what the function may return, and what a call gives", () => {
    expectTypeOf(fan({ n: 1 })).resolves.toEqualTypeOf<number>();
    expectTypeOf(many({ n: 1 }).list).toEqualTypeOf<NodeOutput<number[]>>();
    dynamic({ name: "mixed", output: t.list(t.int), run: () => [1, double({ x: 1 })] });
    dynamic({ name: "nothing", run: () => void double({ x: 1 }) });
    // @ts-expect-error a string's output is no number
    dynamic({ name: "wrong", output: t.string, run: () => double({ x: 1 }) });
    // @ts-expect-error an output is missing
    dynamic({ name: "missing", outputs: { a: t.int, b: t.int }, run: () => ({ a: double({ x: 1 }) }) });
    // @ts-expect-error the function's inputs are values of the declared types
    dynamic({ name: "inputs", inputs: { n: t.int }, output: t.int, run: ({ n }) => n.toUpperCase() });
  });
});

describe("here", () => {
  test("the function's graph runs in its place", async () => {
    expect(await fan({ n: 4 })).toBe(12);
    expect(await fan({ n: 0 })).toBe(0);
    expect(await many({ n: 3 })).toEqual({ list: [0, 2, 4, 100], last: 4, word: "done" });
  });

  test("inside a workflow its nodes are told of below its own", async () => {
    const flow = workflow({ name: "flow", inputs: { n: t.int }, build: ({ n }) => double({ x: fan({ n }) }) });
    expect(await flow({ n: 3 })).toBe(12);
  });

  test("an async function may wait before and between its calls, and others run meanwhile", async () => {
    const two = workflow({
      name: "two",
      inputs: { n: t.int },
      build: ({ n }) => ({ a: later({ n }), b: later({ n: 10 }), c: fan({ n }) }),
    });
    expect(await two({ n: 3 })).toEqual({ a: 18, b: 60, c: 6 });
    expect(FlyteContext.default().builders).toEqual([]);
  });

  test("a conditional in it chooses when the calls before it are done", async () => {
    expect(await choosing({ n: 3 })).toBe(12);
    expect(await choosing({ n: 6 })).toBe(1012);
  });

  test("what a launch plan starts is no part of it", async () => {
    const plan = launchPlan({ workflow: inner });
    const starts = dynamic({ name: "starts", inputs: { n: t.int }, output: t.int, run: ({ n }) => plan({ x: n }) });
    expect(await starts({ n: 2 })).toBe(8);
    const { nodes, tasks, subworkflows } = await spec(starts, 2);
    expect([nodes[0]?.target.case, tasks, subworkflows]).toEqual(["workflowNode", [], []]);
  });

  test("a dynamic task may call another", async () => {
    const outer = dynamic({ name: "outer", inputs: { n: t.int }, output: t.int, run: async ({ n }) => fan({ n }) });
    expect(await outer({ n: 3 })).toBe(6);
  });
});

describe("awaiting a call in the function is an error that says why", () => {
  const noted = (run: () => Promise<number>): Promise<unknown> => {
    const call = dynamic({ name: "noted", output: t.int, run });
    return Promise.resolve(call());
  };

  test.each([
    ["and its value is used", async () => (await double({ x: 1 })) + 1],
    ["and its value decides", async () => ((await double({ x: 1 })) > 1 ? 1 : 2)],
    [
      "and another is returned",
      async () => {
        await double({ x: 1 });
        return double({ x: 2 });
      },
    ],
    ["of which one output", async () => (await double({ x: 1 }).o0) * 2],
  ])("%s", async (_how, run) => {
    await expect(noted(run)).rejects.toMatchObject({
      code: "InvalidDefinition",
      message: expect.stringMatching(/n0.*has no value yet.*function of a dynamic task/),
    });
  });

  test("but to return it at once is not", async () => {
    expect(await noted(async () => double({ x: 4 }))).toBe(8);
    expect(await noted(async () => double({ x: 4 }).o0)).toBe(8);
    const pair = dynamic({
      name: "pair",
      output: t.list(t.int),
      run: async () => Promise.all([double({ x: 1 }), double({ x: 2 })]),
    });
    expect(await pair()).toEqual([2, 4]);
  });

  test("and what the function throws by itself stays that", async () => {
    const thrown = noted(async () => {
      double({ x: 1 });
      throw new RangeError("out of it");
    });
    await expect(thrown).rejects.toMatchObject({ code: "TaskFailed", message: expect.stringContaining("out of it") });
  });
});

describe("in its container", () => {
  test("the graph is written with all templates that it needs, as flytekit writes it", async () => {
    const json = toJson(DynamicJobSpecSchema, await spec(later, 5)) as Record<string, never>;
    const promise = (nodeId: string) => ({ promise: { nodeId, var: "o0" } });
    const reference = (name: string) => ({ resourceType: "TASK", project: "p", domain: "d", name, version: "v" });
    expect(json).toMatchObject({
      minSuccesses: "3",
      nodes: [
        {
          id: "dn0",
          inputs: [{ var: "x", binding: { scalar: { primitive: { integer: "5" } } } }],
          taskNode: { referenceId: reference("double") },
        },
        { id: "dn1", workflowNode: { subWorkflowRef: { name: "inner", version: "v" } } },
        {
          id: "dn2",
          upstreamNodeIds: ["dn0", "dn1"],
          inputs: [{ var: "xs", binding: { collection: { bindings: [promise("dn0"), promise("dn1")] } } }],
        },
      ],
      outputs: [{ var: "o0", binding: promise("dn2") }],
      tasks: [
        { id: reference("double"), type: "python-task", container: { image: "img:1" } },
        { id: reference("sum") },
      ],
      subworkflows: [{ id: { name: "inner" } }],
    });
  });

  test("calls more than a cluster reads, and says so", async () => {
    const text = task({ name: "text", inputs: { x: t.string }, run: () => {} });
    const large = dynamic({
      name: "large",
      inputs: { n: t.int },
      uses: [text],
      run: ({ n }) => {
        for (let at = 0; at < n; at += 1) text({ x: "x".repeat(2 ** 20) });
      },
    });
    const warn = vi.spyOn(FlyteContext.default().log, "warn").mockImplementation(() => {});
    await spec(large as never, 1);
    expect(warn).not.toHaveBeenCalled();
    await spec(large as never, 3);
    expect(warn).toHaveBeenCalledWith(
      expect.stringMatching(/^dynamic task large: what it calls has 3\.0 MiB, and the cluster reads no object above 2/),
    );
    warn.mockRestore();
  });

  test("a branch has the prefix, too", async () => {
    const { nodes, tasks } = await spec(choosing, 5);
    expect(nodes.map(({ id, target }) => [id, target.case])).toEqual([
      ["dn0", "taskNode"],
      [expect.stringMatching(/^dn/), "branchNode"],
    ]);
    expect(tasks.map(({ id }) => id?.name).sort()).toEqual(["double", "sum"]);
  });

  test("values among the outputs are bound as they are", async () => {
    expect(toJson(DynamicJobSpecSchema, await spec(many as never, 1))).toMatchObject({
      outputs: [
        {
          var: "list",
          binding: {
            collection: { bindings: [{ promise: { nodeId: "dn0" } }, { scalar: { primitive: { integer: "100" } } }] },
          },
        },
        { var: "last", binding: { promise: { nodeId: "dn0", var: "o0" } } },
        { var: "word", binding: { scalar: { primitive: { stringValue: "done" } } } },
      ],
    });
  });

  test("without a call it is outputs", async () => {
    expect(await written(fan, 0)).toMatchObject({
      $typeName: "flyteidl.core.LiteralMap",
      literals: { o0: { value: { case: "scalar" } } },
    });
  });

  test("code that was fetched is fetched by the tasks, too", async () => {
    const fastRegistration = { distribution: "s3://b/code.tar.gz", destination: "/root" };
    const { tasks } = await spec(fan, 1, { settings: { ...settings, fastRegistration } });
    for (const { target } of tasks) {
      expect(target.case === "container" && target.value.args.slice(0, 5)).toEqual(
        "flyte-ts-execute --additional-distribution s3://b/code.tar.gz --dest-dir /root".split(" "),
      );
    }
  });

  test("a map task in it brings the task that it maps", async () => {
    const doubles = mapTask(double);
    const mapped = dynamic({
      name: "mapped",
      inputs: { n: t.int },
      output: t.list(t.int),
      run: ({ n }) => doubles({ x: Array.from({ length: n }, (_, x) => x) }),
    });
    const { nodes, tasks } = await spec(mapped as never, 3);
    expect(nodes.map(({ target }) => target.case)).toEqual(["arrayNode"]);
    expect(tasks.map(({ id }) => id?.name)).toEqual(["double", doubles.name]);
  });

  test("a reference task is refused: propeller would not find it", async () => {
    const there = referenceTask({ project: "p", domain: "d", version: "v", name: "there", output: t.int });
    const calls = dynamic({ name: "calls", inputs: { n: t.int }, output: t.int, run: () => there({}) });
    await expect(written(calls, 1)).rejects.toMatchObject({
      code: "InvalidDefinition",
      message: expect.stringMatching(/dynamic task calls: it calls the reference task "there"/),
    });
  });

  test("a task that no container finds is an error that says to export it", async () => {
    await expect(written(fan, 2, { finds: ({ name }) => name !== "sum" })).rejects.toMatchObject({
      code: "InvalidDefinition",
      message: expect.stringMatching(/dynamic task fan: it calls the task "sum".*wf\.ts: export it/),
    });
  });
});

describe("its own template", () => {
  test("tells the container how to compile; where code comes from is filled in when it is registered", async () => {
    const fastRegistration = { distribution: "{{ .remote_package_path }}", destination: "{{ .dest_dir }}" };
    const { tasks } = await compile(fan, { ...settings, project: "", version: "", fastRegistration });
    expect(tasks.map(({ template }) => [template?.id?.name, template?.type])).toEqual([["fan", "python-task"]]);
    const target = tasks[0]?.template?.target;
    const env = target?.case === "container" ? target.value.env : [];
    const text = env.find(({ key }) => key === settingsVariable)?.value;
    const code = { distribution: "s3://b/code.tar.gz", destination: "." };
    expect(settingsFrom(text, { project: "q", domain: "e", version: "w", fastRegistration: code })).toEqual({
      ...settings,
      project: "q",
      version: "w",
      fastRegistration: code,
    });
  });

  test("what it uses is registered with it", async () => {
    const told = dynamic({ name: "told", output: t.int, uses: [inner], run: () => inner({ x: 1 }) });
    const { tasks, workflows } = await compile(told, settings);
    expect(tasks.map(({ template }) => template?.id?.name)).toEqual(["double", "told"]);
    expect(workflows.map(({ template }) => template?.id?.name)).toEqual(["inner"]);
  });

  test.each([undefined, "", "no base64 of JSON"])("settings that are none are refused: %s", (text) => {
    expect(() => settingsFrom(text, { project: "", domain: "", version: "" })).toThrow(settingsVariable);
  });
});
