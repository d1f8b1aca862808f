import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AnyType, t } from "@flyte-ts/core";
import { type ConversionContext, Literal, LiteralType } from "@flyte-ts/core/plugin";
import { localTaskContext } from "@flyte-ts/core/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callPython } from "../src/python.ts";

/** How many values of each type go to flytekit and back; the nightly run sets more. */
const amount = Number(process.env.FLYTE_TS_INTEROP_VALUES ?? 50);

let work: string;
let context: ConversionContext;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "flyte-ts-types-"));
  context = await localTaskContext({ task: "types", directory: work });
});
afterAll(() => rm(work, { recursive: true, force: true }));

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const text = fc.string({ unit: "binary" });
// Python's datetime has microseconds, in the years 1 to 9999; ours in UTC
const moment = fc.date({ noInvalidDate: true, min: new Date("0002-01-01"), max: new Date("9998-12-31") });
const float = fc.double({ noNaN: true });
const order = t.object(
  {
    id: t.bigint,
    lines: t.list(t.object({ name: t.string, price: t.float, count: t.int }, "Line")),
    note: t.optional(t.string),
    at: t.datetime,
  },
  "Order",
);

/** A type here, the same one in Python, and its values. */
const cases: readonly [python: string, AnyType, fc.Arbitrary<unknown>][] = [
  ["int", t.bigint, int64],
  ["int", t.int, fc.maxSafeInteger()],
  ["float", t.float, float],
  ["str", t.string, text],
  ["bool", t.boolean, fc.boolean()],
  ["datetime.datetime", t.datetime, moment],
  ["datetime.date", t.date, moment.map((date) => new Date(Math.floor(date.getTime() / 86_400_000) * 86_400_000))],
  ["datetime.timedelta", t.duration, fc.integer({ min: -(10 ** 14), max: 10 ** 14 }).map((micros) => micros / 1000)],
  ["datetime.timedelta", t.nanoseconds, fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }).map((n) => n * 1000n)],
  ["type(None)", t.none, fc.constant(null)],
  ["Color", t.enum(["red", "green"]), fc.constantFrom("red", "green")],
  ["typing.Literal['a', 'b']", t.literal("a", "b"), fc.constantFrom("a", "b")],
  ["typing.Literal[1, 2]", t.literal(1, 2), fc.constantFrom(1, 2)],
  ["typing.Literal[0.5, 1.0]", t.literal(0.5, 1), fc.constantFrom(0.5, 1)],
  ["typing.Literal[True]", t.literal(true), fc.constant(true)],
  ["typing.List[typing.List[int]]", t.list(t.list(t.int)), fc.array(fc.array(fc.maxSafeInteger()))],
  ["typing.Dict[str, float]", t.map(t.float), fc.dictionary(fc.string(), float)],
  ["typing.Optional[int]", t.optional(t.int), fc.option(fc.maxSafeInteger(), { nil: null })],
  [
    "typing.Union[int, str, typing.List[float], None]",
    t.union(t.bigint, t.string, t.list(t.float), t.none),
    fc.oneof(int64, text, fc.array(float), fc.constant(null)),
  ],
  [
    "typing.Optional[typing.Union[bool, datetime.timedelta]]",
    t.optional(t.union(t.boolean, t.duration)),
    fc.oneof(fc.boolean(), fc.integer(), fc.constant(null)),
  ],
  ["FlyteError", t.error, fc.record({ message: fc.string(), failedNodeId: fc.string() })],
  [
    "Order",
    order,
    fc.record({
      id: int64,
      lines: fc.array(fc.record({ name: text, price: float, count: fc.integer() })),
      note: fc.option(text, { nil: null }),
      at: moment,
    }),
  ],
];

test("flytekit reads our literals, and we read what it makes of the values; the types are the same", async () => {
  const given = await Promise.all(
    cases.map(async ([python, type, arbitrary]) => {
      const values = fc.sample(arbitrary, amount);
      const literals = await Promise.all(values.map((value) => type.toLiteral(value, context)));
      return { python, type, values, literals };
    }),
  );
  const answers = await callPython<{ readonly type: string; readonly literals: readonly string[] }[]>(
    "convert_values",
    {
      cases: given.map(({ python, literals }) => ({
        type: python,
        literals: literals.map((literal) => Buffer.from(Literal.encode(literal)).toString("base64")),
      })),
    },
  );
  for (const [index, { python, type, values, literals }] of given.entries()) {
    const theirs = answers[index] ?? { type: "", literals: [] };
    const theirType = LiteralType.decode(Buffer.from(theirs.type, "base64"));
    expect(withoutSchemas(LiteralType.toJson(theirType)), python).toEqual(
      withoutSchemas(LiteralType.toJson(type.literalType)),
    );
    for (const [at, value] of values.entries()) {
      const literal = Literal.decode(Buffer.from(theirs.literals[at] ?? "", "base64"));
      expect(await type.toNative(literal, context), python).toEqual(value);
      // inside objects Python writes times in its own way, with the same meaning
      if (type !== order) expect(Literal.toJson(literal), python).toEqual(Literal.toJson(literals[at] as Literal));
    }
  }
});

/** A type without JSON Schemas, which say the same in other words: mashumaro adds titles and formats of its own. */
function withoutSchemas(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withoutSchemas);
  if (typeof json !== "object" || json === null) return json;
  return Object.fromEntries(
    Object.entries(json)
      .filter(([key]) => key !== "metadata")
      .map(([key, value]) => [key, withoutSchemas(value)]),
  );
}
