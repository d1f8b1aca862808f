import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AnyType, FlyteError, FlyteFile, t } from "@flyte-ts/core";
import { type ConversionContext, Literal, TypeEngine } from "@flyte-ts/core/plugin";
import { encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { localTaskContext } from "../src/local/local-context.ts";

let directory: string;
let context: ConversionContext;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "flyte-ts-types-"));
  context = await localTaskContext({ task: "types", directory });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** A value through its literal and the literal's bytes. */
async function throughBytes(type: AnyType, value: unknown): Promise<unknown> {
  const literal = await type.toLiteral(value, context);
  return type.toNative(Literal.decode(Literal.encode(literal)), context);
}

const json = async (type: AnyType, value: unknown): Promise<unknown> =>
  Literal.toJson(await type.toLiteral(value, context));

const msgpack = (value: unknown): Literal =>
  Literal.create({
    value: {
      case: "scalar",
      value: {
        value: {
          case: "binary",
          value: { value: Uint8Array.from(encode(value, { useBigInt64: true })), tag: "msgpack" },
        },
      },
    },
  });

/** msgpack refuses a key called `__proto__`, and so do we. */
const isSayable = (value: unknown): boolean => !JSON.stringify(value).includes('"__proto__":');

/** JSON has one zero, and so has msgpack's integer. */
const withoutMinusZero = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("values keep their meaning through the wire", () => {
  const order = t.object({ id: t.bigint, price: t.float, tags: t.list(t.string), note: t.optional(t.string) }, "Order");
  const cases: readonly [string, AnyType, fc.Arbitrary<unknown>][] = [
    ["int", t.int, fc.maxSafeInteger()],
    ["bigint", t.bigint, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
    ["float", t.float, fc.double()],
    ["string", t.string, fc.string({ unit: "binary" })],
    ["boolean", t.boolean, fc.boolean()],
    [
      "datetime",
      t.datetime,
      fc.date({ noInvalidDate: true, min: new Date("0001-01-01"), max: new Date("9999-12-31") }),
    ],
    ["duration", t.duration, fc.integer({ min: -(10 ** 12), max: 10 ** 12 })],
    ["bytes", t.bytes, fc.uint8Array()],
    ["enum", t.enum(["a", "b"]), fc.constantFrom("a", "b")],
    ["json", t.json, fc.jsonValue({ maxDepth: 3 }).filter(isSayable).map(withoutMinusZero)],
    ["list", t.list(t.list(t.int)), fc.array(fc.array(fc.integer()))],
    ["map", t.map(t.float), fc.dictionary(fc.string(), fc.double({ noNaN: true }))],
    ["optional", t.optional(t.int), fc.option(fc.integer(), { nil: null })],
    [
      "object",
      order,
      fc.record({
        id: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        price: fc.double(),
        tags: fc.array(fc.string()),
        note: fc.option(fc.string(), { nil: null }),
      }),
    ],
  ];
  test.each(cases)("%s", async (_name, type, arbitrary) => {
    await fc.assert(
      fc.asyncProperty(arbitrary, async (value) => {
        expect(await throughBytes(type, value)).toEqual(value);
      }),
      { numRuns: 60 },
    );
  });
});

describe("the wire form is flytekit's", () => {
  test("an optional is a union with flytekit's tags", async () => {
    expect(await json(t.optional(t.int), 3)).toEqual({
      scalar: {
        union: {
          value: { scalar: { primitive: { integer: "3" } } },
          type: { simple: "INTEGER", structure: { tag: "int" } },
        },
      },
    });
    expect(await json(t.optional(t.int), undefined)).toEqual({
      scalar: {
        union: { value: { scalar: { noneType: {} } }, type: { simple: "NONE", structure: { tag: "none" } } },
      },
    });
  });

  test("an object is msgpack in field order, floats as floats", async () => {
    const type = t.object({ b: t.float, a: t.int });
    // 82 a1 62 cb 4000000000000000 a1 61 01: {"b": 2.0, "a": 1}
    expect(await json(type, { a: 1, b: 2 })).toEqual({
      scalar: {
        binary: { value: Buffer.from("82a162cb4000000000000000a16101", "hex").toString("base64"), tag: "msgpack" },
      },
    });
  });

  test("an object's type says its schema, its fields and how it travels", () => {
    const { metadata, structure, annotation } = t.object({ a: t.int, b: t.optional(t.string) }, "DC").literalType;
    expect(metadata).toEqual({
      type: "object",
      title: "DC",
      properties: { a: { type: "integer" }, b: { anyOf: [{ type: "string" }, { type: "null" }], default: null } },
      additionalProperties: false,
      required: ["a"],
    });
    expect(Object.keys(structure?.dataclassType ?? {})).toEqual(["a", "b"]);
    expect(annotation?.annotations).toEqual({ "cache-key-metadata": { "serialization-format": "msgpack" } });
  });

  test("the schemas of an object's fields are those of flytekit's dataclasses, to the last detail", () => {
    // as flytekit 1.16 writes them for the same fields; registering an object for a Python task compares the two
    const inner = {
      type: "object",
      title: "Inner",
      properties: { b: { type: "integer" }, c: { anyOf: [{ type: "string" }, { type: "null" }], default: null } },
      additionalProperties: false,
      required: ["b"],
    };
    const path = { anyOf: [{ type: "string" }, { format: "path", type: "string" }], default: null };
    const metadata = {
      anyOf: [
        { type: "object", propertyNames: { type: "string" }, additionalProperties: { type: "string" } },
        { type: "null" },
      ],
      default: null,
    };
    const file = { properties: { path, metadata }, title: "FlyteFile", type: "object", additionalProperties: false };
    const text = { anyOf: [{ type: "string" }, { type: "null" }] };
    const Inner = t.object({ b: t.int, c: t.optional(t.string) }, "Inner");
    const fields = {
      when: t.datetime,
      day: t.date,
      wait: t.duration,
      optional: t.optional(Inner),
      list: t.list(Inner),
      map: t.map(Inner),
      file: t.file(),
      directory: t.directory(),
      color: t.enum(["red", "blue"]),
      rows: t.dataset(),
      bytes: t.bytes,
      size: t.int.default(3),
    };
    expect(t.object(fields).literalType.metadata?.properties).toEqual({
      when: { format: "date-time", type: "string" },
      day: { format: "date", type: "string" },
      wait: { format: "time-delta", type: "number" },
      optional: { anyOf: [inner, { type: "null" }], default: null },
      list: { type: "array", items: inner },
      map: { type: "object", propertyNames: { type: "string" }, additionalProperties: inner },
      file,
      directory: { properties: { path }, title: "FlyteDirectory", type: "object", additionalProperties: false },
      color: { enum: ["red", "blue"] },
      rows: {
        properties: { file_format: { ...text, default: "" }, uri: { ...text, default: null } },
        title: "StructuredDataset",
        type: "object",
        additionalProperties: false,
      },
      bytes: { format: "base64", type: "string" },
      size: { type: "integer", default: 3 },
    });
  });

  test("a local file is stored below the raw output prefix under its own name, a remote one stays where it is", async () => {
    const path = join(directory, "x.csv");
    await writeFile(path, "a,b");
    const literal = await t.file("csv").toLiteral(path, context);
    expect(JSON.stringify(Literal.toJson(literal))).toMatch(/raw\/[0-9a-f]{32}\/x\.csv/);
    const file = (await t.file("csv").toNative(literal, context)) as FlyteFile;
    expect(await file.text()).toBe("a,b");
    expect(await json(t.file(), "s3://bucket/key")).toMatchObject({ scalar: { blob: { uri: "s3://bucket/key" } } });
  });

  test("a folder is stored whole", async () => {
    const literal = await t.directory().toLiteral(directory, context);
    const stored = await t.directory().toNative(literal, context);
    const names: string[] = [];
    for await (const { uri } of stored.files()) names.push(uri.slice(stored.uri.length + 1));
    expect(names).toContain("x.csv");
  });
});

describe("what the platform really sends is understood", () => {
  test.each<[string, AnyType, unknown, unknown]>([
    ["an int", t.int, 5, 5],
    ["an int beyond 2^53", t.bigint, 2n ** 60n, 2n ** 60n],
    ["a float that has no fraction", t.float, 2, 2],
    ["a string", t.string, "x", "x"],
    ["a date as ISO text", t.datetime, "2024-01-02T03:04:05+00:00", new Date("2024-01-02T03:04:05Z")],
    ["a list", t.list(t.int), [1, 2], [1, 2]],
    ["an object", t.object({ a: t.int }), { a: 1 }, { a: 1 }],
    ["nothing for an optional", t.optional(t.int), null, null],
  ])("msgpack of %s", async (_name, type, sent, native) => {
    expect(await type.toNative(msgpack(sent), context)).toEqual(native);
  });

  test("a file field arrives as its path", async () => {
    const file = await t.file().toNative(msgpack({ path: "s3://b/k" }), context);
    expect(FlyteFile.is(file)).toBe(true);
    expect((file as FlyteFile).uri).toBe("s3://b/k");
  });

  test("the console sends Structs, and floats for integers", async () => {
    const generic = Literal.fromJson({ scalar: { generic: { a: 1 } } });
    expect(await t.object({ a: t.int }).toNative(generic, context)).toEqual({ a: 1 });
    const float = Literal.fromJson({ scalar: { primitive: { floatValue: 3 } } });
    expect(await t.int.toNative(float, context)).toBe(3);
  });
});

describe("a wrong value is named", () => {
  test.each<[AnyType, unknown, RegExp]>([
    [t.int, "x", /expected an integer, got "x"/],
    [t.int, 1.5, /expected an integer, got 1.5/],
    [t.int, 2 ** 60, /too large for t.int.*use t.bigint/],
    [t.bigint, 2n ** 64n, /expected an integer of 64 bits/],
    [t.boolean, 1, /expected true or false, got 1/],
    [t.datetime, new Date(Number.NaN), /expected a valid Date/],
    [t.enum(["a", "b"]), "c", /expected one of "a", "b", got "c"/],
    [t.list(t.int), [1, "x"], /\[1\]: expected an integer, got "x"/],
    [t.object({ a: t.object({ b: t.int }) }), { a: { b: "x" } }, /a\.b: expected an integer/],
    [t.object({ a: t.int }), {}, /a: a value is missing/],
    [t.object({ a: t.int }), { a: 1, z: 1 }, /there is no field "z"; the fields are a/],
    [t.json, { when: new Date(0) }, /expected what JSON can say, got a Date/],
    [t.file(), "/no/such/file", /there is no file \/no\/such\/file/],
    [t.dataset(), [1], /expected a Dataset/],
  ])("%#", async (type, value, message) => {
    const failed = await (async () => type.toLiteral(value, context))().catch((error: unknown) => error);
    expect(FlyteError.is(failed)).toBe(true);
    expect((failed as Error).message).toMatch(message);
  });
});

test("a guessed type reads what the declared one wrote", async () => {
  const engine = new TypeEngine();
  const declared = t.optional(t.list(t.map(t.bigint)));
  const guessed = engine.guess(declared.literalType);
  const value = [{ a: 2n ** 60n }];
  expect(await guessed.toNative(await declared.toLiteral(value, context), context)).toEqual(value);
});

test("a million integers take their way at once, without a promise for each", () => {
  const numbers = Array.from({ length: 1_000_000 }, (_, index) => index);
  const literal = t.list(t.int).toLiteral(numbers, context);
  if (literal instanceof Promise) throw new Error("the list waited for something");
  expect(t.list(t.int).toNative(literal, context)).toHaveLength(1_000_000);
});
