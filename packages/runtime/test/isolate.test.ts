import { readFileSync } from "node:fs";
import { FlyteContext, LiteralMap, TaskTemplate } from "@flyte-ts/core/plugin";
import { expect, test } from "vitest";
import { type IsolateOptions, isolate } from "../src/index.ts";
import { ContainerFolder, fixtures, integer, text } from "./container.ts";

interface Container {
  readonly args: readonly string[];
  readonly outputs?: Readonly<Record<string, string>>;
}

const template = ({ args, outputs = {} }: Container): TaskTemplate =>
  TaskTemplate.fromJson({
    id: { resourceType: "TASK", project: "p", domain: "d", name: "isolated", version: "v" },
    type: "python-task",
    interface: {
      outputs: {
        variables: Object.fromEntries(Object.entries(outputs).map(([name, simple]) => [name, { type: { simple } }])),
      },
    },
    container: { image: "i", args: [...args], env: [{ key: "GREETING", value: "hello" }] },
  });

const words =
  "flyte-ts-execute --inputs {{.input}} --output-prefix {{.outputPrefix}} --raw-output-data-prefix {{.RawOutputDataPrefix}} " +
  "--checkpoint-path {{.checkpointOutputPrefix}} --prev-checkpoint {{$prevCheckpointPrefix}} --resolver flyte-ts.module -- module flow.ts entity";

const moduleTask = (name: string, outputs: Readonly<Record<string, string>> = {}): TaskTemplate =>
  template({ args: [...words.split(" ").map((word) => word.replace("{{.output", "{{ .output")), name], outputs });

const script = (
  folder: ContainerFolder,
  code: string,
  outputs: Readonly<Record<string, string>> = {},
): TaskTemplate => {
  const path = folder.write("script.mjs", code);
  return template({
    args: [process.execPath, path, "{{.outputPrefix}}", "{{.taskTemplatePath}}", "{{.inputs.x}}"],
    outputs,
  });
};

const run = (folder: ContainerFolder, task: TaskTemplate, more: Partial<IsolateOptions> = {}): Promise<LiteralMap> =>
  isolate({
    template: task,
    inputs: LiteralMap.create({ literals: { x: integer(21n), how: text("plain") } }),
    directory: folder.at("node"),
    cwd: fixtures,
    env: { PATH: process.env.PATH },
    context: new FlyteContext(),
    output: (_stream, chunk) => folder.printed.push(Buffer.from(chunk).toString()),
    ...more,
  });

test("a task runs through its container's command, with files as a cluster lays them out", async () => {
  using folder = new ContainerFolder();
  const outputs = await run(folder, moduleTask("double", { o0: "INTEGER" }));
  expect(outputs.literals.o0).toEqual(integer(42n));
  expect(LiteralMap.decode(readFileSync(folder.at("node/inputs.pb"))).literals.x).toEqual(integer(21n));
  expect(TaskTemplate.decode(readFileSync(folder.at("node/0/task.pb"))).id?.name).toBe("isolated");
});

test("what the task throws is thrown here, as error.pb tells of it", async () => {
  using folder = new ContainerFolder();
  await expect(run(folder, moduleTask("throws"))).rejects.toMatchObject({
    code: "TaskFailed",
    wireCode: "USER:RuntimeError",
    kind: "user",
    recoverable: false,
    message: "TypeError: x is not a function",
    stack: expect.stringContaining("flow.ts"),
  });
});

test("a later attempt gets the checkpoint of the one before", async () => {
  using folder = new ContainerFolder();
  const task = moduleTask("steps", { o0: "STRING" });
  expect((await run(folder, task)).literals.o0).toEqual(text(""));
  expect((await run(folder, task, { attempt: 1 })).literals.o0).toEqual(text("x"));
});

test("the process has Flyte's variables and the container's, and the command its inputs", async () => {
  using folder = new ContainerFolder();
  const task = script(folder, "console.log(JSON.stringify([process.argv.slice(4), process.env]));");
  await run(folder, task, { attempt: 3 });
  const [args, env] = JSON.parse(folder.printed.join(""));
  expect(args).toEqual(["21"]);
  expect(env).toMatchObject({
    GREETING: "hello",
    FLYTE_ATTEMPT_NUMBER: "3",
    FLYTE_INTERNAL_TASK_NAME: "isolated",
    FLYTE_INTERNAL_TASK_VERSION: "v",
    FLYTE_INTERNAL_EXECUTION_PROJECT: "p",
    FLYTE_INTERNAL_EXECUTION_DOMAIN: "d",
  });
});

test("a process that fails, and one that writes nothing, are told apart", async () => {
  using folder = new ContainerFolder();
  const fails = script(folder, 'console.error("out of luck"); process.exit(3);');
  await expect(run(folder, fails)).rejects.toMatchObject({
    wireCode: "Interrupted",
    kind: "system",
    recoverable: true,
    message: expect.stringMatching(/ended with exit code 3: out of luck/),
  });
  const silent = script(folder, "", { o0: "INTEGER" });
  await expect(run(folder, silent)).rejects.toMatchObject({ wireCode: "OutputsNotFound", recoverable: true });
  await expect(run(folder, script(folder, ""))).resolves.toEqual(LiteralMap.create());
});

test("an error wins over outputs, and the earliest of the workers' over the others", async () => {
  using folder = new ContainerFolder();
  const env = { PATH: process.env.PATH, _F_DES: "earliest" };
  folder.write("node/0/outputs.pb", "");
  await expect(run(folder, moduleTask("throws", { o0: "INTEGER" }), { env })).rejects.toMatchObject({
    code: "TaskFailed",
  });
});

test("an abort stops the process and is the reason", async () => {
  using folder = new ContainerFolder();
  const stop = new AbortController();
  const reason = new Error("enough");
  const output = (_stream: string, chunk: Uint8Array): void => {
    if (Buffer.from(chunk).includes("asleep")) stop.abort(reason);
  };
  const task = moduleTask("asleep");
  await expect(run(folder, task, { signal: stop.signal, output })).rejects.toBe(reason);
});

test("a command that cannot run is named: no container, no program, no such input", async () => {
  using folder = new ContainerFolder();
  await expect(run(folder, TaskTemplate.create())).rejects.toThrow("has no container");
  await expect(run(folder, template({ args: ["no-such-program"] }))).rejects.toThrow(
    '"no-such-program" cannot be started',
  );
  await expect(run(folder, template({ args: ["x", "{{.inputs.y}}"] }))).rejects.toThrow(
    "{{.inputs.y}} has no input of that name; there are x, how",
  );
});
