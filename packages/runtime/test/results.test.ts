import { readFileSync, statSync, writeFileSync } from "node:fs";
import {
  type ExecutableTask,
  FlyteContext,
  IgnoreOutputs,
  LiteralMap,
  StorageRegistry,
  silentLog,
} from "@flyte-ts/core/plugin";
import { expect, test } from "vitest";
import { executeTask } from "../src/index.ts";
import { ContainerFolder, errorIn, integer, text } from "./container.ts";

test("outputs.pb holds what the task returned", async () => {
  using folder = new ContainerFolder();
  expect(await folder.inputs({ x: integer(21n) }).run(folder.moduleArgs("double"))).toBe(0);
  expect(folder.results).toEqual(["outputs.pb"]);
  expect(LiteralMap.toJson(folder.outputs)).toEqual({ literals: { o0: { scalar: { primitive: { integer: "42" } } } } });
});

test("a task without outputs writes a file of no bytes", async () => {
  using folder = new ContainerFolder();
  expect(await folder.inputs({}).run(folder.moduleArgs("nothing"))).toBe(0);
  expect(statSync(folder.at("0/outputs.pb")).size).toBe(0);
});

test.each([
  ["plain", { code: "USER:RuntimeError", origin: "USER", kind: "NON_RECOVERABLE" }, "TypeError: x is not a function"],
  ["recoverable", { code: "USER:Recoverable", origin: "USER", kind: "RECOVERABLE" }, "Recoverable: try again"],
  ["own code", { code: "QuotaExceeded", origin: "USER", kind: "NON_RECOVERABLE" }, "Error: quota"],
  [
    "unavailable",
    { code: "SYSTEM:Unavailable", origin: "SYSTEM", kind: "RECOVERABLE" },
    "Unavailable: 503 from the store",
  ],
])("what a function throws (%s) is classified, and the process ends well", async (how, expected, message) => {
  using folder = new ContainerFolder();
  expect(await folder.inputs({ how: text(how) }).run(folder.moduleArgs("throws"))).toBe(0);
  expect(folder.results).toEqual(["error.pb"]);
  expect(folder.error).toMatchObject(expected);
  expect(folder.error.message).toMatch(/^Trace:\n\n {4}/);
  expect(folder.error.message).toContain(`Message:\n\n    `);
  expect(folder.error.message).toContain(message);
  expect(folder.error.timestamp).toMatch(/^\d{4}-/);
  expect(folder.lines.join("")).toContain(message.slice(message.indexOf(": ") + 2));
});

test.each(["true", "T", "1"])("FLYTE_FAIL_ON_ERROR=%s fails the process too", async (value) => {
  using folder = new ContainerFolder();
  const args = folder.inputs({ how: text("plain") }).moduleArgs("throws");
  expect(await folder.run(args, { FLYTE_FAIL_ON_ERROR: value })).toBe(1);
  expect(await folder.run(args, { FLYTE_FAIL_ON_ERROR: "no" })).toBe(0);
  expect(await folder.inputs({}).run(folder.moduleArgs("nothing"), { FLYTE_FAIL_ON_ERROR: value })).toBe(0);
});

test("inputs and outputs that do not fit their types are the system's, for good", async () => {
  using folder = new ContainerFolder();
  const expected = { code: "SYSTEM", origin: "SYSTEM", kind: "NON_RECOVERABLE" };
  expect(await folder.inputs({ x: text("seven") }).run(folder.moduleArgs("double"))).toBe(0);
  expect(folder.error).toMatchObject({ ...expected, message: expect.stringContaining("input x") });
  expect(await folder.run(folder.moduleArgs("wrong"))).toBe(0);
  expect(folder.error).toMatchObject({ ...expected, message: expect.stringContaining("output o0") });
});

test("inputs that cannot be read are worth another attempt, broken ones are not", async () => {
  using folder = new ContainerFolder();
  expect(await folder.run(folder.moduleArgs("nothing"))).toBe(0);
  expect(folder.error).toMatchObject({ code: "SYSTEM", origin: "SYSTEM", kind: "RECOVERABLE" });
  expect(folder.error.message).toContain(folder.at("inputs.pb"));
  folder.write("inputs.pb", "this is no protobuf");
  expect(await folder.run(folder.moduleArgs("nothing"))).toBe(0);
  expect(folder.error).toMatchObject({ code: "SYSTEM", origin: "SYSTEM", kind: "NON_RECOVERABLE" });
});

test.each([
  ["module flow.ts entity absent", /exports no task "absent".*"double"/],
  ["module none.ts entity x", /there is no module "none.ts"/],
  ["module flow.ts", /takes "module <file> entity <name>"/],
])("a task that is not there (%s) is the user's", async (loaderArgs, message) => {
  using folder = new ContainerFolder();
  folder.inputs({});
  const args = [...folder.filesArgs(), "--resolver", "flyte-ts.module", "--", ...loaderArgs.split(" ")];
  expect(await folder.run(args)).toBe(0);
  expect(folder.error).toMatchObject({
    origin: "USER",
    kind: "NON_RECOVERABLE",
    message: expect.stringMatching(message),
  });
});

test("a module that throws is the user's", async () => {
  using folder = new ContainerFolder();
  folder.inputs({}).write("broken.ts", 'throw new SyntaxError("half a module");');
  const args = [...folder.filesArgs(), "--resolver", "flyte-ts.module", "--", "module", "broken.ts", "entity", "x"];
  expect(await folder.run(args, {}, { cwd: folder.path })).toBe(0);
  expect(folder.error).toMatchObject({ code: "USER:RuntimeError", origin: "USER" });
  expect(folder.error.message).toContain("half a module");
});

test("an unknown resolver is named, and a Python task told from ours", async () => {
  using folder = new ContainerFolder();
  folder.inputs({});
  const resolver = "flytekit.core.python_auto_container.default_task_resolver";
  const args = [...folder.filesArgs(), "--resolver", resolver, "--", "task-module", "m", "task-name", "t"];
  expect(await folder.run(args)).toBe(0);
  expect(folder.error.message).toMatch(/no resolver is called "flytekit.*needs its Python image/);
});

test("what an earlier process of the attempt left does not stay beside the result", async () => {
  using folder = new ContainerFolder();
  folder.inputs({ how: text("plain") }).write("0/outputs.pb", "stale");
  expect(await folder.run(folder.moduleArgs("throws"))).toBe(0);
  expect(folder.results).toEqual(["error.pb"]);
  expect(await folder.inputs({}).run(folder.moduleArgs("nothing"))).toBe(0);
  expect(folder.results).toEqual(["outputs.pb"]);
});

test("workers of a distributed task write error files of their own", async () => {
  using folder = new ContainerFolder();
  folder.inputs({ how: text("plain") }).write("0/outputs.pb", "another worker's");
  const env = { FLYTE_INTERNAL_DIST_ERROR_STRATEGY: "earliest", _F_WN: "worker-3" };
  expect(await folder.run(folder.moduleArgs("throws"), env)).toBe(0);
  const name = folder.results.find((one) => one.startsWith("error")) ?? "";
  expect(name).toMatch(/^error-[0-9a-f]{32}\.pb$/);
  expect(errorIn(readFileSync(folder.at("0", name)))).toMatchObject({ worker: "worker-3", origin: "USER" });
  expect(folder.results).toContain("outputs.pb");
});

test("when nothing can be written, it throws instead of ending well", async () => {
  using folder = new ContainerFolder();
  folder.inputs({}).write("0", "a file in the place of the folder");
  await expect(folder.run(folder.moduleArgs("nothing"))).rejects.toThrow(folder.at("0"));
});

test("a store that takes no outputs gets an error instead", async () => {
  using folder = new ContainerFolder();
  const context = new FlyteContext();
  const files = await new StorageRegistry().storageFor(folder.path);
  context.storage.register("file", async () => ({
    stat: (uri) => files.stat(uri),
    read: (uri) => files.read(uri),
    list: (uri) => files.list(uri),
    delete: (uri) => files.delete(uri),
    copy: (from, to) => files.copy(from, to),
    write: (uri, body) =>
      uri.endsWith("outputs.pb") ? Promise.reject(new Error("disk full")) : files.write(uri, body),
  }));
  expect(await folder.inputs({}).run(folder.moduleArgs("nothing"), {}, { context })).toBe(0);
  expect(folder.results).toEqual(["error.pb"]);
  expect(folder.error).toMatchObject({ code: "SYSTEM", origin: "SYSTEM", kind: "RECOVERABLE" });
  expect(folder.error.message).toContain("disk full");
});

test("the surroundings tell the task who it is, its secrets, and where its outputs go", async () => {
  using folder = new ContainerFolder();
  const env = {
    FLYTE_INTERNAL_EXECUTION_PROJECT: "p",
    _F_DM: "development",
    FLYTE_INTERNAL_EXECUTION_ID: "ab12",
    FLYTE_INTERNAL_EXECUTION_WORKFLOW: "wf",
    FLYTE_INTERNAL_TASK_NAME: "surroundings",
    _F_TK_V: "v7",
    FLYTE_ATTEMPT_NUMBER: "2",
    FLYTE_SECRETS_ENV_PREFIX: "_FSEC_",
    _FSEC_DB_PASSWORD: "s3cret",
  };
  expect(await folder.inputs({}).run(folder.moduleArgs("surroundings"), env)).toBe(0);
  expect(folder.results).toEqual(["deck.html", "outputs.pb"]);
  expect(readFileSync(folder.at("0/deck.html"), "utf8")).toContain("Rows &lt;1&gt;");
  const shown = Buffer.from(readFileSync(folder.at("0/outputs.pb"))).toString("latin1");
  for (const value of ["development", "ab12", "wf", "v7", "s3cret", folder.at("raw")]) expect(shown).toContain(value);
});

test("a checkpoint goes from one attempt to the next", async () => {
  using folder = new ContainerFolder();
  folder.inputs({});
  expect(await folder.run(folder.moduleArgs("steps", ["--checkpoint-path", folder.at("c0")]))).toBe(0);
  const next = ["--checkpoint-path", folder.at("c1"), "--prev-checkpoint", folder.at("c0")];
  expect(await folder.run(folder.moduleArgs("steps", next))).toBe(0);
  expect(folder.outputs.literals.o0).toEqual(text("x"));
  expect(readFileSync(folder.at("c1/_dst_cp"), "utf8")).toBe("xx");
});

test("log lines are JSON at the level that is asked for, or plain text", async () => {
  using folder = new ContainerFolder();
  folder.inputs({});
  const env = { _F_RUNTIME_PACKAGES: "pandas" };
  await folder.run(folder.moduleArgs("nothing"), env);
  expect(JSON.parse(folder.lines[0] ?? "")).toMatchObject({
    levelname: "WARNING",
    message: expect.stringMatching(/pandas.*passed over/),
  });
  folder.lines.length = 0;
  await folder.run(folder.moduleArgs("nothing"), { ...env, FLYTE_SDK_LOGGING_LEVEL: "40" });
  expect(folder.lines).toEqual([]);
  await folder.run(folder.moduleArgs("nothing"), { ...env, FLYTE_SDK_LOGGING_FORMAT: "console" });
  expect(folder.lines[0]).toMatch(/^\[flyte-ts\] _F_RUNTIME_PACKAGES/);
});

const run = (folder: ContainerFolder, dispatchExecute: ExecutableTask["dispatchExecute"]): Promise<number> =>
  executeTask({
    load: async () => ({
      task: { name: "t", taskType: "t", generatesDeck: true, dispatchExecute },
      failure: "Internal",
    }),
    inputs: folder.at("inputs.pb"),
    outputPrefix: folder.at("0"),
    projectDirectory: folder.path,
    env: {},
    signal: new AbortController().signal,
    log: silentLog,
  });

test("a worker that has nothing to write says so", async () => {
  using folder = new ContainerFolder();
  expect(await run(folder.inputs({}), () => Promise.reject(new IgnoreOutputs()))).toBe(0);
  expect(folder.results).toEqual([]);
});

test("a promised deck is written even when it is empty", async () => {
  using folder = new ContainerFolder();
  expect(await run(folder.inputs({}), async () => LiteralMap.create())).toBe(0);
  expect(folder.results).toEqual(["deck.html", "outputs.pb"]);
});

test("anything else than literals is an unknown output", async () => {
  using folder = new ContainerFolder();
  expect(await run(folder.inputs({}), async () => JSON.parse("{}"))).toBe(0);
  expect(folder.error).toMatchObject({ code: "UNKNOWN_OUTPUT", origin: "SYSTEM", kind: "RECOVERABLE" });
});

test("the task's local folder is gone afterwards", async () => {
  using folder = new ContainerFolder();
  let path = "";
  await run(folder.inputs({}), async (context) => {
    path = context.workingDirectory;
    writeFileSync(`${path}/scratch`, "x");
    return LiteralMap.create();
  });
  expect(() => statSync(path)).toThrow("ENOENT");
});
