import { type AnyType, PreciseDate, t } from "@flyte-ts/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { namedType, type ParameterType, parameterType } from "../src/parameters/parameter-type.ts";
import { parameterValue } from "../src/parameters/parameter-value.ts";

const typeOf = (type: AnyType): ParameterType => parameterType("x", type.literalType, type);
const scalar = (type: string, value: unknown) => parameterValue("x", { type } as ParameterType, value);

describe("types", () => {
  it.each<[string, AnyType, unknown]>([
    ["an integer", t.int, "INT64"],
    ["a bigint", t.bigint, "INT64"],
    ["a float", t.float, "FLOAT64"],
    ["a boolean", t.boolean, "BOOL"],
    ["a text", t.string, "STRING"],
    ["an enum", t.enum(["a"]), "STRING"],
    ["a literal union", t.literal(1, 2), "INT64"],
    ["bytes", t.bytes, "BYTES"],
    ["a moment", t.datetime, "TIMESTAMP"],
    ["a day", t.date, "DATE"],
    ["a duration", t.duration, "INTERVAL"],
    ["JSON", t.json, "JSON"],
    ["a map", t.map(t.int), "JSON"],
    ["an optional value", t.optional(t.date), "DATE"],
  ])("of %s", (_, type, expected) => {
    expect(typeOf(type)).toEqual({ type: expected });
  });

  it("of lists and objects have the types of their parts, in the order of the fields", () => {
    const type = t.list(t.object({ z: t.int, a: t.optional(t.list(t.date)), in: t.object({ b: t.bytes }) }));
    expect(typeOf(type)).toEqual({
      type: "ARRAY",
      arrayType: {
        type: "STRUCT",
        structTypes: [
          { name: "z", type: { type: "INT64" } },
          { name: "a", type: { type: "ARRAY", arrayType: { type: "DATE" } } },
          { name: "in", type: { type: "STRUCT", structTypes: [{ name: "b", type: { type: "BYTES" } }] } },
        ],
      },
    });
  });

  it.each<[string, AnyType]>([
    ["a list of lists", t.list(t.list(t.int))],
    ["a union", t.union(t.int, t.string)],
    ["a file", t.file()],
    ["a directory", t.directory()],
    ["a dataset", t.dataset()],
    ["nothing", t.none],
    ["a file in an object", t.object({ f: t.file() })],
  ])("there is none for %s", (_, type) => {
    expect(() => typeOf(type)).toThrow(/^inputs\.x/);
  });

  it("may be named by the author where the values have a form in them", () => {
    expect(namedType("x", "numeric", typeOf(t.string))).toEqual({ type: "NUMERIC" });
    expect(namedType("x", "ARRAY<BIGNUMERIC>", typeOf(t.list(t.string)))).toEqual({
      type: "ARRAY",
      arrayType: { type: "BIGNUMERIC" },
    });
    expect(() => namedType("x", "BYTES", typeOf(t.string))).toThrow(
      /parameterTypes\.x is "BYTES"; it must be STRING, NUMERIC/,
    );
    expect(() => namedType("x", "ARRAY<DATE>", typeOf(t.string))).toThrow("parameterTypes.x");
  });
});

describe("values", () => {
  it.each<[string, unknown, string | null]>([
    ["INT64", -(2n ** 63n), "-9223372036854775808"],
    ["INT64", 42, "42"],
    ["FLOAT64", Number.NaN, "NaN"],
    ["FLOAT64", Number.POSITIVE_INFINITY, "Infinity"],
    ["FLOAT64", Number.NEGATIVE_INFINITY, "-Infinity"],
    ["FLOAT64", -0, "-0.0"],
    ["FLOAT64", 5e-324, "5e-324"],
    ["BOOL", true, "true"],
    ["BOOL", false, "false"],
    ["STRING", "", ""],
    ["STRING", "'; drop table t; --", "'; drop table t; --"],
    ["BYTES", Uint8Array.of(0, 255), "AP8="],
    ["TIMESTAMP", new Date(Date.UTC(2024, 1, 29, 12, 30, 5)), "2024-02-29 12:30:05.000000+00:00"],
    ["TIMESTAMP", new PreciseDate(1_709_209_805_123_456_789n), "2024-02-29 12:30:05.123456+00:00"],
    ["TIMESTAMP", new PreciseDate(-1_000n), "1969-12-31 23:59:59.999999+00:00"],
    ["TIMESTAMP", new Date("0001-01-01T00:00:00Z"), "0001-01-01 00:00:00.000000+00:00"],
    ["DATETIME", new Date(Date.UTC(2024, 1, 29)), "2024-02-29 00:00:00.000000"],
    ["DATE", new Date(Date.UTC(2024, 1, 29)), "2024-02-29"],
    ["INTERVAL", 5_400_000, "0-0 0 1:30:0"],
    ["INTERVAL", -0.001, "0-0 0 -0:0:0.000001"],
    ["INTERVAL", 90_061_500.25, "0-0 0 25:1:1.50025"],
    ["NUMERIC", "1234567890123456789.5", "1234567890123456789.5"],
    ["JSON", { a: [1, null, "x"], b: 2n ** 60n, u: undefined }, '{"a":[1,null,"x"],"b":1152921504606846976}'],
    ["JSON", "text", '"text"'],
    ["STRING", null, null],
    ["BYTES", null, null],
  ])("of %s: %s", (type, value, text) => {
    expect(scalar(type, value)).toEqual({ value: text });
  });

  it("of arrays and structs, with nothing in them and with NULLs", () => {
    const ints: ParameterType = { type: "ARRAY", arrayType: { type: "INT64" } };
    expect(parameterValue("x", ints, [])).toEqual({ arrayValues: [] });
    expect(parameterValue("x", ints, [1, null])).toEqual({ arrayValues: [{ value: "1" }, { value: null }] });
    expect(parameterValue("x", ints, null)).toEqual({ value: null });
    const struct: ParameterType = {
      type: "STRUCT",
      structTypes: [
        { name: "at", type: { type: "DATE" } },
        { name: "long", type: { type: "INTERVAL" } },
        { name: "none", type: ints },
      ],
    };
    // Within an object days are texts, and durations are seconds.
    expect(parameterValue("x", struct, { at: "2024-02-29", long: 90 })).toEqual({
      structValues: { at: { value: "2024-02-29" }, long: { value: "0-0 0 0:1:30" }, none: { value: null } },
    });
  });

  it.each<[string, unknown]>([
    ["INT64", 1.5],
    ["INT64", 2 ** 60],
    ["INT64", "1"],
    ["BOOL", "true"],
    ["BYTES", "AP8="],
    ["NUMERIC", Number.NaN],
    ["INTERVAL", Number.POSITIVE_INFINITY],
    ["STRING", 1],
  ])("%s takes no %s", (type, value) => {
    expect(() => scalar(type, value)).toThrow(new RegExp(`^inputs\\.x .*no ${type}$`));
  });

  it("say in text exactly what was given", () => {
    const text = (type: string, value: unknown): string => (scalar(type, value) as { readonly value: string }).value;
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (n) => BigInt(text("INT64", n)) === n),
    );
    fc.assert(fc.property(fc.double(), (x) => Object.is(Number(text("FLOAT64", x)), x)));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => Buffer.from(text("BYTES", bytes), "base64").equals(bytes)));
    const dates = fc.date({
      min: new Date("0001-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59.999Z"),
      noInvalidDate: true,
    });
    fc.assert(fc.property(dates, (at) => Date.parse(text("TIMESTAMP", at).replace(" ", "T")) === at.getTime()));
    const json = fc.jsonValue().filter((value) => value !== null);
    fc.assert(fc.property(json, (value) => text("JSON", value) === JSON.stringify(value)));
  });
});
