import { FlyteError, type FlyteErrorCode } from "@flyte-ts/core";
import { describe, expect, test } from "vitest";

describe("an error is known", () => {
  test("by its marker, so that two copies of the package know each other's", async () => {
    // the query makes the runner load the module a second time
    const copy = "../src/errors/flyte-error.ts?copy";
    const other = (await import(copy)) as { FlyteError: typeof FlyteError };
    const theirs = new other.FlyteError("NotFound", "gone");
    expect(theirs instanceof FlyteError).toBe(false);
    expect(FlyteError.is(theirs)).toBe(true);
    expect(FlyteError.from(theirs)).toBe(theirs);
  });

  test("and nothing else is taken for one", () => {
    for (const value of [new Error("x"), { code: "NotFound" }, "NotFound", null, undefined]) {
      expect(FlyteError.is(value)).toBe(false);
    }
  });
});

describe("whatever is thrown becomes an error with its cause", () => {
  const timeout = AbortSignal.timeout(0);
  test.each<[string, unknown, FlyteErrorCode]>([
    ["a string", "boom", "Internal"],
    ["an error", new Error("boom"), "Internal"],
    ["an abort", AbortSignal.abort().reason, "Cancelled"],
    ["a vendor's error", Object.assign(new Error("denied"), { name: "AccessDenied", $metadata: {} }), "Internal"],
  ])("%s", (_name, thrown, code) => {
    const error = FlyteError.from(thrown);
    expect(error.code).toBe(code);
    expect(error.cause).toBe(thrown);
  });

  test("a timeout", async () => {
    await new Promise<void>((resolve) => {
      if (timeout.aborted) resolve();
      else timeout.addEventListener("abort", () => resolve());
    });
    expect(FlyteError.from(timeout.reason)).toMatchObject({ code: "Timeout", kind: "user", cause: timeout.reason });
  });
});

test("a code has a kind and says whether another attempt may help, unless the error says otherwise", () => {
  expect(new FlyteError("Unavailable", "x")).toMatchObject({ kind: "system", recoverable: true });
  expect(new FlyteError("InvalidInput", "x")).toMatchObject({ kind: "user", recoverable: false });
  expect(new FlyteError("InvalidInput", "x", { kind: "system", recoverable: true })).toMatchObject({
    kind: "system",
    recoverable: true,
  });
});
