import { toJson } from "@bufbuild/protobuf";
import { compile, findTask, type SerializationSettings, t, task, workflow } from "@flyte-ts/core";
import { definePlugin, packageInfo, TaskTemplate, TemplateTask } from "@flyte-ts/core/plugin";
import { TaskTemplateSchema, WorkflowTemplateSchema } from "@flyte-ts/idl/core";
import { describe, expect, test } from "vitest";

const settings: SerializationSettings = {
  project: "p",
  domain: "d",
  version: "v",
  module: "flows/wf.ts",
  image: "img:1",
  imageRegistry: "registry.example/flyte",
};

const add = task({
  name: "m.add",
  inputs: { a: t.int, b: t.float.default(1).describe("what to add") },
  output: t.float,
  retries: 2,
  timeout: 90_500,
  cache: { version: "1", serialize: true, ignoredInputs: ["b"] },
  interruptible: true,
  environment: { MODE: "x" },
  resources: { requests: { cpu: "500m", memory: "1Gi" }, limits: { gpu: "1" } },
  secrets: [{ group: "g", key: "k", mount: "env" }],
  run: ({ a, b }) => a + b,
});

/** A ready-made task type, as a plugin has it. */
class Echo extends TemplateTask<{ x: typeof t.int }, { o0: typeof t.int }, number> {
  constructor(name: string) {
    const plugin = definePlugin({
      specVersion: 1,
      ...packageInfo(import.meta.url),
      provides: { executors: { echo: async () => ({ executeFromModel: async (_, { x }) => ({ o0: x }) }) } },
    });
    super(
      "echo",
      { name, inputs: { x: t.int }, outputs: { o0: t.int }, unwrapped: true },
      {
        package: { name: "@scope/echo", version: "1.2.3" },
        manifest: async () => ({ default: plugin }),
      },
    );
  }
  override custom() {
    return { key: "value" };
  }
}
const echo = new Echo("echo");

const inner = workflow({ name: "inner", inputs: { n: t.int }, build: ({ n }) => add({ a: n }) });
const outer = workflow({
  name: "outer",
  inputs: { n: t.int, xs: t.list(t.int) },
  build: ({ n, xs }) => {
    const echoed = echo({ x: xs.at(0) });
    const last = add({ a: echoed, b: 2 });
    echoed.runsBefore(inner({ n }));
    return { sum: last, first: xs.at(0) };
  },
});

describe("a function task's template", () => {
  test("has flytekit's shape: a container whose arguments are the entrypoint's", async () => {
    const { tasks } = await compile(add, settings);
    expect(tasks).toHaveLength(1);
    const template = toJson(TaskTemplateSchema, tasks[0]?.template as never) as Record<string, never>;
    expect(template).toMatchObject({
      id: { resourceType: "TASK", project: "p", domain: "d", name: "m.add", version: "v" },
      type: "python-task",
      metadata: {
        discoverable: true,
        runtime: { type: "FLYTE_SDK", flavor: "typescript" },
        timeout: "90.500s",
        retries: { retries: 2 },
        discoveryVersion: "1",
        interruptible: true,
        cacheSerializable: true,
        generatesDeck: false,
        metadata: {},
        cacheIgnoreInputVars: ["b"],
      },
      interface: {
        inputs: {
          variables: {
            a: { type: { simple: "INTEGER" }, description: "a" },
            b: { type: { simple: "FLOAT" }, description: "what to add" },
          },
        },
        outputs: { variables: { o0: { type: { simple: "FLOAT" }, description: "o0" } } },
      },
      securityContext: { secrets: [{ group: "g", key: "k", mountRequirement: "ENV_VAR" }] },
      container: {
        image: "img:1",
        env: [{ key: "MODE", value: "x" }],
        resources: {
          requests: [
            { name: "CPU", value: "500m" },
            { name: "MEMORY", value: "1Gi" },
          ],
          limits: [{ name: "GPU", value: "1" }],
        },
        args: [
          "flyte-ts-execute",
          "--inputs",
          "{{.input}}",
          "--output-prefix",
          "{{.outputPrefix}}",
          "--raw-output-data-prefix",
          "{{.rawOutputDataPrefix}}",
          "--checkpoint-path",
          "{{.checkpointOutputPrefix}}",
          "--prev-checkpoint",
          "{{.prevCheckpointPrefix}}",
          "--resolver",
          "flyte-ts.module",
          "--",
          "module",
          "flows/wf.ts",
          "entity",
          "m.add",
        ],
      },
    });
    expect(template.custom).toBeUndefined();
    expect(template.container).not.toHaveProperty("command");
    // propeller lets only a FLYTE_SDK from 1.13.14 on read offloaded literals
    expect(template.metadata).toMatchObject({ runtime: { version: expect.stringMatching(/^1\.16\.0\+flyte-ts\.\d/) } });
  });

  test("says where its code is fetched from when it is registered fast", async () => {
    const fastRegistration = { distribution: "{{ .remote_package_path }}", destination: "{{ .dest_dir }}" };
    const { tasks } = await compile(add, { ...settings, fastRegistration });
    const target = tasks[0]?.template?.target;
    expect(target?.case === "container" && target.value.args.slice(0, 5)).toEqual([
      "flyte-ts-execute",
      "--additional-distribution",
      "{{ .remote_package_path }}",
      "--dest-dir",
      "{{ .dest_dir }}",
    ]);
  });

  test("needs an image", async () => {
    const { image: _, ...without } = settings;
    await expect(compile(add, without)).rejects.toThrow(/task m\.add needs an image: give --image/);
  });
});

test("a template task names its plugin's image and no module", async () => {
  const { tasks } = await compile(echo, settings);
  expect(toJson(TaskTemplateSchema, tasks[0]?.template as never)).toMatchObject({
    type: "echo",
    custom: { key: "value" },
    container: {
      image: "registry.example/flyte/echo:1.2.3",
      args: [
        "flyte-ts-execute",
        "--inputs",
        "{{.input}}",
        "--output-prefix",
        "{{.outputPrefix}}",
        "--raw-output-data-prefix",
        "{{.rawOutputDataPrefix}}",
        "--resolver",
        "flyte-ts.template",
        "--",
        "{{.taskTemplatePath}}",
        "@scope/echo",
      ],
    },
  });
});

test("a template task runs here from its template alone", async () => {
  expect(await echo({ x: 7 })).toBe(7);
});

describe("a workflow's template", () => {
  test("binds inputs, outputs, parts of values and constants, and orders nodes", async () => {
    const { tasks, workflows } = await compile(outer, settings);
    expect(tasks.map(({ template }) => template?.id?.name)).toEqual(["echo", "m.add"]);
    expect(workflows.map(({ template }) => template?.id?.name)).toEqual(["inner", "outer"]);
    const spec = workflows[1];
    expect(spec?.subWorkflows.map(({ id }) => id?.name)).toEqual(["inner"]);
    expect(toJson(WorkflowTemplateSchema, spec?.template as never)).toEqual({
      id: { resourceType: "WORKFLOW", project: "p", domain: "d", name: "outer", version: "v" },
      metadata: {},
      metadataDefaults: {},
      interface: {
        inputs: {
          variables: {
            n: { type: { simple: "INTEGER" }, description: "n" },
            xs: { type: { collectionType: { simple: "INTEGER" } }, description: "xs" },
          },
        },
        outputs: {
          variables: {
            sum: { type: { simple: "FLOAT" }, description: "sum" },
            first: { type: { simple: "INTEGER" }, description: "first" },
          },
        },
      },
      nodes: [
        {
          id: "n0",
          metadata: { name: "echo", retries: {} },
          inputs: [{ var: "x", binding: { promise: { var: "xs", attrPath: [{ intValue: 0 }] } } }],
          taskNode: {
            referenceId: { resourceType: "TASK", project: "p", domain: "d", name: "echo", version: "v" },
            overrides: {},
          },
        },
        {
          id: "n1",
          metadata: { name: "add", retries: { retries: 2 }, timeout: "90.500s", interruptible: true },
          inputs: [
            { var: "a", binding: { promise: { nodeId: "n0", var: "o0" } } },
            { var: "b", binding: { scalar: { primitive: { floatValue: 2 } } } },
          ],
          upstreamNodeIds: ["n0"],
          taskNode: {
            referenceId: { resourceType: "TASK", project: "p", domain: "d", name: "m.add", version: "v" },
            overrides: {},
          },
        },
        {
          id: "n2",
          metadata: { name: "inner", retries: {}, interruptible: false },
          inputs: [{ var: "n", binding: { promise: { var: "n" } } }],
          upstreamNodeIds: ["n0"],
          workflowNode: {
            subWorkflowRef: { resourceType: "WORKFLOW", project: "p", domain: "d", name: "inner", version: "v" },
          },
        },
      ],
      outputs: [
        { var: "sum", binding: { promise: { nodeId: "n1", var: "o0" } } },
        { var: "first", binding: { promise: { var: "xs", attrPath: [{ intValue: 0 }] } } },
      ],
    });
  });

  test("is the same to the byte from run to run", async () => {
    const bytes = async () =>
      (await compile(outer, settings)).tasks.map(({ template }) => TaskTemplate.encode(template as never));
    expect(await bytes()).toEqual(await bytes());
  });
});

describe("a wrong definition is named", () => {
  test.each<[() => unknown, RegExp]>([
    [() => task({ name: "bad name", run: () => {} }), /"bad name" is no entity's name/],
    [() => task({ name: "x", outputs: { at: t.int }, run: () => ({ at: 1 }) }), /no output may be called "at"/],
    [() => task({ name: "x", retries: -1, run: () => {} }), /task x: retries is -1; it must be 0 or more/],
    [() => task({ name: "x", cache: "", run: () => {} }), /cache is ""/],
    [() => workflow({ name: "w", build: () => {} }), /workflow w has no node/],
    [() => workflow({ name: "w", build: () => ({ a: 1 as never, b: add({ a: 1 }) }) }), /"a" is no output/],
    [() => workflow({ name: "w", build: () => add({ a: 1, c: 1 } as never) }), /m\.add has no input "c"/],
    [() => workflow({ name: "w", build: () => add({} as never) }), /m\.add needs a value for its input "a" \(int\)/],
    [
      () => workflow({ name: "w", build: () => ({ x: add({ a: outerCall.first }) }) }),
      /workflow w: n0 \(m\.add\), input "a": first does not belong to this workflow/,
    ],
  ])("%#", (define, message) => {
    expect(define).toThrow(message);
  });

  const outerCall = outer({ n: 1, xs: [1] });

  test("two entities of one name", async () => {
    const twin = task({ name: "m.add", run: () => {} });
    const both = workflow({
      name: "both",
      build: () => {
        twin();
        return add({ a: 1 });
      },
    });
    await expect(compile(both, settings)).rejects.toThrow(/two different tasks are called "m.add"/);
  });
});

describe("a constant that cannot be registered is named with its workflow, node and input", () => {
  const list = task({ name: "list", inputs: { xs: t.list(t.int) }, run: () => {} });
  test("every one of them at once", async () => {
    const deep = workflow({ name: "deep", build: () => list({ xs: [1, "x" as never] }) });
    const bad = workflow({
      name: "bad",
      build: () => {
        deep();
        add({ a: "x" as never });
        list({ xs: [2.5, deepest().o0] });
      },
    });
    const error = await compile(bad, settings).then(undefined, (thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "InvalidDefinition" });
    expect((error as Error).message.split("\n")).toEqual([
      "3 things are wrong:",
      '  - workflow deep: n0 (list), input "xs"[1]: expected an integer, got "x"',
      '  - workflow bad: n1 (m.add), input "a": expected an integer, got "x"',
      '  - workflow bad: n3 (list), input "xs"[0]: expected an integer, got 2.5',
    ]);
  });
  const deepest = task({ name: "deepest", output: t.int, run: () => 1 });

  test("a file of this machine, which no cluster finds", async () => {
    const read = task({ name: "read", inputs: { file: t.file() }, run: () => {} });
    const local = workflow({ name: "local", build: () => read({ file: import.meta.filename }) });
    await expect(compile(local, settings)).rejects.toThrow(
      /^workflow local: n0 \(read\), input "file": a local file or folder, or a dataset, cannot be a constant/,
    );
    const stored = workflow({ name: "stored", build: () => read({ file: "s3://bucket/key" }) });
    expect((await compile(stored, settings)).workflows).toHaveLength(1);
  });
});

test("sub-workflows of sub-workflows stand in every workflow that reaches them, each once, in one order", async () => {
  const level = (name: string, ...parts: readonly (() => unknown)[]) =>
    workflow({
      name,
      build: () => {
        for (const part of parts) part();
        return add({ a: 1 });
      },
    });
  const c = level("c");
  const b = level("b", c, c);
  const a = level("a", c, b);
  const { tasks, workflows } = await compile(a, settings);
  expect(tasks).toHaveLength(1);
  expect(
    workflows.map(({ template, subWorkflows }) => [template?.id?.name, subWorkflows.map(({ id }) => id?.name)]),
  ).toEqual([
    ["c", []],
    ["b", ["c"]],
    ["a", ["b", "c"]],
  ]);
});

describe("a module's task is found by its name", () => {
  test("among the exports and all that their graphs reach", () => {
    expect(findTask({ outer }, "m.add").name).toBe("m.add");
    expect(findTask({ renamed: echo }, "echo").taskType).toBe("echo");
  });

  test("or the message lists what there is", () => {
    expect(() => findTask({ outer, other: 1 }, "gone")).toThrow(/no task "gone".*there are "echo", "m\.add"/);
  });
});
