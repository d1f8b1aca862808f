/** What a workflow's definition lets through, and what it says of the rest. */
import {
  type AnyCall,
  compile,
  conditional,
  type Dataset,
  FlyteContext,
  FlyteError,
  type NodeOutput,
  type SerializationSettings,
  t,
  task,
  workflow,
} from "@flyte-ts/core";
import { describe, expect, expectTypeOf, test } from "vitest";

const settings: SerializationSettings = { project: "p", domain: "d", version: "v", module: "m.ts", image: "i:1" };

const int = task({ name: "int", inputs: { x: t.int }, output: t.int, run: ({ x }) => x });
const text = task({ name: "text", inputs: { x: t.string }, output: t.string, run: ({ x }) => x });
const maybe = task({ name: "maybe", inputs: { x: t.optional(t.int) }, output: t.optional(t.int), run: ({ x }) => x });
const json = task({ name: "json", inputs: { x: t.json }, output: t.json, run: ({ x }) => x });
const list = task({
  name: "list",
  inputs: { xs: t.optional(t.list(t.int)), names: t.map(t.list(t.int)).default({}) },
  outputs: { xs: t.optional(t.list(t.int)), names: t.map(t.list(t.int)) },
  run: (inputs) => inputs,
});
const order = t.object(
  {
    id: t.int,
    wait: t.duration,
    extra: t.json,
    address: t.optional(t.object({ street: t.string })),
    lines: t.list(t.object({ price: t.float })),
    tags: t.map(t.string),
  },
  "Order",
);
const orders = task({ name: "orders", inputs: { order }, output: order, run: (inputs) => inputs.order });
const value = {
  id: 1,
  wait: 1500,
  extra: { deep: [1, "x"] },
  address: { street: "High" },
  lines: [{ price: 2 }],
  tags: { a: "b" },
};

/** The inputs of the workflow that `wrong` defines, under types that fit anywhere. */
interface Given {
  readonly xs: NodeOutput<never>;
  readonly n: NodeOutput<never>;
}

function wrong(build: (inputs: Given) => unknown): string {
  try {
    workflow({ name: "w", inputs: { xs: t.list(t.int), n: t.int }, build: build as never });
  } catch (error) {
    if (FlyteError.is(error) && error.code === "InvalidDefinition") return error.message;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("an output of a type that does not fit is refused, with the node, the input and both types", () => {
  test.each<[(inputs: Given) => unknown, string]>([
    [() => text({ x: int({ x: 1 }) as never }), 'n1 (text), input "x" takes string, but n0.o0 of int is int'],
    [({ xs }) => int({ x: xs as never }), 'n0 (int), input "x" takes int, but input xs is list of int'],
    [() => int({ x: maybe({ x: 1 }) as never }), 'n1 (int), input "x" takes int, but n0.o0 of maybe is int?'],
    [
      () => int({ x: json({ x: 1 }).o0.at("a") as never }),
      'n1 (int), input "x" takes int, but n0.o0.a of json is json',
    ],
    [
      ({ n }) => list({ xs: [text({ x: "a" }) as never, n] }),
      'n1 (list), input "xs"[0] takes int, but n0.o0 of text is string',
    ],
    [
      ({ n }) => orders({ order: { ...value, id: n } as never }),
      'n0 (orders), input "order": an output inside of a value of type object { id: int, wait: duration, extra: json, address: object { street: string }?, lines: list of object { price: float }, tags: map of string }; only lists and maps take outputs in them',
    ],
    [
      ({ n }) => json({ x: { n } as never }),
      'n0 (json), input "x": an output inside of a value of type json; only lists and maps take outputs in them',
    ],
    [
      () => int({ x: list({}) as never }),
      'n1 (int), input "x": a call with 2 outputs was given; give one of them (.xs, .names)',
    ],
    [() => ({ all: list({}) }), 'output "all": a call with 2 outputs was given; give one of them (.xs, .names)'],
  ])("%#", (build, message) => {
    expect(wrong(build)).toBe(`workflow w: ${message}`);
  });

  test("and what the platform takes is taken", async () => {
    const word = task({ name: "word", output: t.enum(["a", "b"]), run: () => "a" as const });
    const fits = workflow({
      name: "fits",
      build: () => ({
        asText: text({ x: word() as never }),
        asOptional: maybe({ x: int({ x: 2 }) }),
        // objects of one shape, though not of one declaration
        asShape: task({ name: "shape", inputs: { o: t.object({ id: t.int }) }, output: t.int, run: ({ o }) => o.id })({
          o: orders({ order: value }),
        }),
      }),
    });
    expect(await fits()).toEqual({ asText: "a", asOptional: 2, asShape: 1 });
  });
});

describe("parts of values", () => {
  test("have the types of the parts, and are found as on a cluster", async () => {
    const parts = workflow({
      name: "parts",
      build: () => {
        const { o0 } = orders({ order: value });
        expectTypeOf(o0.at("lines", 0, "price")).toEqualTypeOf<NodeOutput<number>>();
        expectTypeOf(o0.at("tags", "a")).toEqualTypeOf<NodeOutput<string>>();
        expectTypeOf(o0.at("address")).toEqualTypeOf<NodeOutput<{ street: string } | null>>();
        return {
          wait: o0.at("wait"),
          extra: o0.at("extra"),
          deep: json({ x: o0.at("extra", "deep", 1) }),
          list: json({ x: o0.at("extra", "deep") }),
          address: o0.at("address"),
          price: o0.at("lines", 0, "price"),
          tag: o0.at("tags").at("a"),
        };
      },
    });
    expect(await parts()).toEqual({
      wait: 1500,
      extra: { deep: [1, "x"] },
      deep: "x",
      list: [1, "x"],
      address: { street: "High" },
      price: 2,
      tag: "b",
    });
  });

  test("are those of the value that a call outside a workflow yields", async () => {
    const { o0 } = orders({ order: value });
    expect(await o0.at("lines").at(0, "price")).toBe(2);
    await expect(o0.at("lines", 1)).rejects.toThrow("the value of o0.lines has no part 1");
    await expect(o0.at("tags", "constructor")).rejects.toThrow('the value of o0.tags has no part "constructor"');
  });

  test.each<[(o: NodeOutput<never>, xs: NodeOutput<never>) => unknown, string]>([
    [(_, xs) => xs.at(-1 as never), "input xs is a list of int, which has no part -1: its items are counted from 0"],
    [
      (_, xs) => xs.at("length" as never),
      'input xs is a list of int, which has no part "length": its items are counted from 0',
    ],
    [
      (o) => o.at("tags" as never, 0 as never),
      "n0.o0.tags is a map of string, which has no part 0: its values have names",
    ],
    [(o) => o.at("toString" as never), 'n0.o0 has no field "toString"; it has id, wait, extra, address, lines, tags'],
    [(o) => o.at("id" as never, "x" as never), 'n0.o0.id is int, which has no part "x"'],
    [(o) => o.at("extra" as never, -1 as never), "n0.o0.extra has no part -1: items of a list are counted from 0"],
    [
      (o) => o.at("address" as never, "street" as never),
      "n0.o0.address may be null, and Flyte reaches into no value that may be null; take it apart in a task",
    ],
  ])("that cannot be reached are refused: %#", (take, message) => {
    expect(wrong(({ xs }) => take(orders({ order: value }).o0 as never, xs as never))).toBe(message);
  });

  test("that cannot be reached do not compile", () => {
    const never = (o: NodeOutput<{ a: number | null; xs: string[]; n: { b: number } | null }>): void => {
      // @ts-expect-error a list's items are numbered
      o.at("xs", "length");
      // @ts-expect-error what may be null has no parts
      o.at("n", "b");
      // @ts-expect-error there is no such field
      o.at("c");
      // @ts-expect-error a number has no parts
      o.at("a", "toFixed");
    };
    expect(never).toBeTypeOf("function");
  });
});

describe("lists and maps of outputs", () => {
  test("may be optional and nested, inside a workflow and outside", async () => {
    const mixed = workflow({
      name: "mixed",
      inputs: { n: t.int },
      build: ({ n }) => list({ xs: [int({ x: 1 }), n, 3], names: { a: [n, 2], b: [] } }),
    });
    expectTypeOf(mixed({ n: 2 })).resolves.toEqualTypeOf<{ xs: number[] | null; names: Record<string, number[]> }>();
    const expected = { xs: [1, 2, 3], names: { a: [2, 2], b: [] } };
    expect(await mixed({ n: 2 })).toEqual(expected);
    expect(await list({ xs: [int({ x: 1 }), 2, 3], names: { a: [int({ x: 2 }), 2], b: [] } })).toEqual(expected);
    const { workflows } = await compile(mixed, settings);
    const binding = workflows[0]?.template?.nodes[1]?.inputs.find((input) => input.var === "xs")?.binding;
    expect(binding?.value.case).toBe("collection");
  });

  test("cannot be put together for objects and JSON, which travel whole", () => {
    const never = (): void => {
      // @ts-expect-error an output inside an object
      orders({ order: { ...value, id: int({ x: 1 }).o0 } });
      // @ts-expect-error an output inside JSON
      json({ x: { a: int({ x: 1 }).o0 } });
      // @ts-expect-error JSON must be given, null at least
      json({});
    };
    expect(never).toBeTypeOf("function");
  });
});

describe("what is given stays as it was", () => {
  test("a value that is changed after the call", async () => {
    const xs = [1];
    const flow = workflow({ name: "flow", build: () => list({ xs, names: { a: xs } }) });
    xs.push(2);
    expect(await flow()).toEqual({ xs: [1], names: { a: [1] } });
  });

  test("a default that a task changes", async () => {
    const push = task({
      name: "push",
      inputs: { at: t.map(t.list(t.int)).default({ a: [] }) },
      output: t.int,
      run: ({ at }) => at.a?.push(1) ?? 0,
    });
    expect([await push(), await push()]).toEqual([1, 1]);
  });

  test("a big list outside a workflow is the very list that was given", async () => {
    const xs = [1];
    const same = task({
      name: "same",
      inputs: { xs: t.list(t.int) },
      output: t.boolean,
      run: (given) => given.xs === xs,
    });
    expect(await same({ xs })).toBe(true);
  });
});

describe("nodes and workflows are kept apart", () => {
  test("a circle of nodes is named", () => {
    const circle = wrong(() => {
      const first = int({ x: 1 });
      const last = int({ x: int({ x: first }) });
      last.runsBefore(first);
      return last;
    });
    expect(circle).toBe(
      "workflow w: its nodes wait for each other: n1 (int) before n2 (int) before n0 (int) before n1 (int)",
    );
    expect(
      wrong(() => {
        const only = int({ x: 1 });
        only.runsBefore(only);
      }),
    ).toBe("workflow w: its nodes wait for each other: n0 (int) before n0 (int)");
  });

  test("a circle through a branch, which Flyte's compiler takes and which never ends, is named", () => {
    const through =
      (deep: boolean) =>
      ({ n }: Given) => {
        const first = int({ x: 1 });
        const inner = (): AnyCall =>
          deep
            ? conditional("inner")
                .if((n as NodeOutput<number>).gt(1), () => int({ x: first }))
                .fail("no")
            : int({ x: first });
        const chosen = conditional("outer")
          .if((n as NodeOutput<number>).gt(0), inner)
          .fail("no");
        chosen.runsBefore(first);
      };
    for (const deep of [false, true]) {
      expect(wrong(through(deep))).toBe(
        "workflow w: its nodes wait for each other: n1 (outer) before n0 (int) before n1 (outer)",
      );
    }
  });

  test("an input or node of another workflow is none of this one's", () => {
    const stray: { input?: NodeOutput<number>; call?: ReturnType<typeof int> } = {};
    const other = workflow({
      name: "other",
      inputs: { n: t.int },
      build: ({ n }) => {
        stray.input = n;
        stray.call = int({ x: n });
        return stray.call;
      },
    });
    const { input, call } = stray;
    if (input === undefined || call === undefined) throw new Error("build did not run");
    expect(wrong(() => int({ x: input }))).toContain("input n is an input of another workflow");
    expect(wrong(() => call.runsBefore(int({ x: 1 })))).toBe(
      "workflow w: runsBefore was given n0 (int), a node of another workflow",
    );
    expect(() => call.runsBefore(call)).toThrow("runsBefore orders the nodes of a workflow while it is built");
    expect(other.graph.nodes[0]?.after.size).toBe(0);
  });

  test("a build that fails half-way leaves nothing that catches later calls", async () => {
    expect(() =>
      workflow({
        name: "outer",
        build: () => {
          int({ x: 1 });
          workflow({
            name: "inner",
            build: () => {
              int({ x: 1 });
              throw new Error("half-way");
            },
          });
        },
      }),
    ).toThrow("half-way");
    expect(FlyteContext.default().builders).toEqual([]);
    expect(await int({ x: 3 })).toBe(3);
  });

  test("a call after build with an output of build says why it has no value", async () => {
    const later = Promise.withResolvers<unknown>();
    workflow({
      name: "w",
      inputs: { n: t.int },
      build: ({ n }) => {
        queueMicrotask(() => int({ x: n }).then(later.resolve, later.reject));
        return int({ x: n });
      },
    });
    await expect(later.promise).rejects.toThrow('input n has no value yet: "build" only wires the graph');
  });
});

describe("what build returns gives the result", () => {
  test("one output, a record, a call with several, a call with none, nothing", async () => {
    const none = task({ name: "none", run: () => {} });
    const one = workflow({ name: "one", build: () => ({ o0: int({ x: 1 }) }) });
    const several = workflow({ name: "several", build: () => list({ xs: [1] }) });
    const nothing = workflow({ name: "nothing", build: () => void int({ x: 1 }) });
    const empty = workflow({ name: "empty", build: () => none() });
    expectTypeOf(one()).resolves.toEqualTypeOf<{ o0: number }>();
    expectTypeOf(several()).resolves.toEqualTypeOf<{ xs: number[] | null; names: Record<string, number[]> }>();
    expectTypeOf(nothing()).resolves.toEqualTypeOf<undefined>();
    expectTypeOf(empty()).resolves.toEqualTypeOf<undefined>();
    expect(await one()).toEqual({ o0: 1 });
    expect(await several()).toEqual({ xs: [1], names: {} });
    expect(await nothing()).toBeUndefined();
    expect(await empty()).toBeUndefined();
  });
});

describe("definitions that cannot work are refused", () => {
  const build = task as (definition: unknown) => unknown;
  const run = (): void => {};
  test.each<[unknown, string]>([
    [{ run }, '"undefined" is no entity\'s name'],
    [{ name: "x", inputs: { "a-b": t.int }, run }, 'x: "a-b" is no name of an input: letters, digits and _ only'],
    [{ name: "x", inputs: { a: "int" }, run }, 'x: the type of the input "a" is "int"; give one of t, such as t.int'],
    [{ name: "x", outputs: { "": t.int }, run }, 'x: "" is no name of an output'],
    [{ name: "x", output: t.int, outputs: { a: t.int }, run }, "task x: give output or outputs, not both"],
    [{ name: "x", timeout: Number.POSITIVE_INFINITY, run }, "task x: timeout is Infinity"],
  ])("%#", (definition, message) => {
    expect(() => build(definition)).toThrow(message);
  });

  test("an input that every object inherits must be given like any other", () => {
    const odd = task({ name: "odd", inputs: { constructor: t.string }, run: () => {} });
    expect(() => odd({} as never)).toThrow('odd needs a value for its input "constructor" (str)');
  });
});

test("a dataset's columns must be there", () => {
  const rows = task({
    name: "rows",
    output: t.dataset({ columns: { id: t.int, name: t.string } }),
    run: (): Dataset<{ id: number | null; name: string | null }> => {
      throw new Error("not run");
    },
  });
  const use = (columns: Parameters<typeof t.dataset>[0]) =>
    task({ name: "use", inputs: { rows: t.dataset(columns as never) }, run: () => {} });
  expect(wrong(() => use({ columns: { id: t.string } } as never)({ rows: rows() as never }))).toBe(
    'workflow w: n1 (use), input "rows" takes dataset (id), but n0.o0 of rows is dataset (id, name)',
  );
  expect(() =>
    workflow({ name: "w", build: () => void use({ columns: { id: t.int } } as never)({ rows: rows() as never }) }),
  ).not.toThrow();
});
