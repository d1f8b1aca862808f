import { readdirSync, readFileSync } from "node:fs";
import { LaunchPlanMessage, WorkflowSpec } from "@flyte-ts/core";
import { expect, test } from "vitest";
import { flow, flows, flyteTs, WorkFolder } from "./command.ts";

test("launch plans become files behind their workflows, before what starts them", async () => {
  using folder = new WorkFolder();
  const ids = ["--project", "p", "--domain", "d", "--version", "v1", "--image", "i:1"];
  const args = ["serialize", "planned.ts", "--output", folder.path, ...ids];
  expect(await flyteTs(args, { cwd: flows })).toMatchObject({ code: 0, stderr: "" });
  expect(readdirSync(folder.path)).toEqual([
    "0_repeat_1.pb",
    "1_shout_2.pb",
    "2_shout_3.pb",
    "3_thrice_3.pb",
    "4_loud_2.pb",
    "5_loud_3.pb",
  ]);
  const plan = LaunchPlanMessage.decode(readFileSync(folder.at("3_thrice_3.pb")));
  expect(plan.id).toMatchObject({ project: "p", domain: "d", version: "v1", name: "thrice" });
  expect(Object.keys(plan.spec?.fixedInputs?.literals ?? {})).toEqual(["times"]);
  const loud = WorkflowSpec.decode(readFileSync(folder.at("4_loud_2.pb")));
  expect(loud.subWorkflows).toEqual([]);
});

test("a launch plan runs here on what it leaves free", async () => {
  using folder = new WorkFolder();
  const run = (...args: string[]) => flyteTs(["run", flow("planned"), ...args, "--json"], { cwd: folder.path });
  expect(JSON.parse((await run("thrice")).stdout)).toEqual({ o0: "hahaha" });
  expect(JSON.parse((await run("thrice", "--word", "x")).stdout)).toEqual({ o0: "xxx" });
  expect(JSON.parse((await run("loud", "--word", "y")).stdout)).toEqual({ o0: "yyy" });
  const fixed = await run("thrice", "--times", "1");
  expect(fixed.code).not.toBe(0);
  expect(fixed.stderr).toContain("--times");
  const help = await flyteTs(["run", flow("planned"), "thrice", "--help"], { cwd: folder.path });
  expect(help.stdout).toContain("Launch plan thrice");
  expect(help.stdout).not.toContain("--times");
});

test("the graph of a launch plan is its workflow's; as a node it says what it is", async () => {
  const graph = async (name: string) => (await flyteTs(["graph", flow("planned"), name], { cwd: flows })).stdout;
  expect(await graph("thrice")).toContain("shout(word: string, times: int)");
  expect(await graph("loud")).toContain("n0 thrice (launch plan)");
});
