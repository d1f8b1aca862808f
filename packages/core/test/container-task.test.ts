import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toJson } from "@bufbuild/protobuf";
import { compile, containerTask, t, workflow } from "@flyte-ts/core";
import { TaskTemplateSchema } from "@flyte-ts/idl/core";
import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, test, vi } from "vitest";

const settings = { project: "p", domain: "d", version: "v", module: "m.ts", image: "img:1", environment: { E: "1" } };

const greet = containerTask({
  name: "container.greet",
  image: "alpine:3",
  command: ["sh", "-c", 'cat /in/name > /out/greeting; echo "$1" > /out/size', "--"],
  args: ["{{.inputs.size}}"],
  inputs: { name: t.string, size: t.int },
  outputs: { greeting: t.string, size: t.int },
  inputPath: "/in",
  outputPath: "/out",
  inputsFormat: "yaml",
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-ts-engine-"));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** A program that takes docker's arguments and runs the command here, with the mounted folders in the paths' place. */
async function engine(): Promise<void> {
  const path = join(folder, "engine");
  const program = `#!${process.execPath}
    const { spawnSync } = require("node:child_process");
    const { appendFileSync } = require("node:fs");
    const [verb, ...args] = process.argv.slice(2);
    appendFileSync(${JSON.stringify(join(folder, "calls"))}, JSON.stringify([verb, ...args]) + "\\n");
    if (verb !== "run") process.exit(0);
    const options = {}, mounts = [];
    while (args[0].startsWith("--")) {
      const flag = args.shift();
      if (flag === "--rm") continue;
      if (flag === "--volume") mounts.push(args.shift().split(":"));
      else options[flag] = args.shift();
    }
    const [image, ...rest] = args;
    const here = (text) => mounts.reduce((all, [from, to]) => all.replaceAll(to + "/", from + "/"), text);
    const { status, stderr } = spawnSync(options["--entrypoint"], rest.map(here));
    process.stderr.write(stderr);
    process.exit(status);
  `;
  await writeFile(path, program);
  await chmod(path, 0o755);
  vi.stubEnv("FLYTE_TS_CONTAINER_ENGINE", path);
}

const calls = async (): Promise<string[][]> =>
  (await readFile(join(folder, "calls"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as string[]);

test("on the wire it is flytekit's ContainerTask", async () => {
  const { tasks } = await compile(greet, settings);
  expect(toJson(TaskTemplateSchema, tasks[0]?.template as never)).toMatchObject({
    type: "raw-container",
    container: {
      image: "alpine:3",
      command: greet.container.command,
      args: ["{{.inputs.size}}"],
      resources: {},
      env: [{ key: "E", value: "1" }],
      dataConfig: { enabled: true, inputPath: "/in", outputPath: "/out", format: "YAML" },
    },
  });
  const strategy = containerTask({ name: "c", image: "i", command: ["c"], download: "stream", upload: "on-exit" });
  const compiled = await compile(strategy, settings);
  expect(toJson(TaskTemplateSchema, compiled.tasks[0]?.template as never)).toMatchObject({
    container: { dataConfig: { enabled: true, ioStrategy: { downloadMode: "DOWNLOAD_STREAM" } } },
  });
  const pod = containerTask({ name: "c", image: "i", command: ["c"], podTemplate: {} });
  const { template } = (await compile(pod, settings)).tasks[0] ?? {};
  expect(toJson(TaskTemplateSchema, template as never)).toMatchObject({
    k8sPod: {
      dataConfig: { enabled: true },
      podSpec: { containers: [{ name: "primary", image: "i", command: ["c"], env: [{ name: "E", value: "1" }] }] },
    },
    config: { primary_container_name: "primary" },
  });
});

test("it runs here in a container, which gets its inputs and leaves its outputs as files", async () => {
  await engine();
  expectTypeOf(greet({ name: "ada", size: 7 })).resolves.toEqualTypeOf<{ greeting: string; size: number }>();
  expect(await greet({ name: "ada", size: 7 })).toEqual({ greeting: "ada", size: 7 });
  const run = (await calls()).findLast(([verb]) => verb === "run") ?? [];
  expect(run.slice(0, 3)).toEqual(["run", "--rm", "--name"]);
  expect(run).toContainEqual(expect.stringMatching(/inputs:\/in:ro$/));
  expect(run.slice(run.indexOf("--entrypoint"))).toEqual([
    "--entrypoint",
    "sh",
    "alpine:3",
    "-c",
    greet.container.command[2],
    "--",
    "7",
  ]);
});

test("files, folders, lists and optional inputs lie where co-pilot puts them", async () => {
  await engine();
  const file = join(folder, "in.txt");
  await writeFile(file, "text");
  const task = containerTask({
    name: "container.files",
    image: "alpine:3",
    command: ["sh", "-c"],
    args: [
      "cat /var/flyte/inputs/file /var/flyte/inputs/list/1 /var/flyte/inputs/none > /var/flyte/outputs/all; cp /var/flyte/inputs/inputs.json /var/flyte/outputs/json; test -s /var/flyte/inputs/inputs.pb",
    ],
    inputs: { file: t.file(), list: t.list(t.string), none: t.optional(t.int), big: t.bigint },
    outputs: { all: t.file(), json: t.json },
  });
  const outputs = await task({ file, list: ["a", "b"], big: 9_223_372_036_854_775_807n });
  expect(await outputs.all.text()).toBe("textbnull");
  expect(outputs.json).toMatchObject({ file: "/var/flyte/inputs/file", list: ["a", "b"], none: null });
});

test("without co-pilot the inputs are in the arguments alone", async () => {
  await engine();
  const task = containerTask({
    name: "container.bare",
    image: "alpine:3",
    command: ["test", "{{.inputs.a}}", "=", "1"],
    inputs: { a: t.int },
    copilot: false,
  });
  expect(await task({ a: 1 })).toEqual({});
  expect((await calls()).at(-1)).not.toContain("--volume");
  await expect(task({ a: 2 })).rejects.toThrow("exit code 1");
  const { target } = (await compile(task, settings)).tasks[0]?.template ?? {};
  expect(target?.case === "container" && target.value.dataConfig).toBeUndefined();
});

test("a node's own image is taken here as well", async () => {
  await engine();
  const flow = workflow({
    name: "container.flow",
    build: () => greet({ name: "ada", size: 1 }).withOverrides({ containerImage: "alpine:4" }).outputs,
  });
  expect(await flow()).toEqual({ greeting: "ada", size: 1 });
  expect((await calls()).at(-1)).toContain("alpine:4");
});

describe("what goes wrong", () => {
  test("an exit code fails the task with what the container said", async () => {
    await engine();
    const fails = containerTask({ name: "container.fails", image: "i", command: ["sh", "-c", "echo no >&2; exit 4"] });
    await expect(fails()).rejects.toMatchObject({
      code: "TaskFailed",
      message: "task container.fails: the container ended with exit code 4: no",
    });
    const silent = containerTask({ name: "container.silent", image: "i", command: ["true"], outputs: { a: t.int } });
    await expect(silent()).rejects.toThrow("task container.silent, output a: there is no file");
  });

  test("where nothing runs containers, the error says so", async () => {
    vi.stubEnv("FLYTE_TS_CONTAINER_ENGINE", join(folder, "nowhere"));
    await expect(greet({ name: "a", size: 1 })).rejects.toMatchObject({
      code: "Unsupported",
      message: expect.stringContaining("nowhere: not installed"),
    });
  });

  test("what co-pilot or propeller would not take is refused", () => {
    const define = (more: object) => () => containerTask({ name: "c", image: "i", command: ["c"], ...more });
    expect(define({ image: "" })).toThrow("task c: image is missing");
    expect(define({ command: [] })).toThrow("command and args are empty");
    expect(define({ args: ["{{ .Inputs.x }}"] })).toThrow('has the input "x"; the inputs are none');
    expect(define({ outputs: { rows: t.dataset() } })).toThrow('the output "rows" is no simple value, file or folder');
    expect(define({ outputs: { rows: t.list(t.int) } })).toThrow('the output "rows"');
    expect(define({ copilot: false, outputs: { a: t.int } })).toThrow("outputs are declared, but copilot is false");
    expect(define({ inputPath: "in" })).toThrow('inputPath is "in"; it must be an absolute path');
    expect(define({ inputPath: "/x", outputPath: "/x" })).toThrow("are the same");
  });

  test("wrong wiring does not compile", () => {
    // @ts-expect-error an int is no string
    expect(() => workflow({ name: "w", build: () => greet({ name: 1, size: 1 }).outputs })).not.toThrow();
    // @ts-expect-error there is no such output
    expect(greet.outputs.nothing).toBeUndefined();
  });
});
