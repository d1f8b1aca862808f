import { type AcceptedOf, type AnyType, type NativeOf, t, task, workflow } from "@flyte-ts/core";
import { type ConversionContext, Literal, LiteralType } from "@flyte-ts/core/plugin";
import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";

const context = {} as ConversionContext;
const throughBytes = async (of: AnyType, value: unknown): Promise<unknown> =>
  of.toNative(Literal.decode(Literal.encode(await of.toLiteral(value, context))), context);

const zod = t.schema(
  z.object({ id: z.int(), price: z.number(), tags: z.array(z.string()), note: z.string().optional() }),
);
const valibot = t.schema(
  toStandardJsonSchema(
    v.object({
      id: v.pipe(v.number(), v.integer()),
      price: v.number(),
      tags: v.array(v.string()),
      note: v.optional(v.string()),
    }),
  ),
);
const arktype = t.schema(type({ id: "number.integer", price: "number", tags: "string[]", "note?": "string" }));

describe.each<[string, AnyType]>([
  ["zod", zod as AnyType],
  ["valibot", valibot as AnyType],
  ["arktype", arktype as AnyType],
])("%s", (vendor, of) => {
  test("values come back as they were", async () => {
    const value = { id: 1, price: 2, tags: ["a"] };
    expect(await throughBytes(of, value)).toEqual(value);
    expect(await throughBytes(of, { ...value, note: "n" })).toEqual({ ...value, note: "n" });
  });

  test("floats are floats on the wire, as the schema says", async () => {
    const literal = Literal.toJson(await of.toLiteral({ id: 1, price: 2, tags: [] }, context)) as never as {
      scalar: { binary: { value: string; tag: string } };
    };
    expect(Buffer.from(literal.scalar.binary.value, "base64").toString("hex")).toContain(
      `${Buffer.from("price").toString("hex")}cb4000000000000000`,
    );
  });

  test("the type carries the schema, and the fields for attribute paths", () => {
    expect(LiteralType.toJson(of.literalType)).toMatchObject({
      simple: "STRUCT",
      metadata: {
        type: "object",
        properties: { price: { type: "number" } },
        required: expect.arrayContaining(["id", "price", "tags"]),
      },
      structure: { dataclassType: { id: { simple: "INTEGER" }, tags: { collectionType: { simple: "STRING" } } } },
      annotation: { annotations: { "cache-key-metadata": { "serialization-format": "msgpack" } } },
    });
  });

  test("a wrong value is refused on both ways, with its place and who says so", async () => {
    const wrong = { id: 1, price: "x", tags: [] };
    await expect((async () => of.toLiteral(wrong, context))()).rejects.toMatchObject({
      code: "InvalidType",
      message: expect.stringMatching(new RegExp(`^price: .*\\(${vendor}\\)$`, "s")),
    });
    const sent = await t.json.toLiteral(wrong);
    await expect((async () => of.toNative(sent, context))()).rejects.toMatchObject({ code: "ConversionFailed" });
  });
});

test("without Standard JSON Schema the type is a STRUCT and nothing more", async () => {
  const plain = t.schema(v.object({ a: v.number() }));
  expect(plain.literalType.metadata).toBeUndefined();
  expect(plain.literalType.structure).toBeUndefined();
  expect(await throughBytes(plain as AnyType, { a: 1 })).toEqual({ a: 1 });
});

test("the wire has what the schema takes, a task what it makes of it", async () => {
  const of = t.schema(
    z.object({ size: z.number().default(3), at: z.coerce.date(), n: z.string().transform((text) => text.length) }),
  );
  expectTypeOf<NativeOf<typeof of>>().toEqualTypeOf<{ size: number; at: Date; n: number }>();
  expectTypeOf<AcceptedOf<typeof of>["n"]>().toEqualTypeOf<string>();
  const at = new Date("2024-02-29T12:30:00Z");
  expect(await throughBytes(of as AnyType, { at, n: "four" })).toEqual({ size: 3, at, n: 4 });
  await expect((async () => t.schema(z.date()).toLiteral(at, context))()).rejects.toThrow("zod");
});

test("schemas that are no objects, and those that validate later", async () => {
  expect(await throughBytes(t.schema(z.array(z.int())) as AnyType, [1, 2])).toEqual([1, 2]);
  expect(await throughBytes(t.schema(z.string()) as AnyType, "x")).toBe("x");
  const later = t.schema(z.string().refine(async (text) => text !== "no", "not this one"));
  expect(await throughBytes(later as AnyType, "yes")).toBe("yes");
  await expect((async () => later.toLiteral("no", context))()).rejects.toThrow("not this one");
  expect(() => t.schema({} as never)).toThrow("t.schema takes a Standard Schema");
});

test("fields are wired to other inputs, and read there", async () => {
  const order = t.schema(z.object({ lines: z.array(z.object({ price: z.number(), count: z.int() })) }));
  const make = task({
    name: "make",
    inputs: { price: t.float },
    output: order,
    run: ({ price }) => ({ lines: [{ price, count: 2 }] }),
  });
  const double = task({ name: "double", inputs: { x: t.float }, output: t.float, run: ({ x }) => 2 * x });
  const all = workflow({
    name: "all",
    inputs: { price: t.float },
    build: ({ price }) => double({ x: make({ price }).o0.at("lines", 0, "price") }),
  });
  expect(await all({ price: 1.5 })).toBe(3);
});
