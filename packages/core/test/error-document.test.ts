import { expect, test } from "vitest";
import { ErrorDocument, FlyteError, fromErrorDocument, IgnoreOutputs, toErrorDocument } from "../src/plugin.ts";

const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const shown = (thrown: unknown) => {
  const document = toErrorDocument(thrown, { now, worker: "w-1" });
  return ErrorDocument.toJson(document) as { error: Record<string, string> };
};

test("every field of ContainerError is filled", () => {
  const { error } = shown(new FlyteError("InvalidInput", "limit is -1; it must be at least 0"));
  expect(error).toMatchObject({
    code: "USER:ValueError",
    origin: "USER",
    timestamp: "2026-01-02T03:04:05.678Z",
    worker: "w-1",
  });
  expect(error.kind ?? "NON_RECOVERABLE").toBe("NON_RECOVERABLE");
  expect(error.message).toMatch(/^Trace:\n\n {4}FlyteError: limit is -1.*\n {4} {4}at /);
  expect(error.message).toMatch(/\n\nMessage:\n\n {4}InvalidInput: limit is -1; it must be at least 0$/);
});

test.each([
  [
    "a task that threw",
    FlyteError.from(new TypeError("x is not a function"), "TaskFailed"),
    "USER:RuntimeError",
    "USER",
    false,
  ],
  ["a task that asks for another attempt", new FlyteError("Recoverable", "later"), "USER:Recoverable", "USER", true],
  ["a literal that could not be converted", new FlyteError("ConversionFailed", "x"), "SYSTEM", "SYSTEM", false],
  ["an executor that threw", FlyteError.from(new Error("socket hang up"), "Internal"), "SYSTEM", "SYSTEM", true],
  ["anything else", new RangeError("x"), "SYSTEM", "SYSTEM", true],
  ["a string", "oops", "SYSTEM", "SYSTEM", true],
  ["outputs of the wrong type", new FlyteError("UnknownOutput", "x"), "UNKNOWN_OUTPUT", "SYSTEM", true],
  ["a service that is away", new FlyteError("Unavailable", "x"), "SYSTEM:Unavailable", "SYSTEM", true],
  [
    "a user's code turned into a fault of the system",
    new FlyteError("NotFound", "x", { kind: "system", recoverable: true }),
    "SYSTEM",
    "SYSTEM",
    true,
  ],
  [
    "a code of the thrower's own",
    new FlyteError("TaskFailed", "x", { wireCode: "QuotaExceeded" }),
    "QuotaExceeded",
    "USER",
    false,
  ],
  [
    "an exception with an error_code",
    FlyteError.from(Object.assign(new Error("x"), { error_code: 42 }), "TaskFailed"),
    "42",
    "USER",
    false,
  ],
])("%s has its code, origin and kind", (_what, thrown, code, origin, recoverable) => {
  const { error } = shown(thrown);
  expect({ code: error.code, origin: error.origin }).toEqual({ code, origin });
  expect(error.kind ?? "NON_RECOVERABLE").toBe(recoverable ? "RECOVERABLE" : "NON_RECOVERABLE");
});

test("the trace is the user's, with its causes", () => {
  const cause = new Error("no route");
  const { message = "" } = shown(FlyteError.from(new TypeError("fetch failed", { cause }), "TaskFailed")).error;
  expect(message).toContain("TypeError: fetch failed");
  expect(message).toContain("Caused by: Error: no route");
  expect(message).toMatch(/Message:\n\n {4}TypeError: fetch failed$/);
});

test("a huge error stays far below what propeller reads, and is well-formed", () => {
  const error = new FlyteError("TaskFailed", "ü€😀".repeat(400_000));
  const bytes = ErrorDocument.encode(toErrorDocument(error, { now }));
  expect(bytes.length).toBeLessThan(200_000);
  const text = ErrorDocument.decode(bytes).error?.message ?? "";
  expect(text).toContain("bytes left out");
  expect(text).not.toContain("\uFFFD");
  expect(() => toErrorDocument(new Error("half a pair: \uD83D"), { now })).not.toThrow();
});

test("causes that go round in a circle end", () => {
  const error = new Error("one");
  error.cause = new Error("two", { cause: error });
  expect(shown(error).error.message).toContain("Caused by: Error: two");
});

test("an error that was written is read again", () => {
  for (const error of [
    new FlyteError("NotFound", "there is no table x\nin a.db"),
    new FlyteError("Unavailable", "503"),
    new FlyteError("TaskFailed", "x", { recoverable: true, wireCode: "MyCode" }),
  ]) {
    const read = fromErrorDocument(ErrorDocument.decode(ErrorDocument.encode(toErrorDocument(error, { now }))));
    expect(read.kind).toBe(error.kind);
    expect(read.recoverable).toBe(error.recoverable);
    expect(read.message).toContain(error.message);
    expect(read.stack).toContain("FlyteError");
  }
  const known = fromErrorDocument(toErrorDocument(new FlyteError("NotFound", "x"), { now }));
  expect([known.code, known.wireCode]).toEqual(["NotFound", "USER:EntityNotExist"]);
  expect(fromErrorDocument(ErrorDocument.create())).toMatchObject({
    wireCode: "ErrorFileBadFormat",
    recoverable: true,
  });
});

test("a task that has nothing to write is known, wrapped or not", () => {
  expect(IgnoreOutputs.is(FlyteError.from(new IgnoreOutputs(), "TaskFailed"))).toBe(true);
  expect(IgnoreOutputs.is(new Error("x"))).toBe(false);
});
