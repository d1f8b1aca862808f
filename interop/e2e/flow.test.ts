/** Control on a real Flyte: which nodes run, and what comes out, beside the local run. */
import { join } from "node:path";
import { type GateHandler, runWorkflowHere } from "@flyte-ts/core/plugin";
import { describe, expect, test } from "vitest";
import * as flows from "../src/flow-workflows.ts";
import type { NodeState } from "../src/flyte/client.ts";
import { projectFolder } from "../src/flyte/project.ts";
import type { Registered } from "../src/flyte/registered.ts";
import { Session } from "../src/flyte/session.ts";

const session = new Session();

type Flow = (typeof flows)[keyof typeof flows];

const registered = (flow: Flow): Promise<Registered> =>
  session.register({
    file: "interop/src/flow-workflows.ts",
    workflow: flow.name,
    module: join(projectFolder, "flow-workflows.ts"),
  });
const float = (floatValue: number) => ({ scalar: { primitive: { floatValue } } });
const start = async (flow: Flow, given: Registered, n: number) => {
  const execution = await session.launch(given, { n: float(n) });
  return { execution, flow, n };
};

/** Waits for the end; the outputs, or the error, and the tasks that ran. */
async function ended({ execution, flow, n }: Awaited<ReturnType<typeof start>>) {
  const state = await session.client.ended(execution);
  const nodes: readonly NodeState[] = await session.client.nodes(execution);
  const ran = nodes.flatMap(({ node, attempts }) => attempts.map(({ task }) => `${node} ${task}`)).sort();
  const outputs = state.phase === "SUCCEEDED" ? await session.outputs(execution, flow.outputs) : {};
  console.log(
    `${flow.name}(${n}): execution ${execution}, ${state.phase} ${JSON.stringify(outputs)}\n  ${ran.join(", ")}`,
  );
  return { state, nodes, ran, outputs };
}

describe("a conditional", () => {
  test("runs the way that is taken and no other, and gives what the local run gives", async () => {
    const given = await registered(flows.branches);
    const runs = await Promise.all([0.25, 0.75, 3].map((n) => start(flows.branches, given, n)));
    const ends = await Promise.all(runs.map(ended));
    for (const [at, { state, outputs }] of ends.entries()) {
      expect(state).toMatchObject({ phase: "SUCCEEDED", error: null });
      expect(outputs).toEqual(await runWorkflowHere(flows.branches, { n: runs[at]?.n }));
    }
    // Flyte does not list a branch's nodes with the others, so containers are counted: one for each task that was called
    const containers = await Promise.all(
      runs.map(async ({ execution }, at) => {
        const expected = [4, 3, 3][at] ?? 0;
        const enough = (codes: object) => Object.keys(codes).length >= expected;
        const codes = await session.client.until("the containers", () => session.client.exitCodes(execution), enough);
        return Object.keys(codes).length;
      }),
    );
    expect(containers).toEqual([4, 3, 3]);
  });

  test("fails with the author's message where no way is taken", async () => {
    const { state } = await ended(await start(flows.branches, await registered(flows.branches), 20));
    expect(state).toMatchObject({ phase: "FAILED" });
    expect(state.error?.message).toContain("n is not between 0 and 10");
  });
});

test("gates wait for time and for people", async () => {
  const run = await start(flows.gated, await registered(flows.gated), 3);
  await session.client.signal(run.execution, "how-much", float(4));
  await session.client.signal(run.execution, "go-on", { scalar: { primitive: { boolean: true } } });
  const { state, outputs } = await ended(run);
  expect(state).toMatchObject({ phase: "SUCCEEDED", error: null });
  const gates: GateHandler = { approve: () => true, input: () => 4 };
  expect(outputs).toEqual(await runWorkflowHere(flows.gated, { n: 3 }, { gates }));
});

test("a failure handler runs on the inputs and the error, after the nodes that could go on", async () => {
  const { state, ran, nodes } = await ended(await start(flows.handled, await registered(flows.handled), 5));
  expect(state).toMatchObject({ phase: "FAILED" });
  expect(state.error?.message).toContain("5 is not to its liking");
  expect(ran).toEqual(["fn0 interop.clean-up", "n0 interop.double", "n1 interop.failing"]);
  expect(nodes.find(({ node }) => node === "fn0")).toMatchObject({ phase: "SUCCEEDED" });
  expect(nodes.find(({ node }) => node === "n0")).toMatchObject({ phase: "SUCCEEDED" });
});

test("an imperative workflow gives what the local run gives", async () => {
  const { state, outputs } = await ended(await start(flows.imperative, await registered(flows.imperative), 3));
  expect(state).toMatchObject({ phase: "SUCCEEDED", error: null });
  expect(outputs).toEqual(await runWorkflowHere(flows.imperative, { n: 3 }));
});
