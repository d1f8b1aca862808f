import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { flow, flyteTs, WorkFolder } from "./command.ts";

test("a workflow runs from its file, and shows what came of it: values in lines, rows as a table", async () => {
  using folder = new WorkFolder();
  const { code, stdout, stderr } = await flyteTs(["run", flow("report"), "report", "--count", "12"], {
    cwd: folder.path,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^sum {4}132\nfirst {2}row 0\nrows\n {2}12 rows, the first 10:\n/);
  expect(stdout).toContain("│ 9 │ row 9 │");
  const uri = stdout.trimEnd().split("\n").at(-1)?.trim() ?? "";
  expect(uri).toContain(`${folder.path}/.flyte-ts/runs/`);
  expect(readdirSync(uri)).toEqual(["00000"]);
  expect(readFileSync(folder.at(".flyte-ts/.gitignore"), "utf8")).toBe("*\n");
});

test("the entity may be left out where there is one workflow, and be a task or an export's name", async () => {
  using folder = new WorkFolder();
  const { cwd } = { cwd: folder.path };
  expect((await flyteTs(["run", flow("trivial"), "--n", "4"], { cwd })).stdout).toBe("8\n");
  expect((await flyteTs(["run", flow("trivial"), "double", "--n=-4"], { cwd })).stdout).toBe("-8\n");
  const { stdout } = await flyteTs(["run", flow("everything"), "echo", "--json", '{"a":1}'], { cwd });
  expect(stdout).toContain('json      {"a":1}');
});

test("a task alone is tried as often, and takes as long, as in a workflow; a job of its is deleted before the end", async () => {
  using folder = new WorkFolder();
  expect(await flyteTs(["run", flow("late"), "twice"], { cwd: folder.path })).toMatchObject({ code: 0, stdout: "2\n" });
  for (const name of ["endless", "waits"]) {
    const env = { NOTES: folder.at(name) };
    expect(await flyteTs(["run", flow("late"), name], { cwd: folder.path, env })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("task endless took more than its timeout of 300 ms"),
    });
    expect(readFileSync(env.NOTES, "utf8")).toBe("deleted\n");
  }
});

test("a run that stores nothing leaves no folder of its own", async () => {
  using folder = new WorkFolder();
  await flyteTs(["run", flow("trivial"), "--n", "4"], { cwd: folder.path });
  expect(readdirSync(folder.at(".flyte-ts/runs"))).toEqual([]);
});

test("inputs come from a file or standard input, and flags win", async () => {
  using folder = new WorkFolder();
  const cwd = folder.path;
  const needs = ["run", flow("everything"), "needs"];
  folder.write("inputs.json", '{ "limit": 1, "since": "2024-01-31", "color": "red", "strict": false }');
  expect((await flyteTs([...needs, "--inputs", "inputs.json"], { cwd })).stdout).toBe("1 false\n");
  expect((await flyteTs([...needs, "--inputs", "inputs.json", "--limit", "2", "--strict"], { cwd })).stdout).toBe(
    "2 true\n",
  );
  const stdin = "limit: 3\nsince: 2024-01-31T12:30\ncolor: blue\nwithin: 1h30m\n";
  expect((await flyteTs([...needs, "--inputs", "-"], { cwd, stdin })).stdout).toBe("3 true\n");
  expect((await flyteTs([...needs, "--inputs=-", "--no-strict"], { cwd, stdin })).stdout).toBe("3 false\n");
});

test("what --json prints, --inputs takes again, to the last digit", async () => {
  using folder = new WorkFolder();
  const cwd = folder.path;
  // The task has an input called json, so the flag stands in front of the file.
  const echo = ["run", "--json", flow("everything"), "echo"];
  const first = await flyteTs([...echo, "--bigint", "-9223372036854775808", "--float", "NaN", "--maybe", "5"], { cwd });
  expect(JSON.parse(first.stdout)).toEqual({
    int: 1,
    bigint: "-9223372036854775808",
    float: "NaN",
    string: "text",
    boolean: false,
    datetime: "2024-01-31T12:30:00.000Z",
    date: "2024-01-31",
    duration: 1500,
    bytes: "AQI=",
    color: "red",
    sizes: [1, 2],
    prices: { a: 1.5 },
    box: { size: { width: 3, unit: "mm" }, label: null },
    json: { free: [1, "a", null] },
    maybe: 5,
  });
  const again = await flyteTs([...echo, "--inputs", "-"], { cwd, stdin: first.stdout });
  expect(again).toEqual(first);
});

test("standard output holds the JSON alone: what tasks print goes to standard error", async () => {
  using folder = new WorkFolder();
  for (const more of [[], ["--isolate", "process"]]) {
    const { stdout, stderr } = await flyteTs(["run", flow("failing"), "printing", "--json", ...more], {
      cwd: folder.path,
    });
    expect({ stdout, stderr }).toEqual({ stdout: '{"o0":7}\n', stderr: "printed by the task\n" });
  }
});

test("files and folders are paths", async () => {
  using folder = new WorkFolder();
  const cwd = folder.path;
  folder.write("some.txt", "a\nb\n");
  expect((await flyteTs(["run", flow("everything"), "lines", "--file", "some.txt"], { cwd })).stdout).toBe("2\n");
  expect((await flyteTs(["run", flow("everything"), "names", "--folder", "."], { cwd })).stdout).toContain("some.txt");
});

test("a connector's task runs here, with and without --isolate, as it has no container", async () => {
  using folder = new WorkFolder();
  for (const more of [[], ["--isolate", "process"]]) {
    const ended = await flyteTs(["run", flow("connector"), "around", "--n", "3", ...more], { cwd: folder.path });
    expect(ended, more.join(" ")).toMatchObject({ code: 0, stdout: "9\n" });
  }
});

test("--isolate process runs every task by its container's command, with a cluster's files, to the same result", async () => {
  using folder = new WorkFolder();
  const args = ["run", flow("report"), "--count", "3", "--json", "--isolate", "process", "--output-dir", "out"];
  const { code, stdout, stderr } = await flyteTs(args, { cwd: folder.path });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({ sum: 6, first: "row 0", rows: { format: "parquet" } });
  for (const name of ["n0/inputs.pb", "n0/0/task.pb", "n0/0/outputs.pb", "n1/inputs.pb", "n1/0/outputs.pb"]) {
    expect(existsSync(folder.at("out", name)), name).toBe(true);
  }
});

test("a dataset that a run wrote is the input of another", async () => {
  using folder = new WorkFolder();
  const cwd = folder.path;
  const { stdout } = await flyteTs(["run", flow("report"), "--count", "3", "--json"], { cwd });
  const { rows } = JSON.parse(stdout) as { readonly rows: { readonly uri: string } };
  expect((await flyteTs(["run", flow("everything"), "count", "--rows", rows.uri], { cwd })).stdout).toBe("3\n");
});

test("--help behind the entity lists its inputs with types, defaults and descriptions", async () => {
  using folder = new WorkFolder();
  const { stdout } = await flyteTs(["run", flow("everything"), "needs", "--help"], { cwd: folder.path });
  expect(stdout).toContain("Task needs: has inputs that must be given");
  expect(stdout).toMatch(/--limit INT +int {2}\[required\] {2}how many\n/);
  expect(stdout).toMatch(/--color red\|green\|blue +red \| green \| blue {2}\[required\]\n/);
  expect(stdout).toMatch(/--within DURATION +duration {2}\[default: 1m30s\]\n/);
  expect(stdout).toMatch(/--strict +boolean {2}\[default: true\]\n/);
});

test("--help behind a file with several entities lists them", async () => {
  using folder = new WorkFolder();
  const { code, stdout } = await flyteTs(["run", flow("everything"), "--help"], { cwd: folder.path });
  expect(code).toBe(0);
  expect(stdout).toMatch(/\n {2}needs +task {6}has inputs that must be given\n/);
});

test("help and version", async () => {
  using folder = new WorkFolder();
  const cwd = folder.path;
  expect((await flyteTs([], { cwd })).stdout).toContain("flyte-ts COMMAND");
  expect((await flyteTs(["help", "run"], { cwd })).stdout).toContain("flyte-ts run FILE [ENTITY]");
  for (const command of ["run", "graph", "serialize"]) {
    expect((await flyteTs([command, "--help"], { cwd })).stdout, command).toContain(`flyte-ts ${command} FILE`);
  }
  expect((await flyteTs(["execute", "--help"], { cwd })).stdout).toContain("flyte-ts-execute --inputs URI");
  expect((await flyteTs(["--version"], { cwd })).stdout).toMatch(/^@flyte-ts\/cli \d+\.\d+\.\d+\n$/);
});
