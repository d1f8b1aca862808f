/** Mixed workflows, and what no other file runs, on a real Flyte: what comes out is what comes out here. */
import { join } from "node:path";
import { runWorkflowHere } from "@flyte-ts/core/plugin";
import { beforeAll, describe, expect, test } from "vitest";
import { projectFolder } from "../src/flyte/project.ts";
import { Session } from "../src/flyte/session.ts";
import { broken, chosen, late, scheduled, secretive, wired } from "../src/mixed-workflows.ts";

const session = new Session();
const integer = (value: number) => ({ scalar: { primitive: { integer: String(value) } } });
const text = (stringValue: string) => ({ scalar: { primitive: { stringValue } } });
const tagged = (simple: string, tag: string) => ({ simple, structure: { tag } });

let version: string;
beforeAll(async () => {
  const module = join(projectFolder, "mixed-workflows.ts");
  version = await session.registerFile({ file: "interop/src/mixed-workflows.ts", module });
});

const start = ({ name }: { readonly name: string }, inputs: Readonly<Record<string, object>>): Promise<string> =>
  session.launch({ workflow: name, version }, inputs);

async function succeeded(execution: string): Promise<void> {
  const { phase, error } = await session.client.ended(execution);
  expect({ phase, error }).toEqual({ phase: "SUCCEEDED", error: null });
}

describe.concurrent("a real Flyte runs", () => {
  test("workflows in workflows, parts of values, lists and maps of outputs, what may be missing, an order", async () => {
    const either = { scalar: { union: { value: text("one"), type: tagged("STRING", "str") } } };
    const maybe = { scalar: { union: { value: integer(5), type: tagged("INTEGER", "int") } } };
    const given = await start(wired, { n: integer(3), maybe, either });
    const missing = await start(wired, { n: integer(2), either });
    for (const execution of [given, missing]) await succeeded(execution);
    expect(await session.outputs(given, wired.outputs)).toEqual(await wired({ n: 3, maybe: 5, either: "one" }));
    expect(await session.outputs(missing, wired.outputs)).toEqual(await wired({ n: 2, either: "one" }));
  });

  test("a map in a branch of a workflow inside, a launch plan and a workflow as the ways of a branch", async () => {
    const values = [20, 2] as const;
    const executions = await Promise.all(values.map((n) => start(chosen, { n: integer(n) })));
    for (const [at, execution] of executions.entries()) {
      await succeeded(execution);
      expect(await session.outputs(execution, chosen.outputs)).toEqual(await chosen({ n: values[at] ?? 0 }));
    }
  });

  test("what a schedule would start, on the time of its start", async () => {
    const at = { scalar: { primitive: { datetime: "2024-02-29T06:00:00Z" } } };
    const execution = await start(scheduled, { at });
    await succeeded(execution);
    const { o0 } = await session.outputs(execution, scheduled.outputs);
    expect(o0).toBe(await scheduled({ at: new Date("2024-02-29T06:00:00Z") }));
  });

  test("a task until its time is up", async () => {
    const marks = `s3://flyte/marks/${crypto.randomUUID()}`;
    const execution = await start(late, { marks: text(marks) });
    const { phase, error } = await session.client.ended(execution);
    expect(phase).toBe("FAILED");
    expect(error?.message).toMatch(/timeout/i);
    expect(await session.client.exists(`${marks}/began`)).toBe(true);
  });

  test("secrets, however they reach a task", async () => {
    const token = crypto.randomUUID();
    await session.client.putSecret("interop", { token });
    const execution = await start(secretive, {});
    await succeeded(execution);
    const outputs = { variable: token, file: token, any: token, named: token };
    expect(await session.outputs(execution, secretive.outputs)).toEqual(outputs);
  });

  test("a workflow as the failure handler of a workflow inside", async () => {
    const execution = await start(broken, { n: integer(4) });
    const { phase, error } = await session.client.ended(execution);
    expect(phase).toBe("FAILED");
    expect(error?.message).toContain("4 is out of range");
    await expect(runWorkflowHere(broken, { n: 4 })).rejects.toThrow("4 is out of range");
    const codes = await session.client.exitCodes(execution);
    console.log(`execution ${execution}: ${JSON.stringify(codes)}`);
    // the task beside, the one that fails, and two in the handler: the workflow in it, and what follows
    expect(Object.keys(codes)).toHaveLength(4);
  });
});
