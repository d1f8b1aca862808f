import { join } from "node:path";
import { expect, test } from "vitest";
import type { ExecutionState, NodeState } from "../src/flyte/client.ts";
import { containerLog } from "../src/flyte/container-log.ts";
import { projectFolder } from "../src/flyte/project.ts";
import { Session } from "../src/flyte/session.ts";

const session = new Session();

const text = (stringValue: string) => ({ scalar: { primitive: { stringValue } } });

test.each([
  ["throw", "USER:RuntimeError", "x is not what it should be"],
  ["code", "BILLING:QuotaExceeded", "the quota is used up"],
])("what the user's code throws fails the execution at once, and Flyte shows it: %s", async (how, code, message) => {
  const { state, attempts } = await run("interop.user-failure", { how: text(how) });
  expect(state).toMatchObject({ phase: "FAILED", error: { code, kind: "USER" } });
  expect(state.error?.message).toContain(message);
  expect(attempts.map(({ phase, error }) => [phase, error?.code, error?.kind])).toEqual([["FAILED", code, "USER"]]);
});

test("an error that the user calls recoverable is tried again, as often as the task says", async () => {
  const { state, attempts } = await run("interop.user-failure", { how: text("recoverable") });
  expect(state).toMatchObject({ phase: "FAILED", error: { kind: "USER" } });
  expect(state.error?.message).toContain("no luck this time");
  expect(attempts.map(({ attempt, error }) => [attempt, error?.code, error?.kind])).toEqual([
    [0, "USER:Recoverable", "USER"],
    [1, "USER:Recoverable", "USER"],
  ]);
});

test("a failure of the system's is tried again without a word from the user, and the execution succeeds", async () => {
  const { state, attempts } = await run("interop.system-failure", {
    times: { scalar: { primitive: { integer: "2" } } },
  });
  expect(state).toMatchObject({ phase: "SUCCEEDED", error: null });
  expect(attempts.map(({ attempt, phase, error }) => [attempt, phase, error?.code, error?.kind])).toEqual([
    [0, "FAILED", "SYSTEM:Unavailable", "SYSTEM"],
    [1, "FAILED", "SYSTEM:Unavailable", "SYSTEM"],
    [2, "SUCCEEDED", undefined, undefined],
  ]);
});

test("an abort reaches the task as its signal: it flushes, exits with 143, and leaves no result behind", async () => {
  const marks = `s3://flyte/marks/${crypto.randomUUID()}`;
  const workflow = await session.register({ ...sampleTasks, workflow: "interop.waiting" });
  const execution = await session.launch(workflow, { marks: text(marks) });
  await session.client.until("the task's beginning", () => session.client.exists(`${marks}/began`), Boolean);
  await session.client.abort(execution, "nobody waits for it any more");
  const state = await session.client.ended(execution);
  expect(state).toMatchObject({ phase: "ABORTED" });
  const codes = await session.client.until(
    "the container's end",
    () => session.client.exitCodes(execution),
    (found) => Object.keys(found).length > 0,
  );
  expect(Object.values(codes)).toEqual([143]);
  expect(await session.client.exists(`${marks}/stopped`)).toBe(true);
  const files = (await session.client.listed("s3://flyte/")).filter((uri) => uri.includes(`${execution}/n0/`));
  expect(files.map((uri) => uri.split("/").at(-1))).toEqual(["inputs.pb"]);
  const log = await containerLog(session.cluster, execution);
  if (log !== undefined) expect(log).toContain("the task was stopped; nothing is written");
  show(execution, state, `exit codes ${JSON.stringify(codes)}, the task wrote ${marks}/stopped`);
});

const sampleTasks = { file: "interop/src/sample-tasks.ts", module: join(projectFolder, "sample-tasks.ts") };

async function run(workflow: string, inputs: Readonly<Record<string, object>>) {
  const registered = await session.register({ ...sampleTasks, workflow });
  const execution = await session.launch(registered, inputs);
  const state = await session.client.ended(execution);
  const nodes: readonly NodeState[] = await session.client.nodes(execution);
  const attempts = nodes.flatMap((node) => node.attempts);
  const told = attempts.map(({ phase, error }) => `${phase}${error === null ? "" : ` ${error.kind} ${error.code}`}`);
  show(execution, state, `attempts: ${told.join(", ")}`);
  return { state, attempts };
}

function show(execution: string, { phase, error }: ExecutionState, more: string): void {
  const why =
    error === null ? "" : ` (${error.kind} ${error.code}: ${error.message.trim().split("\n").at(-1)?.trim()})`;
  console.log(`execution ${execution}, ${phase}${why}; ${more}`);
}
