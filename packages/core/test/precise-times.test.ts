import { type AnyType, PreciseDate, t } from "@flyte-ts/core";
import { type ConversionContext, Literal } from "@flyte-ts/core/plugin";
import fc from "fast-check";
import { expect, test } from "vitest";

const context = {} as ConversionContext;
const written = (type: AnyType, value: unknown): Literal =>
  Literal.decode(Literal.encode(type.toLiteral(value, context) as Literal));
const first = -62_135_596_800_000_000_000n;
const last = 253_402_300_799_999_999_999n;

test("a moment keeps its nanoseconds, alone and in an object", async () => {
  const object = t.object({ at: t.datetime });
  await fc.assert(
    fc.asyncProperty(fc.bigInt({ min: first, max: last }), async (nanoseconds) => {
      const date = new PreciseDate(nanoseconds);
      expect(date.epochNanoseconds).toBe(nanoseconds);
      for (const read of [
        t.datetime.toNative(written(t.datetime, date), context) as Date,
        (await object.toNative(written(object, { at: date }), context)).at,
      ]) {
        expect(read.toISOString()).toBe(date.toISOString());
        expect(PreciseDate.is(read)).toBe(nanoseconds % 1_000_000n !== 0n);
        expect(read.getTime()).toBe(date.getTime());
      }
    }),
  );
});

test("a moment of whole milliseconds is a plain Date", () => {
  const read = t.datetime.toNative(written(t.datetime, new Date(1234)), context);
  expect(read).toEqual(new Date(1234));
  expect(PreciseDate.is(read)).toBe(false);
  expect(new PreciseDate(-1n).toISOString()).toBe("1969-12-31T23:59:59.999999999Z");
  expect(new PreciseDate(1_500n).toISOString()).toBe("1970-01-01T00:00:00.000001500Z");
  expect(new PreciseDate(1_000n).toISOString()).toBe("1970-01-01T00:00:00.000001Z");
});

test("a moment that protobuf does not know is refused", () => {
  expect(() => t.datetime.toLiteral(new Date("+010000-01-01T00:00:00Z"))).toThrow("the years 1 to 9999");
});

test("durations are exact to the nanosecond: as milliseconds where a number holds them, as a bigint always", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), (nanoseconds) => {
      const literal = written(t.nanoseconds, nanoseconds);
      expect(t.nanoseconds.toNative(literal, context)).toBe(nanoseconds);
      const ms = t.duration.toNative(literal, context) as number;
      expect(Literal.toJson(t.duration.toLiteral(ms))).toEqual(Literal.toJson(literal));
    }),
  );
  // Python's timedelta counts microseconds: those of 30 years are exact, too
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n - 1n }), (micros) => {
      const ms = t.duration.toNative(written(t.nanoseconds, micros * 1000n), context) as number;
      expect(t.nanoseconds.toNative(written(t.duration, ms), context)).toBe(micros * 1000n);
    }),
  );
  expect(() => t.duration.toNative(written(t.nanoseconds, 10n ** 18n + 1n), context)).toThrow("use t.nanoseconds");
});

test("a duration behind an attribute path is the number of seconds that stood in the object", async () => {
  const object = t.object({ took: t.duration });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: -(10 ** 12), max: 10 ** 12 }), async (micros) => {
      const took = micros / 1000;
      expect(await object.toNative(written(object, { took }), context)).toEqual({ took });
    }),
  );
  const seconds = Literal.fromJson({ scalar: { primitive: { floatValue: 1.1 } } });
  expect(t.duration.toNative(seconds, context)).toBe(1100);
});
