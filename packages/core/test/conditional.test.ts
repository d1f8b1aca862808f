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
