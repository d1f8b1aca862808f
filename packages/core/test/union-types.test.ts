import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AcceptedOf, type AnyType, FlyteFile, type NativeOf, t } from "@flyte-ts/core";
import { type ConversionContext, Literal, LiteralType, TypeEngine } from "@flyte-ts/core/plugin";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from "vitest";
import { localTaskContext } from "../src/local/local-context.ts";

let directory: string;
let context: ConversionContext;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "flyte-ts-unions-"));
  context = await localTaskContext({ task: "unions", directory });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function throughBytes(type: AnyType, value: unknown, reader = type): Promise<unknown> {
  const literal = await type.toLiteral(value, context);
  return reader.toNative(Literal.decode(Literal.encode(literal)), context);
}
const json = async (type: AnyType, value: unknown): Promise<unknown> =>
  Literal.toJson(await type.toLiteral(value, context));

describe("unions", () => {
  const a = t.object({ a: t.int }, "A");
  const b = t.object({ b: t.int }, "B");
  const any = t.union(t.bigint, t.float, t.string, t.list(t.int), t.map(t.boolean), t.datetime, t.bytes, a, b, t.none);

  test("the type has flytekit's tags, in the order of declaration", () => {
    expect(LiteralType.toJson(t.union(t.int, t.optional(t.string)).literalType)).toEqual({
      unionType: {
        variants: [
          { simple: "INTEGER", structure: { tag: "int" } },
          { simple: "STRING", structure: { tag: "str" } },
          { simple: "NONE", structure: { tag: "none" } },
        ],
      },
    });
    expect(t.optional(t.union(t.int, t.string)).literalType).toEqual(t.union(t.int, t.string, t.none).literalType);
  });

  test("a value says its variant, and comes back as it was", async () => {
    const value = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.double({ noNaN: true, noInteger: true }),
      fc.string(),
      fc.array(fc.integer()),
      fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-12-31") }),
      fc.uint8Array(),
      fc.record({ a: fc.integer() }),
      fc.record({ b: fc.integer() }),
      fc.constant(null),
    );
    await fc.assert(
      fc.asyncProperty(value, async (given) => {
        expect(await throughBytes(any, given)).toEqual(given);
        expect(await throughBytes(t.list(t.optional(t.union(t.string, t.float))), ["x", 1.5, null])).toEqual([
          "x",
          1.5,
          null,
        ]);
      }),
    );
  });

  test("a number is a float's or an int's by what the variants receive, never by chance", async () => {
    expect(await json(t.union(t.bigint, t.float), 3)).toMatchObject({
      scalar: { union: { type: { simple: "FLOAT" } } },
    });
    expect(await json(t.union(t.bigint, t.string), 3)).toMatchObject({
      scalar: { union: { type: { simple: "INTEGER" } } },
    });
    await expect((async () => t.union(t.int, t.float).toLiteral(3, context))()).rejects.toThrow(
      "3 is ambiguous in a union: int and float take it",
    );
  });

  test("a text is a file only where nothing else takes it", async () => {
    const path = join(directory, "x.txt");
    await writeFile(path, "x");
    expect(await json(t.union(t.file(), t.string), path)).toMatchObject({
      scalar: { union: { type: { simple: "STRING" } } },
    });
    expect(FlyteFile.is(await throughBytes(t.union(t.file(), t.int), path))).toBe(true);
  });

  test("what is no union is read by the one variant that it fits", async () => {
    const type = t.union(t.int, t.float, t.string);
    const read = (literal: object) =>
      type.toNative(Literal.fromJson({ scalar: { primitive: literal } } as never), context);
    expect(await read({ floatValue: 3.5 })).toBe(3.5);
    expect(await read({ integer: "3" })).toBe(3);
    expect(await read({ stringValue: "x" })).toBe("x");
    const within = t.object({ u: t.union(t.string, t.list(t.int), t.none) });
    for (const u of ["x", [1, 2], null]) expect(await throughBytes(within, { u })).toEqual({ u });
  });

  test.each<[string, () => unknown, string]>([
    ["one variant", () => t.union(t.int), "two types at least"],
    ["twins", () => t.union(t.int, t.bigint), "two variants int that are one on the wire"],
    [
      "a value of none",
      () => t.union(t.int, t.string).toLiteral(true as never, context),
      "expected one of int, str, got true",
    ],
    [
      "why none takes it",
      () => t.union(a, t.string).toLiteral({ a: "x" } as never, context),
      'Object-Dataclass-Transformer: a: expected an integer, got "x"',
    ],
    [
      "a tag that is not there",
      async () => t.union(t.int, t.string).toNative(await t.optional(t.float).toLiteral(1, context), context),
      "a union's float cannot be read as one of int, str",
    ],
  ])("an error says what is wrong: %s", async (_name, act, message) => {
    await expect((async () => act())()).rejects.toThrow(message);
  });

  test("types are inferred", () => {
    const type = t.union(t.int, t.string, t.none);
    expectTypeOf<NativeOf<typeof type>>().toEqualTypeOf<number | string | null>();
    expectTypeOf<AcceptedOf<typeof type>>().toEqualTypeOf<number | string | null | undefined>();
    const literal = t.literal("a", "b");
    expectTypeOf<NativeOf<typeof literal>>().toEqualTypeOf<"a" | "b">();
    // @ts-expect-error true is none of the variants
    const wrong: AcceptedOf<typeof type> = true;
    expect(wrong).toBe(true);
  });
});

describe("literals", () => {
  test("the type is the values' with an annotation that lists them", () => {
    expect(LiteralType.toJson(t.literal("a", "b").literalType)).toEqual({
      simple: "STRING",
      annotation: { annotations: { literal_values: ["a", "b"] } },
    });
    expect(LiteralType.toJson(t.literal(1, 0.5).literalType)).toMatchObject({ simple: "FLOAT" });
    expect(LiteralType.toJson(t.literal(true).literalType)).toMatchObject({ simple: "BOOLEAN" });
  });

  test("values keep their meaning; others are refused on both ways", async () => {
    for (const type of [t.literal("a", "b"), t.literal(1, 2), t.literal(0.5, 1), t.literal(false)]) {
      for (const value of type.values) expect(await throughBytes(type as AnyType, value)).toBe(value);
    }
    await expect((async () => t.literal("a").toLiteral("b" as never, context))()).rejects.toThrow(
      'expected "a", got "b"',
    );
    const other = await t.string.toLiteral("c");
    await expect((async () => t.literal("a", "b").toNative(other, context))()).rejects.toThrow(
      'one of "a", "b", got "c"',
    );
    expect(() => t.literal("a", 1 as never)).toThrow("all values must be of one type");
    expect(() => t.literal()).toThrow("at least one value");
  });
});

test("an error is read where it is wrapped, as a failure handler receives it", async () => {
  const failure = { message: "no luck", failedNodeId: "n0" };
  const literal = Literal.fromJson({
    scalar: {
      union: {
        value: { scalar: { error: { message: "no luck", failedNodeId: "n0" } } },
        type: { simple: "ERROR", structure: { tag: "FlyteError" } },
      },
    },
  });
  expect(await t.optional(t.error).toNative(literal, context)).toEqual(failure);
  expect(await t.error.toNative(literal, context)).toEqual(failure);
  expect(await throughBytes(t.error, failure)).toEqual(failure);
});

test("every type is guessed from its message, and reads what the declared one wrote", async () => {
  const engine = new TypeEngine();
  const cases: readonly [AnyType, unknown][] = [
    [t.union(t.bigint, t.string, t.none), 5n],
    [t.union(t.list(t.string), t.float), ["x"]],
    [t.optional(t.union(t.string, t.float)), null],
    [t.literal("a", "b"), "b"],
    [t.literal(0.5, 1), 1],
    [t.error, { message: "m", failedNodeId: "" }],
    [t.nanoseconds, 90_000_000_000n],
    [t.object({ a: t.float, b: t.list(t.int) }), { a: 2, b: [1] }],
    [t.date, new Date("2024-02-29")],
  ];
  for (const [type, value] of cases) {
    const guessed = engine.guess(LiteralType.decode(LiteralType.encode(type.literalType)));
    const literal = await type.toLiteral(value, context);
    const read = await guessed.toNative(literal, context);
    expect(read).toEqual(type === t.nanoseconds ? 90_000 : value);
    expect(Literal.toJson(await guessed.toLiteral(read, context))).toEqual(Literal.toJson(literal));
  }
});
