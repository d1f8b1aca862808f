import { readdirSync, readFileSync } from "node:fs";
import { TaskSpec, WorkflowSpec } from "@flyte-ts/core";
import { expect, test } from "vitest";
import { flow, flows, flyteTs, WorkFolder } from "./command.ts";

const ids = ["--project", "p", "--domain", "d", "--version", "v1"];

test("an entity and what it reaches become files that flytectl knows by their names", async () => {
  using folder = new WorkFolder();
  const args = ["serialize", "report.ts", "report", "--output", folder.at("out"), "--image", "example/flows:1", ...ids];
  const { code, stdout, stderr } = await flyteTs(args, { cwd: flows });
  const names = ["0_numbers_1.pb", "1_total_1.pb", "2_report_2.pb", "3_report_3.pb"];
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toBe(`${names.map((name) => folder.at("out", name)).join("\n")}\n`);
  expect(readdirSync(folder.at("out"))).toEqual(names);
  const { template } = TaskSpec.decode(readFileSync(folder.at("out/0_numbers_1.pb")));
  expect(template?.id).toMatchObject({ project: "p", domain: "d", version: "v1", name: "numbers" });
  const container = template?.target.case === "container" ? template.target.value : undefined;
  expect(container?.image).toBe("example/flows:1");
  expect(container?.args.slice(-5)).toEqual(["--", "module", "report.ts", "entity", "numbers"]);
  const spec = WorkflowSpec.decode(readFileSync(folder.at("out/2_report_2.pb")));
  expect(spec.template?.nodes.map(({ id }) => id)).toEqual(["n0", "n1"]);
});

test("the image may come from the environment, the module from a flag, and code from an archive", async () => {
  using folder = new WorkFolder();
  const fast = ["--fast-distribution", "s3://bucket/code.tar.gz", "--fast-destination", "/code"];
  const args = ["serialize", flow("trivial"), "--output", "out", "--module", "dist/trivial.js", ...fast];
  const env = { FLYTE_INTERNAL_IMAGE: "example/env:2" };
  expect((await flyteTs(args, { cwd: folder.path, env })).code).toBe(0);
  const { template } = TaskSpec.decode(readFileSync(folder.at("out/0_double_1.pb")));
  const container = template?.target.case === "container" ? template.target.value : undefined;
  expect(container?.image).toBe("example/env:2");
  const command = container?.args ?? [];
  expect(command.slice(1, 5)).toEqual(["--additional-distribution", "s3://bucket/code.tar.gz", "--dest-dir", "/code"]);
  expect(command.slice(-4)).toEqual(["module", "dist/trivial.js", "entity", "double"]);
});

test("without an entity it is all that the file exports; files of an earlier time go away, others stay", async () => {
  using folder = new WorkFolder();
  folder.write("07_gone_1.pb", "old");
  folder.write("kept.txt", "mine");
  const args = ["serialize", "everything.ts", "--output", folder.path, "--image", "i:1"];
  expect((await flyteTs(args, { cwd: flows })).code).toBe(0);
  expect(readdirSync(folder.path)).toEqual([
    "0_count_1.pb",
    "1_echo-everything_1.pb",
    "2_lines_1.pb",
    "3_names_1.pb",
    "4_needs_1.pb",
    "kept.txt",
  ]);
});
