import { mkdtemp, rm } from "node:fs/promises";
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
