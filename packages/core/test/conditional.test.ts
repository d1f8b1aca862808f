import { toJson } from "@bufbuild/protobuf";
import { compile, conditional, type NodeOutput, type SerializationSettings, t, task, workflow } from "@flyte-ts/core";
import { type NodeEvent, runWorkflowHere } from "@flyte-ts/core/plugin";
import { WorkflowTemplateSchema } from "@flyte-ts/idl/core";
import { describe, expect, expectTypeOf, test } from "vitest";

const settings: SerializationSettings = { project: "p", domain: "d", version: "v", module: "m.ts", image: "i:1" };
const called: string[] = [];
const double = task({
  name: "double",
  inputs: { n: t.float },
  output: t.float,
  run: ({ n }) => {
    called.push("double");
    return 2 * n;
  },
});
const square = task({
  name: "square",
  inputs: { n: t.float },
  output: t.float,
  run: ({ n }) => {
    called.push("square");
    return n * n;
  },
});
const label = task({
  name: "label",
  inputs: { n: t.float },
  outputs: { o0: t.float, text: t.string },
  run: ({ n }) => ({ o0: n, text: `${n}` }),
});
const note = task({ name: "note", inputs: { n: t.float }, run: () => void called.push("note") });

/** The nested conditional of flytekit's documents. */
const multiplier = workflow({
  name: "multiplier",
  inputs: { n: t.float },
  build: ({ n }) =>
    conditional("fractions")
      .if(n.gt(0.1).and(n.lt(1)), () =>
        conditional("inner_fractions")
          .if(n.lt(0.5), () => double({ n }))
          .elif(n.gt(0.5).or(n.eq(0.5)), () => square({ n }))
          .fail("never"),
      )
      .elif(n.gte(1).and(n.lte(10)), () => square({ n }))
      .else(() => double({ n })),
});

const template = async (flow: Parameters<typeof compile>[0]) => {
  const { workflows } = await compile(flow, settings);
  const all = workflows.map(({ template }) => toJson(WorkflowTemplateSchema, template as never));
  return all.at(-1) as unknown;
};

describe("the way that is taken runs, and no other", () => {
  test.each([
    [0.4, 0.8, "double"],
    [0.5, 0.25, "square"],
    [4, 16, "square"],
    [20, 40, "double"],
  ])("%d gives %d by %s", async (n, expected, by) => {
    called.length = 0;
    expect(await multiplier({ n })).toBe(expected);
    expect(called).toEqual([by]);
  });

  test("nor what only that way needs: its workflow's tasks", async () => {
    const both = workflow({ name: "both", inputs: { n: t.float }, build: ({ n }) => square({ n: double({ n }) }) });
    const flow = workflow({
      name: "flow",
      inputs: { deep: t.boolean, n: t.float },
      build: ({ deep, n }) =>
        double({
          n: conditional("depth")
            .if(deep.isTrue(), () => both({ n }))
            .else(() => square({ n })),
        }),
    });
    called.length = 0;
    expect(await flow({ deep: false, n: 3 })).toBe(18);
    expect(called).toEqual(["square", "double"]);
    called.length = 0;
    expect(await flow({ deep: true, n: 3 })).toBe(72);
    expect(called).toEqual(["double", "square", "double"]);
  });

  test("its node has the branch's id before its own, as Flyte's has", async () => {
    const events: NodeEvent[] = [];
    await runWorkflowHere(multiplier, { n: 0.6 }, { onEvent: (event) => events.push(event) });
    const ended = events.filter(({ phase }) => phase === "succeeded").map(({ id, entity }) => `${id} ${entity}`);
    expect(ended).toEqual(["n0-n0-n1 square", "n0-n0 inner_fractions", "n0 fractions"]);
  });

  test("the nodes of the other ways are told of as skipped", async () => {
    const skippedFor = async (n: number): Promise<string[]> => {
      const events: NodeEvent[] = [];
      await runWorkflowHere(multiplier, { n }, { onEvent: (event) => events.push(event) }).catch(() => {});
      return events.filter(({ phase }) => phase === "skipped").map(({ id, entity }) => `${id} ${entity}`);
    };
    expect(await skippedFor(0.4)).toEqual(["n0-n1 square", "n0-n2 double", "n0-n0-n1 square"]);
    expect(await skippedFor(20)).toEqual(["n0-n0 inner_fractions", "n0-n1 square"]);
  });

  test("no way is the author's error", async () => {
    const flow = workflow({
      name: "flow",
      inputs: { n: t.float },
      build: ({ n }) =>
        conditional("size")
          .if(n.gt(1), () => double({ n }))
          .fail("n is too small"),
    });
    await expect(flow({ n: 1 })).rejects.toMatchObject({
      code: "TaskFailed",
      wireCode: "UserProvidedError",
      message: "node n0 (size): n is too small",
    });
  });

  test("variables of every kind are compared as propeller compares them", async () => {
    const inputs = {
      i: t.bigint,
      s: t.string,
      b: t.boolean,
      when: t.datetime,
      took: t.duration,
      color: t.enum(["red", "blue"]),
      other: t.enum(["red", "blue"]),
    };
    const one = task({ name: "one", output: t.int, run: () => 1 });
    const two = task({ name: "two", output: t.int, run: () => 2 });
    const start = new Date("2024-01-02T03:04:05Z");
    const flow = workflow({
      name: "kinds",
      inputs,
      build: ({ i, s, b, when, took, color, other }) => {
        const all = i
          .eq(2n ** 60n)
          .and(s.ne("x"))
          .and(b.isFalse())
          .and(when.eq(start))
          .and(took.lte(90_000));
        return conditional("all")
          .if(all.and(color.eq(other)), () => one())
          .else(() => two());
      },
    });
    const given = {
      i: 2n ** 60n,
      s: "y",
      b: false,
      // a fraction of a second does not count
      when: new Date("2024-01-02T03:04:05.678Z"),
      took: 90_999,
      color: "red" as const,
      other: "red" as const,
    };
    expect(await flow(given)).toBe(1);
    for (const change of [{ i: 3n }, { s: "x" }, { b: true }, { took: 91_000 }, { other: "blue" as const }]) {
      expect(await flow({ ...given, ...change })).toBe(2);
    }
  });
});

describe("a conditional is sent", () => {
  test("as a branch node whose inputs are what the conditions look at", async () => {
    const flow = workflow({
      name: "sent",
      inputs: { n: t.float, low: t.float },
      build: ({ n, low }) => {
        const { o0 } = double({ n });
        const chosen = conditional("cond")
          .if(o0.gt(low).or(o0.eq(1)), () => double({ n: o0 }))
          .fail("too small");
        return { chosen };
      },
    });
    const id = { resourceType: "TASK", project: "p", domain: "d", name: "double", version: "v" };
    const promise = (nodeId: string, name: string) => ({ promise: { ...(nodeId ? { nodeId } : {}), var: name } });
    expect(await template(flow)).toMatchObject({
      nodes: [
        { id: "n0" },
        {
          id: "n1",
          metadata: { name: "cond", retries: {} },
          inputs: [
            { var: ".low", binding: promise("", "low") },
            { var: "n0.o0", binding: promise("n0", "o0") },
          ],
          upstreamNodeIds: ["n0"],
          branchNode: {
            ifElse: {
              case: {
                condition: {
                  conjunction: {
                    operator: "OR",
                    leftExpression: {
                      comparison: { operator: "GT", leftValue: { var: "n0.o0" }, rightValue: { var: ".low" } },
                    },
                    // a float's constant is a float, whatever the number looks like
                    rightExpression: {
                      comparison: { leftValue: { var: "n0.o0" }, rightValue: { primitive: { floatValue: 1 } } },
                    },
                  },
                },
                thenNode: {
                  id: "n0",
                  metadata: { name: "double" },
                  inputs: [{ var: "n", binding: promise("n0", "o0") }],
                  upstreamNodeIds: ["n0"],
                  taskNode: { referenceId: id },
                },
              },
              error: { failedNodeId: "cond", message: "too small" },
            },
          },
        },
      ],
      outputs: [{ var: "chosen", binding: promise("n1", "o0") }],
    });
  });

  test("with the names that its nodes have in the end, and the tasks and workflows of all ways", async () => {
    const inner = workflow({ name: "inner", inputs: { n: t.float }, build: ({ n }) => label({ n }) });
    const flow = workflow({
      name: "renamed",
      inputs: { n: t.float },
      build: ({ n }) => {
        const first = double({ n });
        const chosen = conditional("cond")
          .if(first.o0.gt(1), () => inner({ n }))
          .else(() => square({ n }));
        first.withOverrides({ nodeName: "first" });
        return chosen;
      },
    });
    expect(await template(flow)).toMatchObject({
      nodes: [
        { id: "first" },
        {
          inputs: [{ var: "first.o0", binding: { promise: { nodeId: "first" } } }],
          branchNode: { ifElse: { case: { condition: { comparison: { leftValue: { var: "first.o0" } } } } } },
        },
      ],
    });
    expect(await flow({ n: 2 })).toBe(2);
    const { tasks, workflows } = await compile(flow, settings);
    expect(tasks.map(({ template }) => template?.id?.name).sort()).toEqual(["double", "label", "square"]);
    expect(workflows.at(-1)?.subWorkflows.map(({ id }) => id?.name)).toEqual(["inner"]);
  });

  test("two conditionals may have one name", async () => {
    const flow = workflow({
      name: "twice",
      inputs: { n: t.float },
      build: ({ n }) => {
        const again = () =>
          conditional("c")
            .if(n.gt(1), () => double({ n }))
            .else(() => square({ n }));
        return { a: again(), b: again() };
      },
    });
    expect(await template(flow)).toMatchObject({ nodes: [{ id: "n0" }, { id: "n1" }] });
    expect(await flow({ n: 3 })).toEqual({ a: 6, b: 6 });
  });
});

test("its outputs are those that every way has", async () => {
  const flow = workflow({
    name: "common",
    inputs: { n: t.float },
    build: ({ n }) => {
      const chosen = conditional("c")
        .if(n.gt(1), () => label({ n }))
        .else(() => double({ n }));
      expectTypeOf(chosen.outputs).toEqualTypeOf<{ readonly o0: NodeOutput<number> }>();
      return chosen;
    },
  });
  expectTypeOf(flow({ n: 1 })).resolves.toEqualTypeOf<number>();
  expect(Object.keys(flow.outputs)).toEqual(["o0"]);
  expect(await flow({ n: 5 })).toBe(5);
});

test("a way may have nothing to give, and what stands behind waits for it", async () => {
  const flow = workflow({
    name: "void",
    inputs: { n: t.float },
    build: ({ n }) => {
      const last = double({ n });
      const chosen = conditional("c")
        .if(n.gt(1), () => void note({ n }))
        .else(() => square({ n }));
      // @ts-expect-error one way has no outputs
      chosen.o0;
      chosen.runsBefore(last);
      return last;
    },
  });
  called.length = 0;
  expect(await flow({ n: 5 })).toBe(10);
  expect(called).toEqual(["note", "double"]);
});

describe("what Flyte refuses or cannot do is named when the workflow is defined", () => {
  const point = task({ name: "point", output: t.object({ x: t.int }), run: () => ({ x: 1 }) });
  const whole = task({ name: "whole", output: t.int, run: () => 1 });
  const inputs = {
    n: t.float,
    i: t.int,
    b: t.boolean,
    when: t.datetime,
    maybe: t.optional(t.int),
    color: t.enum(["red", "blue"]),
    xs: t.list(t.int),
  };
  type Given = { readonly [K in keyof typeof inputs]: NodeOutput<never> };
  const twice = (n: NodeOutput<number>) => () => double({ n });

  test.each<[string, (given: Given) => unknown, RegExp]>([
    ["an int against 1.5", ({ i }) => i.eq(1.5 as never), /input i\.eq\(…\): expected an integer, got 1\.5/],
    ["types that differ", ({ i, n }) => i.lt(n as never), /input i is int, input n is float; the types must be equal/],
    ["an enum's constant", ({ color }) => color.eq("red" as never), /compares DefaultEnumTransformer with another/],
    ["an optional value", ({ maybe }) => maybe.eq(1 as never), /input maybe is Typed Union; only int, float, str/],
    ["a list", ({ xs }) => xs.eq(xs), /input xs is Typed List; only int/],
    ["a part of a value", ({ xs }) => (xs as NodeOutput<number[]>).at(0).eq(1), /input xs\.0 is a part of one/],
    ["a part of an object", () => point().o0.at("x").eq(1), /o0\.x is a part of one/],
    ["an order of booleans", ({ b }) => b.gt(true as never), /booleans are equal or not, but have no order/],
    ["a fraction of a second", ({ when }) => when.gt(new Date(1500) as never), /Flyte compares whole seconds/],
    [
      "no condition",
      ({ b, n }) => conditional("c").if(b as never, twice(n)),
      /"c" needs a condition, made by comparing/,
    ],
    [
      "no end",
      ({ b, n }) => conditional("c").if((b as NodeOutput<boolean>).isTrue(), twice(n)),
      /conditional "c" has no end/,
    ],
    [
      "no way with a condition",
      () => (conditional("c") as never as { fail(m: string): void }).fail("x"),
      /"c" has no way/,
    ],
    [
      "an else after an end",
      ({ b, n }) => {
        const c = conditional("c").if((b as NodeOutput<boolean>).isTrue(), twice(n));
        c.fail("x");
        c.else(twice(n));
      },
      /"c" has ended/,
    ],
    [
      "a way without a call",
      ({ n }) =>
        conditional("c")
          .if(n.eq(n), () => {})
          .fail("x"),
      /"c" has a way without a call/,
    ],
    [
      "a way with two calls",
      ({ n }) =>
        conditional("c")
          .if(n.eq(n), () => square({ n: double({ n }) }))
          .fail("x"),
      /2 calls \(double, square\); Flyte takes one: put them into a workflow/,
    ],
    [
      "an async way",
      ({ n }) =>
        conditional("c")
          .if(n.eq(n), (async () => double({ n })) as never)
          .fail("x"),
      /has a way that is async/,
    ],
    [
      "another call as a way",
      ({ n }) => {
        const outside = double({ n });
        conditional("c")
          .if(n.eq(n), () => {
            double({ n });
            return outside;
          })
          .fail("x");
      },
      /returns something else than its call/,
    ],
    [
      "outputs of one name and two types",
      ({ n }) =>
        conditional("c")
          .if(n.eq(n), twice(n))
          .else((() => whole()) as never),
      /outputs "o0" differ in type: float of double, int of whole/,
    ],
    [
      "a branch's output outside of it",
      ({ n }) => {
        let leaked: NodeOutput<number> | undefined;
        conditional("c")
          .if(n.eq(n), () => {
            const call = double({ n });
            leaked = call.o0;
            return call;
          })
          .fail("x");
        return square({ n: leaked as NodeOutput<number> });
      },
      /n0\.o0 stands in conditional "c", whose branch may not be taken/,
    ],
    [
      "a branch's output in another",
      ({ n }) => {
        let leaked: NodeOutput<number> | undefined;
        conditional("c")
          .if(n.eq(n), () => {
            const call = double({ n });
            leaked = call.o0;
            return call;
          })
          .else(() => square({ n: leaked as NodeOutput<number> }));
      },
      /n0\.o0 (stands in|does not belong)/,
    ],
    [
      "an order for a node in a branch",
      ({ n }) => {
        const first = double({ n });
        conditional("c")
          .if(n.eq(n), () => {
            const call = double({ n });
            first.runsBefore(call);
            return call;
          })
          .fail("x");
      },
      /Flyte keeps no order for a node in a branch \(n0, double\)/,
    ],
    [
      "an order behind a node in a branch",
      ({ n }) => {
        const last = square({ n });
        conditional("c")
          .if(n.eq(n), () => {
            const call = double({ n });
            call.runsBefore(last);
            return call;
          })
          .fail("x");
      },
      /both must stand in the workflow itself/,
    ],
  ])("%s", (_what, build, message) => {
    const define = () =>
      workflow({
        name: "w",
        inputs,
        build: (given) => {
          note({ n: 1 });
          build(given as never);
        },
      });
    expect(define).toThrow(message);
  });

  test("a conditional outside of a workflow", () => {
    expect(() => conditional("c")).toThrow(/stands outside of a workflow/);
  });
});

test("wrong conditions and ways do not compile", () => {
  const wrong = (given: {
    n: NodeOutput<number>;
    b: NodeOutput<boolean>;
    s: NodeOutput<string>;
    color: NodeOutput<"red" | "blue">;
    maybe: NodeOutput<number | null>;
  }): void => {
    const { n, b, s, color, maybe } = given;
    // @ts-expect-error a string is no number
    n.eq("1");
    // @ts-expect-error an output of another type
    n.eq(s);
    // @ts-expect-error booleans have no order
    b.gt(true);
    // @ts-expect-error only a boolean is true or not
    n.isTrue();
    // @ts-expect-error Flyte compares enums with enums only
    color.eq("red");
    // @ts-expect-error an optional value cannot be compared
    maybe.eq(1);
    // @ts-expect-error a boolean output is no condition
    conditional("c").if(b, () => double({ n }));
    // @ts-expect-error a conditional without an end has no outputs
    square({ n: conditional("c").if(b.isTrue(), () => double({ n })) });
    const text = task({ name: "text", output: t.string, run: () => "" });
    const begun = conditional("c").if(b.isTrue(), () => double({ n }));
    // @ts-expect-error outputs of one name have one type
    begun.else(() => text());
    // @ts-expect-error a way returns a call
    conditional("c").if(b.isTrue(), () => 1);
  };
  expect(wrong).toBeTypeOf("function");
});
