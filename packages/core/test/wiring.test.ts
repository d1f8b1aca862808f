/** What must compile and what must not: this file is checked by the compiler as much as by the runner. */
import { type Dataset, type NodeOutput, t, task, workflow } from "@flyte-ts/core";
import { expect, expectTypeOf, test } from "vitest";

const words = task({
  name: "words",
  inputs: { count: t.int },
  output: t.list(t.string),
  run: ({ count }) => [`${count}`],
});
const pair = task({
  name: "pair",
  inputs: { name: t.string, size: t.optional(t.int), factor: t.float.default(1) },
  outputs: { left: t.string, right: t.int },
  run: ({ name, size }) => ({ left: name, right: size ?? 0 }),
});
const rows = task({
  name: "rows",
  inputs: { rows: t.dataset({ columns: { id: t.bigint, name: t.string } }) },
  run: async ({ rows }) => {
    expectTypeOf(rows).toEqualTypeOf<Dataset<{ readonly id: bigint | null; readonly name: string | null }>>();
  },
});

test("calls have the types of their outputs", () => {
  expectTypeOf(words({ count: 1 })).resolves.toEqualTypeOf<string[]>();
  expectTypeOf(pair({ name: "a" })).resolves.toEqualTypeOf<{ left: string; right: number }>();
  expectTypeOf(pair({ name: "a" }).left).toEqualTypeOf<NodeOutput<string>>();
  expectTypeOf(pair({ name: "a" }).outputs.right).toEqualTypeOf<NodeOutput<number>>();
});

test("a workflow infers its outputs from what build returns", async () => {
  const one = workflow({ name: "one", inputs: { n: t.int }, build: ({ n }) => words({ count: n }) });
  expectTypeOf(one({ n: 1 })).resolves.toEqualTypeOf<string[]>();
  expect(await one({ n: 2 })).toEqual(["2"]);
  const two = workflow({
    name: "two",
    inputs: { n: t.int.default(3) },
    build: ({ n }) => {
      const { left, right } = pair({ name: words({ count: n }).o0.at(0), size: n });
      return { left, right };
    },
  });
  expectTypeOf(two()).resolves.toEqualTypeOf<{ left: string; right: number }>();
  expect(await two()).toEqual({ left: "3", right: 3 });
});

test("lists and maps may mix values and outputs", async () => {
  const join = task({
    name: "join",
    inputs: { parts: t.list(t.string) },
    output: t.string,
    run: ({ parts }) => parts.join(),
  });
  const mixed = workflow({
    name: "mixed",
    inputs: { last: t.string },
    build: ({ last }) => join({ parts: ["first", pair({ name: "middle" }).left, last] }),
  });
  expect(await mixed({ last: "end" })).toBe("first,middle,end");
});

test("wrong wiring does not compile, and is refused at run time", () => {
  const never = (): void => {
    // @ts-expect-error a string is no int
    words({ count: "1" });
    // @ts-expect-error the input is missing
    words({});
    // @ts-expect-error there is no such input
    words({ count: 1, more: 2 });
    // @ts-expect-error there is no such output
    pair({ name: "a" }).middle;
    // @ts-expect-error an int output is no string input
    pair({ name: pair({ name: "a" }).right });
    // @ts-expect-error a call with two outputs is no input
    pair({ name: pair({ name: "a" }) });
    // @ts-expect-error a list of strings is no dataset
    rows({ rows: words({ count: 1 }) });
  };
  expect(never).toThrow(/count|input/);
  expect(() =>
    // @ts-expect-error the function returns no string
    task({ name: "bad", output: t.string, run: () => 1 }),
  ).not.toThrow();
});
