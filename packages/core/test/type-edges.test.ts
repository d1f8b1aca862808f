/** The edges of types: what must not be lost, shared, guessed or let through. */
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AnyType, FlyteError, t } from "@flyte-ts/core";
import { type ConversionContext, FlyteContext, Literal } from "@flyte-ts/core/plugin";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { localTaskContext } from "../src/local/local-context.ts";
import { MemoryStorage } from "./memory-storage.ts";

let directory: string;
let context: ConversionContext;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "flyte-ts-edges-"));
  context = await localTaskContext({ task: "types", directory });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function failure(act: () => unknown): Promise<FlyteError> {
  const thrown: unknown = await (async () => act())().then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!FlyteError.is(thrown)) throw new Error(`expected a FlyteError, got ${thrown}`);
  return thrown;
}

describe("times", () => {
  test("a duration's parts are those that protobuf allows, whatever the fraction", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e12, max: 1e12, noNaN: true }), (ms) => {
        const json = Literal.toJson(t.duration.toLiteral(ms)); // refuses 1e9 nanos and signs that differ
        expect(json).toBeDefined();
      }),
    );
    expect(Literal.toJson(t.duration.toLiteral(999.99999999))).toEqual({ scalar: { primitive: { duration: "1s" } } });
    expect(Literal.toJson(t.duration.toLiteral(-0.5))).toEqual({
      scalar: { primitive: { duration: "-0.000500s" } },
    });
  });

  test("a time that a timestamp cannot say is refused", async () => {
    const { message } = await failure(() => t.datetime.toLiteral(new Date(8.64e15)));
    expect(message).toBe("+275760-09-13T00:00:00.000Z is outside of the years 1 to 9999, which Flyte can say");
  });

  test.each(["abc 12", "5", "2024", "May 5 2024", "2024-13-01"])("%j is no time", async (text) => {
    expect((await failure(() => t.datetime.fromPlain(text))).message).toContain("cannot be read as datetime");
  });

  test("a day stays a day when another SDK sends a time", async () => {
    const literal = t.datetime.toLiteral(new Date("1969-12-31T03:04:05Z"));
    expect(await t.date.toNative(literal, context)).toEqual(new Date("1969-12-31"));
    expect(t.date.fromPlain("2024-01-02T03:04:05+00:00")).toEqual(new Date("2024-01-02"));
  });
});

describe("JSON", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = [cycle];
  test.each<[unknown, RegExp]>([
    [{ a: [{ b: undefined }] }, /^a\[0\]\.b: expected what JSON can say, got undefined/],
    [[1, Number.NaN], /^\[1\]: expected what JSON can say, got NaN/],
    [{ n: 2n ** 64n }, /^n: expected what JSON can say, got 18446744073709551616n/],
    [cycle, /JSON may be 500 levels deep; this value is deeper, or holds itself/],
    [JSON.parse('{"a": {"__proto__": 1}}'), /^a: no key may be called "__proto__"/],
  ])("%# is refused with its place", async (value, message) => {
    expect((await failure(() => t.json.toLiteral(value as never))).message).toMatch(message);
  });

  test("an integer beyond 2^53 that was read can be written again", async () => {
    const literal = t.json.toLiteral({ n: 2n ** 60n } as never);
    expect(await t.json.toNative(literal, context)).toEqual({ n: 2n ** 60n });
  });

  test.each([5, 2.5, "x", true, null, [1, [2]], { a: 1 }])("a part that is %j is understood", async (part) => {
    const literal = Literal.create(
      part === null
        ? { value: { case: "scalar", value: { value: { case: "noneType", value: {} } } } }
        : Array.isArray(part)
          ? { value: { case: "collection", value: { literals: part.map((item) => t.json.toLiteral(item)) } } }
          : t.json.toLiteral(part),
    );
    expect(await t.json.toNative(literal, context)).toEqual(part);
    const primitive = Literal.fromJson({ scalar: { primitive: { integer: "5" } } });
    expect(await t.json.toNative(primitive, context)).toBe(5);
  });
});

describe("names that every object inherits", () => {
  const type = t.object({ constructor: t.optional(t.string), toString: t.int.default(3) });
  test("are fields like any other", async () => {
    const literal = await type.toLiteral({} as never, context);
    expect(await type.toNative(literal, context)).toEqual({ constructor: null, toString: 3 });
    expect((await failure(() => t.object({ valueOf: t.int }).toLiteral({} as never, context))).message).toBe(
      "valueOf: a value is missing",
    );
  });

  test("are keys like any other, and nothing of them reaches a prototype", async () => {
    const value = JSON.parse('{"__proto__": 1, "constructor": 2}') as Record<string, number>;
    const literal = await t.map(t.int).toLiteral(value, context);
    const read = await t.map(t.int).toNative(Literal.decode(Literal.encode(literal)), context);
    expect(Object.entries(read)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
    ]);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });
});

test("bytes are each receiver's own", async () => {
  const holder = t.object({ bytes: t.bytes });
  for (const [type, literal] of [
    [t.bytes, t.bytes.toLiteral(Uint8Array.of(1, 2))],
    [t.map(t.bytes), await t.map(t.bytes).toLiteral({ bytes: Buffer.of(1, 2) }, context)],
    [holder, await holder.toLiteral({ bytes: Uint8Array.of(1, 2) }, context)],
  ] as const satisfies readonly (readonly [AnyType, Literal])[]) {
    const first: unknown = await type.toNative(literal, context);
    const bytes = first instanceof Uint8Array ? first : (first as { readonly bytes: Uint8Array }).bytes;
    bytes[0] = 9;
    const second: unknown = await type.toNative(literal, context);
    expect(second instanceof Uint8Array ? second : (second as { bytes: Uint8Array }).bytes).toEqual(
      Uint8Array.of(1, 2),
    );
  }
});

test("bytes in a Struct are base64", async () => {
  const literal = Literal.fromJson({ scalar: { generic: { bytes: "AQI=" } } });
  expect(await t.object({ bytes: t.bytes }).toNative(literal, context)).toEqual({ bytes: Uint8Array.of(1, 2) });
});

test("half a character is refused, not replaced", async () => {
  expect((await failure(() => t.string.toLiteral("\ud800"))).message).toContain("lone surrogate");
});

test("one wrong field leaves no unhandled rejection of another", async () => {
  const unhandled: unknown[] = [];
  const listen = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", listen);
  const type = t.object({ file: t.file(), n: t.int });
  const { message } = await failure(() => type.toLiteral({ file: "/no/such/file", n: "x" as never }, context));
  expect(message).toBe('n: expected an integer, got "x"');
  // the same file's failure, seen from here, comes after the one that nobody waits for
  await failure(() => t.file().toLiteral("/no/such/file", context));
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", listen);
  expect(unhandled).toEqual([]);
});

test("what is true of an enum's values is said when it is made", () => {
  expect(() => t.enum(["a", "a"])).toThrow('t.enum has "a" twice');
  expect(() => t.enum([1 as never])).toThrow("t.enum takes strings only, not 1");
});

test("descriptions and defaults combine in either order, and stay on their own type", () => {
  const one = t.list(t.int).default([1]).describe("some");
  const two = t.list(t.int).describe("some").default([1]);
  for (const type of [one, two]) {
    expect(type.description).toBe("some");
    expect(type.defaultValue).toEqual([1]);
  }
  expect(t.int.description).toBeUndefined();
  expect("defaultValue" in t.int.describe("x")).toBe(false);
});

describe("folders", () => {
  test("are stored with the files that links lead to, from a path with a slash as without", async () => {
    const folder = join(directory, "linked");
    await mkdir(join(folder, "below"), { recursive: true });
    await writeFile(join(folder, "below", "a.txt"), "a");
    await symlink(join(folder, "below", "a.txt"), join(folder, "link.txt"));
    await symlink(folder, join(folder, "circle"));
    for (const path of [folder, `${folder}/`]) {
      const stored = await t.directory().toNative(await t.directory().toLiteral(path, context), context);
      const root = await stored.path();
      expect((await readdir(root, { recursive: true })).sort()).toEqual(["below", join("below", "a.txt"), "link.txt"]);
    }
    await symlink(join(folder, "gone"), join(folder, "dangling"));
    expect((await failure(() => t.directory().toLiteral(folder, context))).message).toContain("is a link to something");
  });

  test("are downloaded to one folder, whatever keys a store has", async () => {
    const storage = new MemoryStorage();
    const own = new FlyteContext();
    own.storage.register("mem", async () => storage);
    const within = await localTaskContext({ task: "types", directory, context: own });
    storage.keep("mem://b/d/fine/x", Uint8Array.of(1));
    const folder = await t.directory().toNative(await t.directory().toLiteral("mem://b/d", within), within);
    expect(await readdir(await folder.path(), { recursive: true })).toEqual(["fine", join("fine", "x")]);
    storage.keep("mem://b/d/a/../../../x", Uint8Array.of(1));
    expect((await failure(() => folder.path())).message).toMatch(/x would be written outside of/);
  });
});

// a file of TypeScript runs without its types being checked
describe("what is no type, where one stands in another, is named", () => {
  const wrong = t.file as never;
  test.each([
    ["t.list: the type of its items is a function", () => t.list(wrong)],
    ["t.map: the type of its values is undefined", () => t.map(undefined as never)],
    ["t.optional: its type is a function", () => t.optional(wrong)],
    ["t.union: a variant is a function", () => t.union(t.int, wrong)],
    ['t.object: the field "a" is a function', () => t.object({ a: wrong })],
    ['t.dataset: the column "a" is a function', () => t.dataset({ columns: { a: wrong } })],
    ['t.flyteSchema: the column "a" is a function', () => t.flyteSchema({ a: wrong })],
  ])("%s", async (message, act) => {
    const error = await failure(act);
    expect([error.code, error.message]).toEqual(["InvalidDefinition", expect.stringContaining(message)]);
    expect(error.message).toContain("give one of t, such as t.int");
  });
});
