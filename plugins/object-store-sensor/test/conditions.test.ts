import { FlyteError, type Natives } from "@flyte-ts/core";
import { localTaskContext, toNatives } from "@flyte-ts/core/plugin";
import { describe, expect, test } from "vitest";
import { type ObjectStoreWait, waitForObjectStoreFile } from "../src/index.ts";
import { inputsOf, probeContext } from "./probe-store.ts";

/** A task that waits in a world of its own, with a poll every ten seconds. */
async function waiting(path: string | readonly string[], options: ObjectStoreWait) {
  const world = probeContext();
  const wait = { name: "sensor", jitter: 0, timeout: 3_600_000, ...options };
  const task = waitForObjectStoreFile(wait as { name: string });
  const place = await localTaskContext({ task: "sensor", context: world.context });
  const run = task.dispatchExecute(place, inputsOf(path));
  let ended: { readonly outputs: Natives<typeof task.outputs> } | { readonly error: FlyteError } | undefined;
  run.then(
    async (made) => {
      ended = {
        outputs: (await toNatives(made.literals, task.outputs, place, "output")) as Natives<typeof task.outputs>,
      };
    },
    (error: FlyteError) => {
      ended = { error };
    },
  );
  await world.clock.pass(0);
  return {
    ...world,
    run,
    get outputs() {
      return ended !== undefined && "outputs" in ended ? ended.outputs : undefined;
    },
    get error() {
      return ended !== undefined && "error" in ended ? ended.error : undefined;
    },
  };
}

const folder = "probe://bucket/in/";
const file = `${folder}data.csv`;

describe("one file", () => {
  test("that is there is found by the first poll", async () => {
    const world = probeContext();
    world.store.put(file);
    const task = waitForObjectStoreFile({ name: "sensor" });
    await using place = await localTaskContext({ task: "sensor", context: world.context });
    await task.dispatchExecute(place, inputsOf(file));
    expect(world.store.requests).toEqual([`stat ${file}`]);
    expect(world.clock.elapsed()).toBe(0);
  });

  test("that lands is found by the next poll", async () => {
    const task = await waiting(file, {});
    await task.clock.pass(15_000);
    task.store.put(file);
    await task.clock.pass(5000);
    expect(task.outputs).toEqual({ path: file });
    expect(task.store.requests).toHaveLength(3);
  });

  test("that never comes ends the task with its path when the time is up", async () => {
    const task = await waiting(file, { timeout: 25_000 });
    await task.clock.pass(25_000);
    expect(task.error).toMatchObject({ code: "Timeout", kind: "user", recoverable: false });
    expect(task.error?.message).toBe(`task sensor waited 25000 ms (timeout) for the file ${file}`);
  });

  test("has to have its size", async () => {
    const task = await waiting(file, { minSize: 100 });
    task.store.put(file, 99);
    await task.clock.pass(10_000);
    expect(task.outputs).toBeUndefined();
    task.store.put(file, 100);
    await task.clock.pass(10_000);
    expect(task.outputs).toEqual({ path: file });
  });

  test("has to be as old as it must be, which is asked for at that moment", async () => {
    const task = await waiting(file, { minAge: 4000 });
    await task.clock.pass(9000);
    task.store.put(file);
    await task.clock.pass(1000);
    expect(task.outputs).toBeUndefined();
    await task.clock.pass(3000);
    expect(task.outputs).toEqual({ path: file });
  });

  test("of last time does not count", async () => {
    const world = probeContext();
    world.store.put(file);
    const task = await waiting(file, { maxAge: 60_000 });
    task.store.files.set(file, { uri: file, size: 1, modified: new Date(task.clock.now() - 86_400_000), etag: "old" });
    await task.clock.pass(10_000);
    expect(task.outputs).toBeUndefined();
    task.store.put(file);
    await task.clock.pass(10_000);
    expect(task.outputs).toEqual({ path: file });
  });

  test("that is still being written is not taken before it has stayed as it is", async () => {
    const task = await waiting(file, { stableFor: 15_000, pollInterval: 10_000 });
    for (let size = 1; size <= 4; size++) {
      task.store.put(file, size);
      await task.clock.pass(10_000);
    }
    expect(task.outputs).toBeUndefined();
    await task.clock.pass(14_000);
    expect(task.outputs).toBeUndefined();
    await task.clock.pass(1000);
    expect(task.outputs).toEqual({ path: file });
  });

  test("that is written again with as many bytes is another", async () => {
    const task = await waiting(file, { stableFor: 15_000 });
    task.store.put(file, 5);
    await task.clock.pass(20_000);
    task.store.put(file, 5);
    await task.clock.pass(10_000);
    expect(task.outputs).toBeUndefined();
    await task.clock.pass(15_000);
    expect(task.outputs).toEqual({ path: file });
  });

  test("of a server that says no times or sizes cannot be judged by them", async () => {
    const task = await waiting(file, { minSize: 1 });
    task.store.files.set(file, { uri: file, size: undefined, modified: undefined, etag: undefined });
    await task.clock.pass(10_000);
    expect(task.error).toMatchObject({
      code: "Unsupported",
      message: expect.stringContaining("does not say its size"),
    });
  });
});

describe("several files", () => {
  test("below a prefix, as many as there must be", async () => {
    const task = await waiting(folder, { atLeast: 2, minSize: 10 });
    task.store.put(`${folder}a`, 10);
    task.store.put(`${folder}sub/`, 0);
    task.store.put(`${folder}b`, 9);
    await task.clock.pass(10_000);
    expect(task.outputs).toBeUndefined();
    task.store.put(`${folder}sub/c`, 10);
    await task.clock.pass(10_000);
    expect(task.outputs).toEqual({ path: folder });
  });

  test("of a pattern", async () => {
    const pattern = `${folder}part-*.{csv,json}`;
    const task = await waiting(pattern, { match: "glob", atLeast: 2, timeout: 25_000 });
    task.store.put(`${folder}part-1.csv`);
    task.store.put(`${folder}part-2.txt`);
    await task.clock.pass(10_000);
    expect(task.outputs).toBeUndefined();
    expect(task.store.requests.at(-1)).toBe(`list ${folder}part-`);
    await task.clock.pass(15_000);
    expect(task.error?.message).toContain(`for 1 more of 2 files that fit ${pattern}`);
  });

  test("with a common beginning, all of which have to be left alone", async () => {
    const task = await waiting(`${folder}day-`, { match: "prefix", atLeast: 2, stableFor: 15_000 });
    task.store.put(`${folder}day-1`);
    await task.clock.pass(20_000);
    task.store.put(`${folder}day-2`);
    await task.clock.pass(20_000);
    expect(task.outputs).toBeUndefined();
    await task.clock.pass(15_000);
    expect(task.outputs).toEqual({ path: `${folder}day-` });
  });

  test.each([
    ["all", ["a", "b"], ["a", "b", "c/"]],
    ["any", [], ["b"]],
  ] as const)("by their paths: %s", async (paths, first, then) => {
    const task = await waiting([`${folder}a`, `${folder}b`, `${folder}c/`], { paths });
    for (const name of first) task.store.put(folder + name);
    await task.clock.pass(10_000);
    expect(task.outputs).toBeUndefined();
    for (const name of then) task.store.put(folder + name + (name.endsWith("/") ? "x" : ""));
    await task.clock.pass(10_000);
    expect(task.outputs).toEqual({ paths: then.map((name) => folder + name) });
  });

  test("of no paths at all are a mistake", async () => {
    expect((await waiting([], { paths: "all" })).error?.message).toBe("paths is empty: there is nothing to wait for");
    // the working folder's own name would be waited for until the time is up
    expect((await waiting(["s3://b/a", ""], { paths: "all" })).error?.message).toMatch(/^a path is ""; it must name/);
  });
});

describe("what will never be ends the task at once", () => {
  test.each([
    [
      "a bucket that is not there",
      new FlyteError("NotFound", "no such bucket", { reason: "NoSuchContainer" }),
      "NotFound",
    ],
    ["a bucket that may not be read", new FlyteError("PermissionDenied", "403"), "PermissionDenied"],
  ])("%s", async (_, fault, code) => {
    const task = await waiting(file, {});
    task.store.fault = () => fault;
    await task.clock.pass(10_000);
    expect(task.error).toMatchObject({ code, recoverable: false });
    expect(task.store.requests).toHaveLength(2);
  });

  test("with what is needed, for one who is refused", async () => {
    const task = await waiting(folder, {});
    task.store.fault = () => new FlyteError("PermissionDenied", "403");
    await task.clock.pass(10_000);
    expect(task.error?.message).toBe(
      `${folder} may not be looked at: the task needs permission to read the object and to list its bucket (403)`,
    );
  });

  test("a scheme that nothing serves, and a pattern that is none", async () => {
    await expect((await waiting("nothing://bucket/x", {})).run).rejects.toMatchObject({ code: "Unsupported" });
    expect((await waiting(`${folder}[a`, { match: "glob" })).error).toMatchObject({ code: "InvalidInput" });
  });
});

test("a store that is down for a while is asked again until it is back", async () => {
  const task = await waiting(file, {});
  task.store.fault = () => new FlyteError("Unavailable", "down");
  await task.clock.pass(600_000);
  expect(task.error).toBeUndefined();
  task.store.fault = () => undefined;
  task.store.put(file);
  await task.clock.pass(10_000);
  expect(task.outputs).toEqual({ path: file });
});

describe("conditions that make no sense are refused when the task is defined", () => {
  test.each([
    [{ minSize: -1 }, "task s: minSize is -1; it must be a number of bytes"],
    [{ atLeast: 0 }, "task s: atLeast is 0; it must be a whole number, 1 or more"],
    [{ stableFor: 0 }, "task s: stableFor is 0; it must be a number of milliseconds above 0"],
    [{ match: "regex" as never }, 'task s: match is "regex"; it must be "file" or "prefix" or "glob"'],
    [{ match: "file" as const, atLeast: 2 }, "task s: atLeast counts files"],
    [{ minAge: 10, maxAge: 5 }, "task s: minAge is 10 and maxAge 5; no file can be both"],
    [{ pollInterval: -1 }, "task s: pollInterval is -1"],
    [{ runsIn: "pod" as never }, 'task s: runsIn is "pod"; it must be "container" or "connector"'],
  ])("%o", (options, message) => {
    expect(() => waitForObjectStoreFile({ name: "s", ...options })).toThrow(message);
  });
});
