import { describe, expect, it } from "vitest";
import { FlyteError, metaSchema, namingTask, withinTime } from "../src/plugin.ts";
import { ManualClock } from "../src/testing.ts";

const late = (): FlyteError => new FlyteError("Unavailable", "no answer within 5 s");

/** What a call within five seconds is given. */
function surroundings() {
  const clock = new ManualClock();
  const caller = new AbortController();
  return { clock, caller, place: { clock, signal: caller.signal, ms: 5000, late } };
}

describe("a call within its time", () => {
  it("gives its answer, and leaves no timer", async () => {
    const { clock, place } = surroundings();
    expect(await withinTime(async () => 7, place)).toBe(7);
    expect(clock.sleeping).toBe(0);
  });

  it("throws what it throws, and leaves no timer", async () => {
    const { clock, place } = surroundings();
    const thrown = new Error("no");
    await expect(withinTime(() => Promise.reject(thrown), place)).rejects.toBe(thrown);
    const now = (): Promise<never> => {
      throw thrown;
    };
    await expect(withinTime(now, place)).rejects.toBe(thrown);
    expect(clock.sleeping).toBe(0);
  });

  it.each([
    ["that heeds its signal", true],
    ["that heeds nothing", false],
  ])("%s is over when the time is, and its signal is aborted", async (_, heeds) => {
    const { clock, place } = surroundings();
    let given: AbortSignal | undefined;
    const hanging = withinTime((signal) => {
      given = signal;
      return new Promise((_resolve, reject) => {
        if (heeds) signal.addEventListener("abort", () => reject(new Error("aborted")));
      });
    }, place);
    const error = hanging.catch((thrown: unknown) => thrown);
    await clock.pass(5000);
    expect(await error).toMatchObject({ code: "Unavailable", message: "no answer within 5 s" });
    expect([given?.aborted, clock.sleeping]).toEqual([true, 0]);
  });

  it("ends with the caller's reason, and does not begin when the caller is gone", async () => {
    const { clock, caller, place } = surroundings();
    const left = new Error("the caller left");
    const ending = withinTime(() => new Promise(() => {}), place);
    caller.abort(left);
    await expect(ending).rejects.toBe(left);
    let begun = false;
    const never = withinTime(async () => {
      begun = true;
    }, place);
    await expect(never).rejects.toBe(left);
    expect([begun, clock.sleeping]).toEqual([false, 0]);
  });
});

it("a schema of metas lets pass what has no issue", async () => {
  const schema = metaSchema<{ id: string }>((value) =>
    typeof (value as { id?: unknown }).id === "string" ? undefined : "id is a text",
  );
  expect(await schema["~standard"].validate({ id: "a" })).toEqual({ value: { id: "a" } });
  expect(await schema["~standard"].validate({ id: 1 })).toEqual({ issues: [{ message: "id is a text" }] });
});

it("what is wrong with a task names the task, once", () => {
  const failing = (message: string) => () => {
    throw new FlyteError("InvalidInput", message);
  };
  expect(() => namingTask("a", failing("no"))).toThrow(
    expect.objectContaining({ code: "InvalidInput", message: "task a: no" }),
  );
  expect(() => namingTask("a", failing("task a: no"))).toThrow(expect.objectContaining({ message: "task a: no" }));
  expect(() =>
    namingTask("a", () => {
      throw new TypeError("odd");
    }),
  ).toThrow(expect.objectContaining({ code: "InvalidDefinition", message: "task a: odd" }));
  expect(namingTask("a", () => 7)).toBe(7);
});
