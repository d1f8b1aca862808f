import { TaskTemplate } from "@flyte-ts/core/plugin";
import { expect, test } from "vitest";
import { ContainerFolder, integer } from "./container.ts";

const executor = `({
  executeFromModel: async (template, inputs, context) => {
    const { how } = template.custom;
    if (how === "user") throw Object.defineProperty(
      Object.assign(new Error("no such table"), { code: "InvalidInput", kind: "user", recoverable: false }),
      Symbol.for("flyte-ts.error"), { value: true });
    if (how === "bug") throw new TypeError("x is undefined");
    return { twice: inputs.x * 2n };
  },
})`;

/** A project with a plugin that runs the task type "twice", and a template of that type. */
function project(how = "", type = "twice"): ContainerFolder {
  const folder = new ContainerFolder();
  const name = "plugin-twice";
  folder.write("package.json", JSON.stringify({ name: "project", dependencies: { [name]: "1.0.0" } }));
  folder.write(
    `node_modules/${name}/package.json`,
    JSON.stringify({
      name,
      version: "1.0.0",
      type: "module",
      exports: { "./plugin": "./plugin.js" },
      "flyte-ts": { plugin: "./plugin" },
    }),
  );
  folder.write(
    `node_modules/${name}/plugin.js`,
    `export default { specVersion: 1, name: "${name}", version: "1.0.0", provides: { executors: { twice: async () => ${executor} } } };`,
  );
  const template = TaskTemplate.fromJson({
    id: { resourceType: "TASK", name: "doubled" },
    type,
    interface: {
      inputs: { variables: { x: { type: { simple: "INTEGER" } } } },
      outputs: { variables: { twice: { type: { simple: "INTEGER" } } } },
    },
    custom: { how },
  });
  folder.write("task.pb", TaskTemplate.encode(template));
  return folder.inputs({ x: integer(2n ** 60n) });
}

const ours = ["--resolver", "flyte-ts.template"];
const flytekits = ["--resolver", "flytekit.core.python_customized_container_task.default_task_template_resolver"];

test.each([
  ["ours", [...ours], "plugin-twice"],
  ["flytekit's", [...flytekits], "flytekit.extras.sqlite3.task.SQLite3TaskExecutor"],
])("a template runs by %s resolver, whatever executor is named", async (_whose, resolver, executor) => {
  using folder = project();
  const args = [...folder.filesArgs(), ...resolver, "--", folder.at("task.pb"), executor];
  for (const env of [{}, { FLYTE_TS_PLUGINS: "plugin-twice" }]) {
    expect(await folder.run(args, env, { cwd: folder.path })).toBe(0);
    expect(folder.outputs.literals.twice).toEqual(integer(2n ** 61n));
  }
});

const fail = async (folder: ContainerFolder, template = folder.at("task.pb"), env = {}) => {
  const args = [...folder.filesArgs(), ...ours, "--", template, "plugin-twice"];
  expect(await folder.run(args, env, { cwd: folder.path })).toBe(0);
  return folder.error;
};

test("a FlyteError of an executor that blames the user is for good; anything else is worth another attempt", async () => {
  using user = project("user");
  expect(await fail(user)).toMatchObject({ code: "USER:ValueError", origin: "USER", kind: "NON_RECOVERABLE" });
  using bug = project("bug");
  expect(await fail(bug)).toMatchObject({ code: "SYSTEM", origin: "SYSTEM", kind: "RECOVERABLE" });
  expect(bug.error.message).toContain("TypeError: x is undefined");
});

test("an unknown task type lists those that are present", async () => {
  using folder = project("", "thrice");
  expect(await fail(folder)).toMatchObject({
    code: "SYSTEM:UnknownTaskType",
    origin: "SYSTEM",
    message: expect.stringMatching(/the task type "thrice"; present are "twice"/),
  });
});

test("a plugin that is named and not there is named again", async () => {
  using folder = project();
  const error = await fail(folder, undefined, { FLYTE_TS_PLUGINS: "plugin-none" });
  expect(error.message).toMatch(/the plugin plugin-none is not installed: npm install plugin-none/);
});

test("a template that is not there is the system's, one that is broken is named", async () => {
  using folder = project();
  expect(await fail(folder, folder.at("none.pb"))).toMatchObject({
    code: "SYSTEM",
    origin: "SYSTEM",
    kind: "RECOVERABLE",
  });
  expect((await fail(folder, folder.write("broken.pb", "not a template"))).message).toContain(
    "not a flyteidl.core.TaskTemplate",
  );
  expect((await fail(folder, folder.write("empty.pb", ""))).message).toContain("has no type");
});
