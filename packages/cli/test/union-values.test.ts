import { t } from "@flyte-ts/core";
import { type AnyType, type ConversionContext, typeLabel } from "@flyte-ts/core/plugin";
import { expect, test } from "vitest";
import { nativeOf, nativeOfText } from "../src/inputs/native-value.ts";
import { valuePlaceholder } from "../src/inputs/value-placeholder.ts";
import { jsonOf } from "../src/output/json-output.ts";

const context = {} as ConversionContext;

test.each<[AnyType, string, unknown]>([
  [t.union(t.int, t.string), "5", 5],
  [t.union(t.int, t.string), "five", "five"],
  [t.optional(t.union(t.duration, t.boolean)), "90s", 90_000],
  [t.literal(1, 2), "2", 2],
  [t.literal("a", "b"), "b", "b"],
  [t.nanoseconds, "90s", 90_000],
])("%# a text is read as a union's or a literal's value", async (type, text, native) => {
  expect(await nativeOfText(type, text, "--x", context)).toEqual(native);
});

test("what no variant takes is told with the reasons of each", async () => {
  await expect(nativeOfText(t.union(t.int, t.boolean), "x", "--x", context)).rejects.toThrow(
    '--x is "x"; it must be a whole number; or --x is "x"; it must be true or false',
  );
  await expect(nativeOf(t.literal("a", "b"), "c", "x", context)).rejects.toThrow('one of "a", "b"');
});

test("labels and outputs", () => {
  const type = t.union(t.int, t.literal("all"));
  expect(typeLabel(type)).toBe('int | "all"');
  expect(valuePlaceholder(type)).toBe("INT|all");
  expect(jsonOf(t.nanoseconds, 1_500_000n)).toBe(1.5);
  expect(jsonOf(type, "all")).toBe("all");
});
