import { readFileSync } from "node:fs";
import { TaskSpec, WorkflowSpec } from "@flyte-ts/core";
import { expect, test } from "vitest";
import { flow, flows, flyteTs, WorkFolder } from "./command.ts";

test("an entity is shown with its inputs and outputs, a workflow with its graph", async () => {
  const { code, stdout, stderr } = await flyteTs(["inspect", "report.ts", "report"], { cwd: flows });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^workflow report/);
  expect(stdout).toMatch(/^inputs:\n {2}count {3}int/m);
  expect(stdout).toMatch(/^outputs:/m);
  expect(stdout).toContain("│ n0 numbers │");
});

test("without an entity all that the file exports is shown", async () => {
  const { stdout } = await flyteTs(["inspect", "everything.ts"], { cwd: flows });
  expect(stdout.match(/^task \S+ \(python-task\)/gm)).toHaveLength(5);
  expect(stdout).toContain("\n\ntask echo-everything (python-task)\ninputs:\n  int       int  [default: 1]\n");
});

test("--format json is what Flyte is sent, in protobuf's JSON", async () => {
  const one = await flyteTs(["inspect", "report.ts", "report", "--format", "json", "--version", "v7"], { cwd: flows });
  const spec = WorkflowSpec.fromJson(JSON.parse(one.stdout));
  expect(spec.template?.id).toMatchObject({ name: "report", version: "v7" });
  const all = await flyteTs(["inspect", "everything.ts", "--format", "json", "--image", "i:1"], { cwd: flows });
  const [first] = JSON.parse(all.stdout) as [Parameters<typeof TaskSpec.fromJson>[0]];
  const target = TaskSpec.fromJson(first).template?.target;
  expect(target?.case === "container" ? target.value.image : undefined).toBe("i:1");
});

test("--format text is the same in protobuf's text format", async () => {
  const { code, stdout } = await flyteTs(["inspect", "trivial.ts", "double", "--format", "text"], { cwd: flows });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^# task double\n# proto-message: flyteidl\.admin\.TaskSpec\ntemplate \{\n {2}id \{\n/);
  expect(stdout).toContain("    resource_type: TASK\n");
  expect(stdout).toContain('    args: "{{.input}}"');
  expect(stdout).toMatch(/variables \{\n +key: "n"\n +value \{\n +type \{\n +simple: INTEGER\n/);
});

test("another format, and another word, are refused", async () => {
  const format = await flyteTs(["inspect", flow("trivial"), "--format", "yaml"], { cwd: flows });
  expect(format).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--format is "yaml"; it must be json or text'),
  });
  const word = await flyteTs(["inspect", flow("trivial"), "double", "more"], { cwd: flows });
  expect(word).toMatchObject({ code: 1, stderr: expect.stringContaining('"more" is one word too many') });
});

test("--svg writes a picture of the graph: every node a box, every need a line with its end at the box", async () => {
  using folder = new WorkFolder();
  const file = folder.at("graph.svg");
  expect(await flyteTs(["graph", "report.ts", "report", "--svg", file], { cwd: flows })).toMatchObject({
    code: 0,
    stdout: `${file}\n`,
  });
  const svg = readFileSync(file, "utf8");
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+"/);
  for (const text of ["inputs: count, factor", "n0 numbers", "n1 total", "outputs: "])
    expect(svg).toContain(`>${text}`);
  const boxes = [...svg.matchAll(/<rect class="box [a-z]+" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"/g)].map((one) =>
    one.slice(1).map(Number),
  );
  const ends = [...svg.matchAll(/ ([\d.]+) ([\d.]+)" marker-end/g)].map((one) => one.slice(1).map(Number));
  expect(ends.length).toBeGreaterThan(2);
  for (const [x = 0, y = 0] of ends) {
    expect(boxes.some(([left = 0, top, width = 0]) => top === y && left < x && x < left + width)).toBe(true);
  }
  const gone = await flyteTs(["graph", "report.ts", "report", "--svg", folder.at("no/graph.svg")], { cwd: flows });
  expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot be written") });
});
