/** Tasks of which a container runs one element, and tasks that make tasks. */
import { readFileSync } from "node:fs";
import { DynamicJobSpec, Literal, settingsText, settingsVariable } from "@flyte-ts/core/plugin";
import { describe, expect, test } from "vitest";
import type { Environment } from "../src/index.ts";
import { ContainerFolder, integer } from "./container.ts";

const list = (...values: readonly bigint[]): Literal =>
  Literal.create({ value: { case: "collection", value: { literals: values.map(integer) } } });

describe("one element of a map task", () => {
  const element = (index: string, more: Environment = {}): Environment => ({
    BATCH_JOB_ARRAY_INDEX_VAR_NAME: "FLYTE_K8S_ARRAY_INDEX",
    FLYTE_K8S_ARRAY_INDEX: index,
    ...more,
  });
  const args = (folder: ContainerFolder, vars = "factor"): readonly string[] => {
    const inner = ["resolver", "flyte-ts.module", "module", "fan-out.ts", "entity", "scale"];
    return [...folder.filesArgs(), "--resolver", "flyte-ts.map", "--", "vars", vars, ...inner];
  };
  const inputs = { x: list(3n, -1n, 5n), factor: integer(10n) };

  test.each([
    ["0", {}, 30n],
    ["2", {}, 50n],
    ["1", { BATCH_JOB_ARRAY_INDEX_OFFSET: "1" }, 50n],
  ])("index %s, %j: its items and the bound inputs, and one output", async (index, more, expected) => {
    using folder = new ContainerFolder().inputs(inputs);
    expect(await folder.run(args(folder), element(index, more))).toBe(0);
    expect(folder.results).toEqual(["outputs.pb"]);
    expect(folder.outputs.literals.o0).toEqual(integer(expected));
  });

  test("without bound inputs all of them are lists", async () => {
    using folder = new ContainerFolder().inputs({ x: list(3n, 4n), factor: list(1n, 2n) });
    expect(await folder.run(args(folder, ""), element("1"))).toBe(0);
    expect(folder.outputs.literals.o0).toEqual(integer(8n));
  });

  test("what the user's code throws is the user's", async () => {
    using folder = new ContainerFolder().inputs(inputs);
    expect(await folder.run(args(folder), element("1"))).toBe(0);
    expect(folder.error).toMatchObject({ kind: "NON_RECOVERABLE", origin: "USER" });
    expect(folder.error.message).toContain("-1 is below 0");
  });

  test.each([
    ["no variable", {}, "BATCH_JOB_ARRAY_INDEX_VAR_NAME names no variable"],
    ["no index", { BATCH_JOB_ARRAY_INDEX_VAR_NAME: "I" }, 'the variable I is "", which is no index'],
    ["one beyond the end", element("3"), "input x: there is no element 3, only 3"],
  ])("an error says what is wrong: %s", async (_what, env, message) => {
    using folder = new ContainerFolder().inputs(inputs);
    expect(await folder.run(args(folder), env)).toBe(0);
    expect(folder.error.message).toContain(message);
  });

  test("what is no list, and arguments that are none, are told", async () => {
    using folder = new ContainerFolder().inputs({ x: integer(1n), factor: integer(1n) });
    await folder.run(args(folder), element("0"));
    expect(folder.error.message).toContain("input x: a map task needs a list, and this literal holds integer");
    await folder.run([...folder.filesArgs(), "--resolver", "flyte-ts.map", "--", "vars", "x"], element("0"));
    expect(folder.error.message).toContain('flyte-ts.map takes "vars <bound inputs> resolver <name>');
  });
});

describe("a dynamic task", () => {
  const settings = { project: "", domain: "", version: "", module: "fan-out.ts", image: "img:1" };
  const env: Environment = {
    [settingsVariable]: settingsText(settings),
    FLYTE_INTERNAL_EXECUTION_PROJECT: "p",
    FLYTE_INTERNAL_EXECUTION_DOMAIN: "d",
    FLYTE_INTERNAL_TASK_VERSION: "v7",
  };
  const args = (folder: ContainerFolder, more: readonly string[] = []): readonly string[] => {
    const loader = ["module", "fan-out.ts", "entity", "counts"];
    return [...folder.filesArgs(), ...more, "--resolver", "flyte-ts.module", "--", ...loader];
  };
  const futures = (folder: ContainerFolder): DynamicJobSpec =>
    DynamicJobSpec.decode(readFileSync(folder.at("0/futures.pb")));

  test("leaves its graph to the cluster, with what was empty filled in from the execution", async () => {
    using folder = new ContainerFolder().inputs({ n: integer(2n) });
    expect(await folder.run(args(folder), env)).toBe(0);
    expect(folder.results).toEqual(["futures.pb"]);
    const { nodes, tasks, minSuccesses } = futures(folder);
    expect(nodes.map(({ id }) => id)).toEqual(["dn0", "dn1"]);
    expect(minSuccesses).toBe(2n);
    expect(tasks.map(({ id }) => id)).toMatchObject([{ project: "p", domain: "d", name: "one", version: "v7" }]);
  });

  test("brings sub-workflows and map tasks", async () => {
    using folder = new ContainerFolder().inputs({ n: integer(10n) });
    expect(await folder.run(args(folder), env)).toBe(0);
    const { subworkflows, tasks } = futures(folder);
    expect(subworkflows.map(({ id }) => id?.name)).toEqual(["scaled"]);
    expect(tasks.map(({ id }) => id?.name)).toEqual(["scale", expect.stringMatching(/^map_scale_.*-arraynode$/)]);
  });

  test("writes outputs when it called nothing", async () => {
    using folder = new ContainerFolder().inputs({ n: integer(0n) });
    expect(await folder.run(args(folder), env)).toBe(0);
    expect(folder.results).toEqual(["outputs.pb"]);
    expect(folder.outputs.literals.o0).toEqual(list());
  });

  test("carries on where its code came from", async () => {
    using folder = new ContainerFolder().inputs({ n: integer(1n) });
    const more = ["--dynamic-addl-distro", "s3://b/code.tar.gz", "--dynamic-dest-dir", "/root/code"];
    expect(await folder.run(args(folder, more), env)).toBe(0);
    const [one] = futures(folder).tasks;
    expect(one?.target.case === "container" && one.target.value.args.slice(1, 5)).toEqual([
      "--additional-distribution",
      "s3://b/code.tar.gz",
      "--dest-dir",
      "/root/code",
    ]);
  });

  test("says which task has to be exported", async () => {
    using folder = new ContainerFolder().inputs({ n: integer(-1n) });
    expect(await folder.run(args(folder), env)).toBe(0);
    expect(folder.error).toMatchObject({ origin: "USER", kind: "NON_RECOVERABLE" });
    expect(folder.error.message).toContain(
      'it calls the task "secret", which no container would find in fan-out.ts: export it',
    );
  });

  test("says that it was not told how to compile", async () => {
    using folder = new ContainerFolder().inputs({ n: integer(1n) });
    expect(await folder.run(args(folder), {})).toBe(0);
    expect(folder.error.message).toContain(`the variable ${settingsVariable} is not set`);
  });
});
