/** Gates: what waits here, what is sent, and what is refused. */
import { toJson } from "@bufbuild/protobuf";
import {
  approve,
  compile,
  conditional,
  FlyteContext,
  type NodeOutput,
  type SerializationSettings,
  sleep,
  t,
  task,
  waitForInput,
  workflow,
} from "@flyte-ts/core";
import { type Clock, type GateHandler, runWorkflowHere } from "@flyte-ts/core/plugin";
import { WorkflowTemplateSchema } from "@flyte-ts/idl/core";
import { expect, expectTypeOf, test } from "vitest";

const settings: SerializationSettings = { project: "p", domain: "d", version: "v", module: "m.ts", image: "i:1" };
const parts = task({
  name: "parts",
  inputs: { n: t.int },
  outputs: { n: t.int, words: t.list(t.string) },
  run: ({ n }) => ({ n, words: [`${n}`] }),
});
const sum = task({ name: "sum", inputs: { a: t.int, b: t.int }, output: t.int, run: ({ a, b }) => a + b });

const gated = workflow({
  name: "gated",
  inputs: { n: t.int },
  build: ({ n }) => {
    const approved = approve(parts({ n }).n, "is-it-right", { timeout: 90_000 });
    expectTypeOf(approved["~output"]).toEqualTypeOf<NodeOutput<number>>();
    const more = waitForInput("how-much-more", t.int);
    expectTypeOf(more.o0).toEqualTypeOf<NodeOutput<number>>();
    const last = sum({ a: approved, b: more });
    sleep(5000).runsBefore(last);
    return last;
  },
});

/** A clock on which time passes only while something sleeps; each sleep is told of. */
function quickClock(slept: number[], stands: (ms: number) => boolean = (ms) => ms > 5000): Clock {
  return {
    now: () => 0,
    sleep: (ms, { signal } = {}) => {
      slept.push(ms);
      if (!stands(ms)) return Promise.resolve();
      return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    },
  };
}

test("people are asked through the run's handler, and sleeping goes by the clock", async () => {
  const asked: unknown[] = [];
  const slept: number[] = [];
  const gates: GateHandler = {
    approve: ({ id, name, value }) => {
      asked.push([id, name, value]);
      return true;
    },
    input: async ({ id, name, type }) => {
      asked.push([id, name, type.name]);
      return 40;
    },
  };
  const context = new FlyteContext({ clock: quickClock(slept) });
  expect(await runWorkflowHere(gated, { n: 2 }, { gates, context })).toEqual({ o0: 42 });
  expect(asked).toHaveLength(2);
  expect(asked).toEqual(
    expect.arrayContaining([
      ["n1", "is-it-right", 2],
      ["n2", "how-much-more", "int"],
    ]),
  );
  expect(slept.sort((a, b) => a - b)).toEqual([5000, 90_000, 3_600_000]);
});

test("what nobody can be asked for, what is not approved, what comes late, and a wrong value are errors that name the gate", async () => {
  const only = (build: () => unknown) => workflow({ name: "w", build: () => void build() });
  const approval = only(() => approve(parts({ n: 1 }).n, "ok"));
  const input = only(() => waitForInput("number", t.int));
  const run = (flow: typeof approval, gates?: GateHandler, clock = quickClock([])) =>
    runWorkflowHere(flow, {}, { context: new FlyteContext({ clock }), ...(gates === undefined ? {} : { gates }) });
  await expect(approval()).rejects.toMatchObject({
    code: "Unsupported",
    message:
      'node n1 (ok): gate "ok" waits for approval, and nobody can be asked here: give the run a "gates" with "approve"',
  });
  await expect(run(input)).rejects.toThrow(/gate "number" waits for a value \(int\).* with "input"/);
  await expect(run(approval, { approve: () => false })).rejects.toMatchObject({
    code: "TaskFailed",
    message: 'node n1 (ok): gate "ok" was not approved',
  });
  await expect(run(input, { input: () => "x" })).rejects.toThrow(/node n0 \(number\): output o0: expected an integer/);
  const silent: GateHandler = { approve: () => new Promise<boolean>(() => {}) };
  await expect(
    run(
      approval,
      silent,
      quickClock([], () => false),
    ),
  ).rejects.toMatchObject({
    code: "Timeout",
    message: 'node n1 (ok): gate "ok": nobody answered within 3600000 ms',
  });
});

test("gates are sent as flytekit's are", async () => {
  const { workflows } = await compile(gated, settings);
  expect(toJson(WorkflowTemplateSchema, workflows[0]?.template as never)).toMatchObject({
    nodes: [
      { id: "n0" },
      {
        id: "n1",
        metadata: { name: "is-it-right", timeout: "90s", retries: {} },
        inputs: [{ var: "n", binding: { promise: { nodeId: "n0", var: "n" } } }],
        upstreamNodeIds: ["n0"],
        gateNode: { approve: { signalId: "is-it-right" } },
      },
      {
        id: "n2",
        metadata: { name: "how-much-more", timeout: "3600s", retries: {} },
        gateNode: {
          signal: { signalId: "how-much-more", type: { simple: "INTEGER" }, outputVariableName: "o0" },
        },
      },
      {
        id: "n3",
        inputs: [
          { var: "a", binding: { promise: { nodeId: "n1", var: "n" } } },
          { var: "b", binding: { promise: { nodeId: "n2", var: "o0" } } },
        ],
        upstreamNodeIds: ["n1", "n2", "n4"],
      },
      {
        id: "n4",
        metadata: { name: "sleep-gate", timeout: "3600s", retries: {} },
        gateNode: { sleep: { duration: "5s" } },
      },
    ],
  });
});

test("a sleep that is longer than a gate waits has the time for it", async () => {
  const long = workflow({ name: "long", build: () => void sleep(7_200_000) });
  const { workflows } = await compile(long, settings);
  expect(toJson(WorkflowTemplateSchema, workflows[0]?.template as never)).toMatchObject({
    nodes: [{ metadata: { timeout: "10800s" }, gateNode: { sleep: { duration: "7200s" } } }],
  });
});

test("wrong gates are named when the workflow is defined", () => {
  const define = (build: () => unknown) => () => workflow({ name: "w", build: () => void build() });
  expect(() => sleep(1)).toThrow(/sleep "sleep-gate": stands outside of a workflow/);
  expect(define(() => sleep(0))).toThrow(/0 is no number of milliseconds above 0/);
  expect(define(() => approve(1 as never, "ok"))).toThrow(/approve "ok": needs an output of a call/);
  expect(define(() => approve(parts({ n: 1 }).words.at(0), "ok"))).toThrow(/n0\.words\.0 is a part of one/);
  expect(define(() => waitForInput("", t.int))).toThrow(/needs a name/);
  expect(define(() => waitForInput("x", t.int, { timeout: 0 }))).toThrow(/timeout is 0; it must be/);
  expect(
    define(() => {
      const n = waitForInput("x", t.int);
      conditional("c")
        .if(n.o0.gt(1), () => void waitForInput("x", t.int))
        .else(() => void waitForInput("x", t.string));
    }),
  ).toThrow(/workflow w: two gates are called "x", and one waits for int, the other for string: Flyte asks once/);
  expect(define(() => approve(waitForInput("x", t.boolean), "x"))).toThrow(
    /waits for boolean, the other for an approval/,
  );
  const wrong = (): void => {
    // @ts-expect-error an int is waited for, a list wanted
    const strings: NodeOutput<string[]> = waitForInput("x", t.int).o0;
    // @ts-expect-error sleeping gives nothing
    sum({ a: sleep(1), b: strings });
  };
  expect(wrong).toBeTypeOf("function");
});
