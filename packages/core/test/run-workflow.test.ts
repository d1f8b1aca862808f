import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlyteError, t, task, workflow } from "@flyte-ts/core";
import { type NodeEvent, runWorkflowHere } from "@flyte-ts/core/plugin";
import { afterAll, beforeAll, expect, test } from "vitest";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "flyte-ts-run-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Resolves once `count` callers have met. */
function meeting(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let here = 0;
  return () => {
    here += 1;
    if (here === count) resolve();
    return promise;
  };
}

test("nodes that do not depend on each other run at the same time", async () => {
  const meet = meeting(3);
  const one = task({
    name: "one",
    inputs: { n: t.int },
    output: t.int,
    run: async ({ n }) => {
      await meet();
      return n;
    },
  });
  const sum = task({
    name: "sum",
    inputs: { xs: t.list(t.int) },
    output: t.int,
    run: ({ xs }) => xs.reduce((a, b) => a + b),
  });
  const all = workflow({ name: "all", build: () => sum({ xs: [one({ n: 1 }), one({ n: 2 }), one({ n: 3 })] }) });
  expect(await all()).toBe(6);
});

test("an order without data is kept", async () => {
  const seen: string[] = [];
  const step = task({
    name: "step",
    inputs: { name: t.string },
    run: async ({ name }) => {
      seen.push(name);
    },
  });
  const ordered = workflow({
    name: "ordered",
    build: () => {
      const last = step({ name: "last" });
      step({ name: "first" }).runsBefore(last);
    },
  });
  await ordered();
  expect(seen).toEqual(["first", "last"]);
});

test("sub-workflows run in place, and events tell of every node", async () => {
  const double = task({ name: "double", inputs: { n: t.int }, output: t.int, run: ({ n }) => 2 * n });
  const inner = workflow({ name: "inner", inputs: { n: t.int }, build: ({ n }) => double({ n: double({ n }) }) });
  const outer = workflow({ name: "outer", inputs: { n: t.int }, build: ({ n }) => ({ eight: inner({ n }) }) });
  const events: NodeEvent[] = [];
  const outputs = await runWorkflowHere(outer, { n: 2 }, { directory, onEvent: (event) => events.push(event) });
  expect(outputs).toEqual({ eight: 8 });
  expect(events.map(({ id, phase }) => `${id} ${phase}`)).toEqual([
    "n0 running",
    "n0.n0 running",
    "n0.n0 succeeded",
    "n0.n1 running",
    "n0.n1 succeeded",
    "n0 succeeded",
  ]);
});

test("the first failure names its node, is the user's, and ends the rest", async () => {
  const meet = meeting(2);
  let ended: unknown;
  const fails = task({
    name: "fails",
    run: async () => {
      await meet();
      throw new RangeError("no luck");
    },
  });
  const waits = task({
    name: "waits",
    run: async (_, { signal }) => {
      await meet();
      await new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          ended = signal.reason;
          reject(signal.reason);
        });
      });
    },
  });
  const both = workflow({
    name: "both",
    build: () => {
      waits();
      fails();
    },
  });
  const error = await both().then(undefined, (thrown: unknown) => thrown);
  expect(FlyteError.is(error)).toBe(true);
  expect(error).toMatchObject({
    code: "TaskFailed",
    kind: "user",
    message: "node n1 (fails): task fails: RangeError: no luck",
  });
  expect(ended).toMatchObject({ code: "Cancelled" });
});

test("parts of values that no author declared are found as propeller finds them", async () => {
  const make = task({
    name: "make",
    output: t.object({ rows: t.list(t.map(t.float)), id: t.bigint }),
    run: () => ({ rows: [{ a: 2 }, { a: 3.5 }], id: 2n ** 60n }),
  });
  const float = task({ name: "float", inputs: { x: t.float }, output: t.float, run: ({ x }) => x });
  const big = task({ name: "big", inputs: { x: t.bigint }, output: t.bigint, run: ({ x }) => x });
  const parts = workflow({
    name: "parts",
    build: () => {
      const { o0 } = make();
      return {
        first: float({ x: o0.at("rows", 0, "a") }),
        second: float({ x: o0.at("rows", 1, "a") }),
        id: big({ x: o0.at("id") }),
      };
    },
  });
  expect(await parts()).toEqual({ first: 2, second: 3.5, id: 2n ** 60n });
});

test("a wrong input is named before anything runs", async () => {
  const never = task({ name: "never", inputs: { n: t.int }, run: () => {} });
  const flow = workflow({ name: "flow", inputs: { n: t.int }, build: ({ n }) => void never({ n }) });
  await expect(flow({ n: "x" } as never)).rejects.toThrow(/input n: expected an integer, got "x"/);
});

test("an abort ends the run as what it is, and what has not begun does not begin", async () => {
  const abort = new AbortController();
  const begun: string[] = [];
  const first = task({
    name: "first",
    output: t.int,
    run: async (_, { signal }) => {
      begun.push("first");
      abort.abort();
      signal.throwIfAborted();
      return 1;
    },
  });
  const second = task({ name: "second", inputs: { n: t.int }, run: () => void begun.push("second") });
  const flow = workflow({ name: "flow", build: () => void second({ n: first() }) });
  const error = await runWorkflowHere(flow, {}, { directory, signal: abort.signal }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "Cancelled", message: expect.stringMatching(/^node n0 \(first\): /) });
  const never = await runWorkflowHere(flow, {}, { directory, signal: abort.signal }).catch((thrown: unknown) => thrown);
  expect(never).toMatchObject({ code: "Cancelled", kind: "system" });
  expect(begun).toEqual(["first"]);
});

test("one failure among many that do not wait for it surfaces once, and nowhere else", async () => {
  const unhandled: unknown[] = [];
  const listen = (reason: unknown): void => void unhandled.push(reason);
  process.on("unhandledRejection", listen);
  const one = task({
    name: "one",
    inputs: { n: t.int },
    output: t.int,
    run: async ({ n }) => {
      if (n % 3 === 0) throw new Error(`no ${n}`);
      return n;
    },
  });
  const failed: string[] = [];
  const many = workflow({
    name: "many",
    build: () => {
      for (let n = 1; n < 30; n += 1) one({ n: one({ n }) });
    },
  });
  const run = runWorkflowHere(
    many,
    {},
    { directory, onEvent: ({ id, phase }) => phase === "failed" && failed.push(id) },
  );
  await expect(run).rejects.toThrow("node n4 (one): task one: Error: no 3");
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", listen);
  expect(unhandled).toEqual([]);
  expect(failed).toContain("n4");
});

test("an error names its node once, with the sub-workflows around it, whatever its own message begins with", async () => {
  const sad = task({
    name: "sad",
    run: () => {
      throw new FlyteError("Throttled", "node is sad", { retryAfterMs: 5, wireCode: "SYSTEM:Sad" });
    },
  });
  const inner = workflow({ name: "inner", build: () => void sad() });
  const middle = workflow({ name: "middle", build: () => void inner() });
  const outer = workflow({ name: "outer", build: () => void middle() });
  const error = await outer().then(undefined, (thrown: unknown) => thrown);
  expect(error).toMatchObject({
    message: "node n0.n0.n0 (sad): node is sad",
    retryAfterMs: 5,
    wireCode: "SYSTEM:Sad",
  });
});

test("a part that is not there is named with its output or input", async () => {
  const make = task({
    name: "make",
    output: t.object({ xs: t.list(t.int), j: t.json }),
    run: () => ({ xs: [1], j: [1] }),
  });
  const int = task({ name: "int", inputs: { x: t.int }, output: t.int, run: ({ x }) => x });
  const output = workflow({ name: "output", build: () => ({ x: make().o0.at("xs", 3) }) });
  await expect(output()).rejects.toThrow("output x: there is no part 3 in [1]");
  const input = workflow({ name: "input", build: () => int({ x: make().o0.at("xs", 3) }) });
  await expect(input()).rejects.toThrow("node n1 (int): input x: there is no part 3 in [1]");
  // a cluster takes numbers for lists and names for objects, and so do we
  const json = workflow({ name: "json", build: () => ({ x: make().o0.at("j", "0") }) });
  await expect(json()).rejects.toThrow('output x: there is no part "0" in [1]');
});

test("what a task does to its value reaches no other", async () => {
  const value = t.object({ xs: t.list(t.int), bytes: t.bytes });
  const make = task({ name: "make", output: value, run: () => ({ xs: [1], bytes: Uint8Array.of(1) }) });
  const change = task({
    name: "change",
    inputs: { value },
    output: t.int,
    run: (inputs) => {
      inputs.value.bytes[0] = (inputs.value.bytes[0] ?? 0) + 1;
      return inputs.value.xs.push(1) + (inputs.value.bytes[0] ?? 0);
    },
  });
  const flow = workflow({
    name: "flow",
    build: () => {
      const made = make();
      return { a: change({ value: made }), b: change({ value: made }) };
    },
  });
  expect(await flow()).toEqual({ a: 4, b: 4 });
});

test("folders that hold nothing are not left behind; files that tasks wrote are", async () => {
  const temporary = join(directory, "tmp");
  await mkdir(temporary);
  const before = process.env.TMPDIR;
  process.env.TMPDIR = temporary;
  try {
    const scratch = task({
      name: "scratch",
      output: t.string,
      run: (_, { workingDirectory }) => workingDirectory.slice(0, temporary.length),
    });
    const fails = task({
      name: "fails",
      run: (_, { workingDirectory }) => {
        throw new Error(workingDirectory);
      },
    });
    expect(await scratch()).toBe(temporary);
    const nested = workflow({ name: "nested", build: () => scratch() });
    expect(await workflow({ name: "flow", build: () => nested() })()).toBe(temporary);
    await expect(workflow({ name: "broken", build: () => void fails() })()).rejects.toThrow(temporary);
    expect(await readdir(temporary)).toEqual([]);

    const write = task({
      name: "write",
      output: t.file(),
      run: async (_, { storage, rawOutputPrefix }) => {
        await storage.write(`${rawOutputPrefix}/x.txt`, Buffer.from("kept"));
        return `${rawOutputPrefix}/x.txt`;
      },
    });
    const kept = await workflow({ name: "kept", build: () => write() })();
    expect(await kept.text()).toBe("kept");
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
});
