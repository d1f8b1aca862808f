import { toJson } from "@bufbuild/protobuf";
import { compile, dynamic, mapTask, t, task, workflow } from "@flyte-ts/core";
import { DynamicJobSpec, LiteralMap, localTaskContext, TaskTemplate } from "@flyte-ts/core/plugin";
import { NodeSchema } from "@flyte-ts/idl/core";
import { expect, test } from "vitest";
import { callPython } from "../src/python.ts";

/** The same ones are in `python/fan_out.py`. */
const power = task({
  name: "fan_out.power",
  inputs: { base: t.int, exponent: t.int },
  output: t.int,
  retries: 3,
  timeout: 5000,
  cache: "1",
  interruptible: true,
  run: ({ base, exponent }) => base ** exponent,
});
const say = task({ name: "fan_out.say", inputs: { word: t.string }, run: () => {} });
const total = task({
  name: "fan_out.total",
  inputs: { xs: t.list(t.optional(t.int)) },
  output: t.int,
  run: () => 0,
});
const inner = workflow({
  name: "fan_out.inner",
  inputs: { x: t.int },
  build: ({ x }) => power({ base: x, exponent: 2 }),
});
const some = mapTask(power, { bound: ["exponent"], minSuccessRatio: 0.5 });
const maps = workflow({
  name: "fan_out.maps",
  inputs: { xs: t.list(t.int) },
  build: ({ xs }) => {
    mapTask(power)({ base: xs, exponent: [1, 2] });
    mapTask(say, { concurrency: 0 })({ word: ["a", "b"] });
    mapTask(say, { concurrency: 3, runAllSubNodes: true })({ word: ["a"] });
    const few = mapTask(power, { bound: ["exponent"], concurrency: 2, minSuccessRatio: 0.5 });
    return total({ xs: few({ base: xs, exponent: 3 }) });
  },
});
const spread = dynamic({
  name: "fan_out.spread",
  inputs: { n: t.int },
  output: t.list(t.int),
  run: ({ n }) => {
    const calls = Array.from({ length: n }, (_, x) => power({ base: x, exponent: 2 }));
    say({ word: "now" });
    const whole = inner({ x: n });
    total({ xs: some({ base: [1, 2], exponent: 3 }) });
    return [...calls, whole];
  },
});

type Json = Record<string, unknown>;
interface Job {
  readonly nodes: readonly Json[];
  readonly tasks: readonly Json[];
}

const place = { project: "p", domain: "d", version: "v" };
const settings = { ...place, module: "wf.ts", image: "img:1" };
interface Theirs {
  readonly nodes: readonly Json[];
  readonly tasks: readonly Json[];
  readonly job: Job;
}

/** flytekit names what it finds by the module's path, which is here that of its folder in the checkout. */
const theirs = callPython<Theirs>("fan_out", place).then(
  (answer) => JSON.parse(JSON.stringify(answer).replaceAll(/interop\.python\.(fan_out\.)+/g, "fan_out.")) as Theirs,
);

/** What is ours to say: who wrote the template, and how a container finds its task. */
const apart = (template: Json): Json => {
  const metadata = { ...(template.metadata as Json), runtime: "ours" };
  return { ...template, metadata, container: { ...(template.container as Json), args: [], env: [] } };
};
const nameOf = ({ id }: Json): string => (id as { readonly name: string }).name;
const byName = (tasks: readonly Json[]): Json =>
  Object.fromEntries(tasks.map((template) => [nameOf(template), apart(template)]));

test("map tasks and their array nodes are flytekit's, field by field", async () => {
  const { tasks, workflows } = await compile(maps, settings);
  const nodes = workflows[0]?.template?.nodes.map((node) => toJson(NodeSchema, node));
  expect(nodes).toEqual((await theirs).nodes);
  const templates = tasks.map(({ template }) => TaskTemplate.toJson(template as TaskTemplate) as Json);
  // Ours come with the tasks that they map, which flytekit registers where a whole module is registered.
  const mapped = byName(templates.filter((template) => nameOf(template).endsWith("-arraynode")));
  expect(mapped).toEqual(byName((await theirs).tasks));
  console.log(`equal to flytekit's: ${Object.keys(mapped).join(", ")}; ${nodes?.length} nodes`);
});

test("what a dynamic task leaves to the cluster is flytekit's, field by field", async () => {
  await using context = await localTaskContext({ task: spread.name });
  const inputs = LiteralMap.create({ literals: { n: await t.int.toLiteral(2) } });
  const written = await spread.dispatchDynamic(context, inputs, { settings, finds: () => true });
  if (written.$typeName !== "flyteidl.core.DynamicJobSpec") throw new Error("outputs were written");
  const { tasks: ourTasks, ...ours } = DynamicJobSpec.toJson(written) as object as Job;
  const { tasks: theirTasks, ...job } = (await theirs).job;
  // flytekit lets the dynamic task's prefix slip into the sub-workflows that it compiles there; ours are those that are
  // registered.
  const [sub] = (job as { readonly subworkflows?: readonly object[] }).subworkflows ?? [];
  const unprefixed = JSON.parse(JSON.stringify(sub).replaceAll('"dn0"', '"n0"')) as object;
  expect(ours).toEqual({ ...job, subworkflows: [unprefixed] });
  expect(byName(ourTasks)).toEqual(byName(theirTasks));
  console.log(`equal to flytekit's: ${ours.nodes.length} nodes, tasks ${ourTasks.map(nameOf).join(", ")}`);
});
