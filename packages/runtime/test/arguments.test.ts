import { expect, test } from "vitest";
import { ContainerFolder } from "./container.ts";

const loader = ["--resolver", "flyte-ts.module", "--", "module", "flow.ts", "entity", "nothing"];
const files = ["--inputs", "in.pb", "--output-prefix", "out"];

test.each([
  ["a missing flag", ["--output-prefix", "out", ...loader], "--inputs is missing; give it a value, such as s3://"],
  ["a value that is the next flag", ["--inputs", ...files, ...loader], "--inputs needs a value, such as"],
  ["a flag without a value", [...files, "--resolver"], "--resolver needs a value, such as flyte-ts.module"],
  ["a flag that does not exist", ["--inptus", "x", ...loader], "there is no flag --inptus; did you mean --inputs?"],
  ["a word that belongs to nothing", [...files, "stray", ...loader], '"stray" stands before --'],
  ["an unknown flag", [...files, "--frobnicate", ...loader], "there is no flag --frobnicate; it has --additional-dist"],
  ["a value for a switch", [...files, "--test=yes", ...loader], "--test is a switch and takes no value: --test=yes"],
  ["no loader arguments", [...files, "--resolver", "flyte-ts.module"], "nothing stands behind --"],
  [
    "an input that was never rendered",
    ["--inputs", "{{.input}}", "--output-prefix", "o", ...loader],
    '--inputs is "{{.input}}", a template',
  ],
  [
    "code that was never uploaded",
    ["--additional-distribution", "{{ .remote_package_path }}", ...files, ...loader],
    "registered without its archive of code",
  ],
  ["a fast command without a command", ["pyflyte-fast-execute", "--dest-dir", "."], "no command stands behind --"],
  [
    "a map task's concurrency",
    ["pyflyte-map-execute", ...files, "--max-concurrency", "many", ...loader],
    '--max-concurrency is "many"; it must be a whole number',
  ],
])("%s is an error that says what would be right", async (_what, args, message) => {
  using folder = new ContainerFolder();
  await expect(folder.run(args)).rejects.toMatchObject({
    code: "InvalidInput",
    kind: "user",
    message: expect.stringContaining(message),
  });
});

test.each([
  ["unrendered text", "{{.rawOutputDataPrefix}}", "{{.checkpointOutputPrefix}}", "{{.prevCheckpointPrefix}}"],
  ["two quotes", '""', '""', '""'],
  ["nothing", "", "", ""],
])("%s for an optional place counts as none", async (_what, raw, checkpoint, previous) => {
  using folder = new ContainerFolder();
  folder.inputs({});
  const places = ["--raw-output-data-prefix", raw, "--checkpoint-path", checkpoint, "--prev-checkpoint", previous];
  expect(await folder.run(folder.moduleArgs("steps", places))).toBe(0);
  expect(folder.error.message).toContain("started without --checkpoint-path");
});

test("flags may have their value behind an equals sign, and their order does not matter", async () => {
  using folder = new ContainerFolder();
  folder.inputs({});
  const args = [
    ...loader.slice(0, 2),
    `--output-prefix=${folder.at("0")}`,
    `--inputs=${folder.at("inputs.pb")}`,
    ...loader.slice(2),
  ];
  expect(await folder.run(args)).toBe(0);
  expect(folder.results).toEqual(["outputs.pb"]);
});

test("flytekit's name for the command may stand first, or be the process's own", async () => {
  using folder = new ContainerFolder();
  folder.inputs({});
  expect(await folder.run(["pyflyte-execute", ...folder.moduleArgs("nothing")])).toBe(0);
  expect(await folder.run(folder.moduleArgs("nothing"), {}, { name: "pyflyte-execute" })).toBe(0);
});

test("--test runs nothing", async () => {
  using folder = new ContainerFolder();
  expect(await folder.run(folder.moduleArgs("nothing", ["--test"]))).toBe(0);
  expect(folder.results).toEqual([]);
});

test("--help names every flag, --version the package", async () => {
  using folder = new ContainerFolder();
  expect(await folder.run(["--help"])).toBe(0);
  expect(await folder.run(["--version"])).toBe(0);
  for (const flag of ["--inputs", "--output-prefix", "--resolver", "--additional-distribution"]) {
    expect(folder.printed[0]).toContain(flag);
  }
  expect(folder.printed[1]).toMatch(/^@flyte-ts\/runtime \d+\.\d+\.\d+/);
});

test("a map task is refused in error.pb", async () => {
  using folder = new ContainerFolder();
  folder.inputs({});
  expect(await folder.run(["pyflyte-map-execute", ...folder.moduleArgs("nothing")])).toBe(0);
  expect(folder.error).toMatchObject({ origin: "USER", message: expect.stringContaining("runs no map tasks") });
});
