import { toJson } from "@bufbuild/protobuf";
import {
  compile,
  FlyteError,
  launchPlan,
  type MapOptions,
  mapTask,
  type NodeOutput,
  referenceTask,
  type SerializationSettings,
  t,
  task,
  workflow,
} from "@flyte-ts/core";
import { InstanceTask } from "@flyte-ts/core/plugin";
import { TaskTemplateSchema, WorkflowTemplateSchema } from "@flyte-ts/idl/core";
import { describe, expect, expectTypeOf, test } from "vitest";

const settings: SerializationSettings = { project: "p", domain: "d", version: "v", module: "wf.ts", image: "img:1" };

const power = task({
  name: "m.power",
  inputs: { base: t.int, exponent: t.int.default(2) },
  output: t.int,
  retries: 3,
  timeout: 5000,
  cache: "1",
  run: ({ base, exponent }) => {
    if (base < 0) throw new FlyteError("InvalidInput", `${base} is below 0`);
    return base ** exponent;
  },
});
const say = task({ name: "say", inputs: { word: t.string }, run: () => {} });
const pair = task({
  name: "pair",
  inputs: { x: t.int },
  outputs: { a: t.int, b: t.int },
  run: ({ x }) => ({ a: x, b: x }),
});
const total = task({
  name: "total",
  inputs: { xs: t.list(t.optional(t.int)) },
  output: t.int,
  run: ({ xs }) => xs.reduce<number>((a, x) => a + (x ?? 0), 0),
});

async function refused(call: PromiseLike<unknown>, code: string, message: RegExp): Promise<void> {
  await expect(Promise.resolve(call)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
}

describe("types", () => {
  test("inputs and output become lists, but for the bound inputs", () => {
    const all = mapTask(power);
    const bound = mapTask(power, { bound: ["exponent"] });
    expectTypeOf(all({ base: [1], exponent: [1] })).resolves.toEqualTypeOf<number[]>();
    expectTypeOf(bound({ base: [1] }).o0).toEqualTypeOf<NodeOutput<number[]>>();
    expectTypeOf(mapTask(say)({ word: ["a"] })).resolves.toEqualTypeOf<undefined>();
    const wrong = (): void => {
      // @ts-expect-error a list is needed
      bound({ base: 1 });
      // @ts-expect-error a bound input is no list
      bound({ base: [1], exponent: [2] });
      // @ts-expect-error the list is of numbers
      bound({ base: ["1"] });
      // @ts-expect-error every list is needed
      all({ base: [1] });
      // @ts-expect-error there is no such input to bind
      mapTask(power, { bound: ["expnent"] });
      // @ts-expect-error a workflow is no task
      mapTask(workflow({ name: "w", build: () => say({ word: "" }) }));
    };
    expect(wrong).toBeTypeOf("function");
  });

  test("outputs may be null where elements may fail", () => {
    const one = { base: [1], exponent: [1] };
    expectTypeOf(mapTask(power, { minSuccesses: 1 })(one)).resolves.toEqualTypeOf<(number | null)[]>();
    expectTypeOf(mapTask(power, { minSuccessRatio: 0.5 })(one)).resolves.toEqualTypeOf<(number | null)[]>();
    expectTypeOf(mapTask(power, { minSuccessRatio: 1 })(one)).resolves.toEqualTypeOf<number[]>();
    const any: Omit<MapOptions, "bound"> = {};
    expectTypeOf(mapTask(power, any)(one)).resolves.toEqualTypeOf<(number | null)[]>();
    expectTypeOf(mapTask(power, { concurrency: 2 })(one)).resolves.toEqualTypeOf<number[]>();
  });
});

test("the name has a ratio as Python writes it", () => {
  // md5 of "NoneNone1e-05", which flytekit makes of the same options
  expect(mapTask(power, { minSuccessRatio: 0.00001 }).name).toBe(
    "m.map_power_c8f29934e211381dddf20556ed9d842f-arraynode",
  );
});

describe("on the wire", () => {
  const squares = mapTask(power, { bound: ["exponent"], concurrency: 2, minSuccessRatio: 0.5 });
  const flow = workflow({
    name: "flow",
    inputs: { xs: t.list(t.int) },
    build: ({ xs }) => total({ xs: squares({ base: xs, exponent: 3 }) }),
  });

  test("a map task's template is its task's, with lists, version 1, and a resolver that takes one element", async () => {
    const { tasks } = await compile(flow, settings);
    const map = tasks.find(({ template }) => template?.id?.name.includes("map_power"));
    const template = toJson(TaskTemplateSchema, map?.template as never);
    expect(template).toMatchObject({
      // md5 of flytekit's text for these options: "exponent2None0.5"
      id: { name: "m.map_power_b9bba12e20b330b191a1e0514c419c4b-arraynode" },
      type: "python-task",
      taskTypeVersion: 1,
      metadata: { discoverable: true, discoveryVersion: "1", retries: { retries: 3 }, timeout: "5s" },
      interface: {
        inputs: {
          variables: {
            base: { type: { collectionType: { simple: "INTEGER" } } },
            exponent: { type: { simple: "INTEGER" } },
          },
        },
        outputs: { variables: { o0: { type: { collectionType: { unionType: {} } } } } },
      },
      container: { image: "img:1" },
    });
    const args = map?.template?.target.case === "container" ? map.template.target.value.args : [];
    expect(args.slice(args.indexOf("--resolver"))).toEqual(
      "--resolver flyte-ts.map -- vars exponent resolver flyte-ts.module module wf.ts entity m.power".split(" "),
    );
  });

  test("a call is an array node, whose sub-node has the same bindings and the task's metadata", async () => {
    const { workflows } = await compile(flow, settings);
    const { nodes } = toJson(WorkflowTemplateSchema, workflows[0]?.template as never) as { nodes: unknown[] };
    const inputs = [
      { var: "base", binding: { promise: { var: "xs" } } },
      { var: "exponent", binding: { scalar: { primitive: { integer: "3" } } } },
    ];
    const name = squares.name;
    expect(nodes[0]).toEqual({
      id: "n0",
      metadata: { name, retries: {} },
      inputs,
      arrayNode: {
        node: {
          id: name,
          metadata: { name, timeout: "5s", retries: { retries: 3 } },
          inputs,
          taskNode: expect.objectContaining({
            referenceId: { resourceType: "TASK", project: "p", domain: "d", name, version: "v" },
          }),
        },
        parallelism: 2,
        minSuccessRatio: 0.5,
        isOriginalSubNodeInterface: false,
        boundInputs: ["exponent"],
      },
    });
    expect(nodes[1]).toMatchObject({ upstreamNodeIds: ["n0"] });
  });

  test.each([
    [{}, { minSuccessRatio: 1 }],
    [{ concurrency: 0 }, { parallelism: 0, minSuccessRatio: 1 }],
    [{ minSuccesses: 2 }, { minSuccesses: 2 }],
    [{ runAllSubNodes: true }, { minSuccessRatio: 1, runAllSubNodes: true }],
  ] as readonly (readonly [Omit<MapOptions, "bound">, object])[])("options: %j", async (options, expected) => {
    const mapped = mapTask(say, options);
    const one = workflow({ name: "one", build: () => mapped({ word: ["a"] }) });
    const { workflows } = await compile(one, settings);
    const { nodes } = toJson(WorkflowTemplateSchema, workflows[0]?.template as never) as {
      nodes: { arrayNode: Record<string, unknown> }[];
    };
    const { node, isOriginalSubNodeInterface, ...rest } = nodes[0]?.arrayNode ?? {};
    expect(rest).toEqual(expected);
  });

  test("an instance task of a type of its own keeps the state of every element", async () => {
    class Probe extends InstanceTask<{ x: typeof t.int }, { o0: typeof t.int }, number> {
      constructor() {
        super("probe", { name: "probe", inputs: { x: t.int }, outputs: { o0: t.int }, unwrapped: true });
      }
      async execute({ x }: { x: number }): Promise<number> {
        return x + 1;
      }
    }
    const probes = mapTask(new Probe());
    const one = workflow({ name: "one", build: () => probes({ x: [1, 2] }) });
    const { workflows, tasks } = await compile(one, settings);
    expect(tasks.map(({ template }) => template?.type)).toEqual(["probe", "probe"]);
    expect(toJson(WorkflowTemplateSchema, workflows[0]?.template as never)).toMatchObject({
      nodes: [{ arrayNode: { executionMode: "FULL_STATE" } }],
    });
    expect(await one()).toEqual([2, 3]);
  });
});

describe("here", () => {
  test("elements run, and their outputs keep their order", async () => {
    const cubes = mapTask(power, { bound: ["exponent"] });
    expect(await cubes({ base: [3, 1, 2], exponent: 3 })).toEqual([27, 1, 8]);
    const flow = workflow({ name: "f", inputs: { xs: t.list(t.int) }, build: ({ xs }) => cubes({ base: xs }) });
    expect(await flow({ xs: [1, 2, 3] })).toEqual([1, 4, 9]);
    expect(await flow({ xs: [] })).toEqual([]);
    expect(await mapTask(say)({ word: ["a", "b"] })).toBeUndefined();
  });

  test("no more run at once than concurrency allows", async () => {
    let running = 0;
    const most: number[] = [];
    const counted = task({
      name: "counted",
      inputs: { x: t.int },
      output: t.int,
      run: async ({ x }) => {
        running += 1;
        most.push(running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return x;
      },
    });
    expect(await mapTask(counted, { concurrency: 2 })({ x: [1, 2, 3, 4, 5] })).toEqual([1, 2, 3, 4, 5]);
    expect(Math.max(...most)).toBe(2);
    await mapTask(counted, { concurrency: 0 })({ x: [1, 2, 3, 4, 5] });
    expect(Math.max(...most)).toBe(5);
  });

  test("elements may fail as the options say, and give null", async () => {
    const inputs = { base: [1, -1, 2], exponent: [1, 1, 1] };
    expect(await mapTask(power, { minSuccesses: 2 })(inputs)).toEqual([1, null, 2]);
    expect(await mapTask(power, { minSuccessRatio: 0.6 })(inputs)).toEqual([1, null, 2]);
    await refused(mapTask(power)(inputs), "InvalidInput", /element 1: .*-1 is below 0/);
    await refused(mapTask(power, { minSuccessRatio: 0.7 })(inputs), "InvalidInput", /element 1/);
    await refused(mapTask(power, { minSuccesses: 4 })(inputs), "InvalidInput", /4 elements must succeed.*are 3/);
  });

  test("lists of different lengths are refused", async () => {
    await refused(mapTask(power)({ base: [1, 2], exponent: [1] }), "InvalidInput", /"base" has 2 and "exponent" 1/);
  });
});

const words = workflow({ name: "w", build: () => say({ word: "" }) });
const place = { project: "p", domain: "d", version: "v" };
const there = referenceTask({ ...place, name: "there", inputs: { x: t.int }, output: t.int });

test("a task that is mapped twice in one way is one task", async () => {
  const flow = workflow({
    name: "same",
    build: () => {
      mapTask(power, { bound: ["exponent"] })({ base: [1], exponent: 2 });
      mapTask(power, { bound: ["exponent"], minSuccessRatio: 1, runAllSubNodes: true })({ base: [2], exponent: 2 });
    },
  });
  expect((await compile(flow, settings)).tasks.map(({ template }) => template?.id?.name)).toEqual([
    "m.power",
    expect.stringMatching(/^m\.map_power_/),
  ]);
});

test.each([
  ["a workflow", () => mapTask(words as never), /mapTask\(w\): a workflow cannot be mapped/],
  ["a launch plan", () => mapTask(launchPlan({ workflow: words }) as never), /a launch plan cannot be mapped/],
  ["a reference task", () => mapTask(there as never), /a reference task cannot be mapped/],
  ["no task at all", () => mapTask((() => {}) as never), /it must be a task/],
  ["a map task", () => mapTask(mapTask(say) as never), /cannot be mapped/],
  ["two outputs", () => mapTask(pair), /has 2 outputs \(a, b\).*t\.object/],
  ["nothing to map", () => mapTask(say, { bound: ["word"] }), /no input is left/],
  [
    "an unknown bound input",
    () => mapTask(say, { bound: ["x" as "word"] }),
    /"x", which is none of its inputs \(word\)/,
  ],
  ["a negative concurrency", () => mapTask(say, { concurrency: -1 }), /concurrency is -1/],
  ["half a success", () => mapTask(say, { minSuccesses: 0.5 }), /minSuccesses is 0.5/],
  ["a ratio of 2", () => mapTask(say, { minSuccessRatio: 2 }), /minSuccessRatio is 2/],
  ["both", () => mapTask(say, { minSuccesses: 1, minSuccessRatio: 0.5 }), /both given/],
])("refused with a clear word: %s", (_what, define, message) => {
  expect(define).toThrow(message);
  expect(define).toThrow(expect.objectContaining({ code: "InvalidDefinition" }));
});
