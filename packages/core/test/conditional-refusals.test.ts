import { conditional, type NodeOutput, t, task, workflow } from "@flyte-ts/core";
import { describe, expect, test } from "vitest";

const inputs = { n: t.float };
const double = task({ name: "double", inputs, output: t.float, run: ({ n }) => 2 * n });
const square = task({ name: "square", inputs, output: t.float, run: ({ n }) => n * n });
const note = task({ name: "note", inputs, run: () => {} });

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
