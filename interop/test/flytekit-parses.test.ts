import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AnyEntity, compile, launchPlan, referenceLaunchPlan, referenceTask, t, workflow } from "@flyte-ts/core";
import { LiteralMap, TaskTemplate } from "@flyte-ts/core/plugin";
import { sqlite3Task } from "@flyte-ts/sqlite3";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { report } from "../../examples/demo/workflow.ts";
import { compiledFiles } from "../src/compiled-files.ts";
import { settings } from "../src/module-task.ts";
import { callPython } from "../src/python.ts";
import { makeValues, systemFailure, userFailure, values } from "../src/sample-tasks.ts";
import { readResult, runWithEntrypoint, runWithFlytekit } from "../src/task-files.ts";

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "flyte-ts-parses-"));
});
afterAll(() => rm(work, { recursive: true, force: true }));

interface Parsed {
  readonly name: string;
  readonly equal: boolean;
  readonly sent: object;
  readonly kept: object;
}

describe("flytekit's models hold what we compile, there and back unchanged", () => {
  const nested = workflow({
    name: "interop.nested",
    inputs: { how: t.string, times: t.list(t.int) },
    build: ({ times }) => {
      const first = systemFailure({ times: 1 });
      const second = values({});
      second.runsBefore(first);
      return { attempt: first, list: times, made: makeValues({}).point };
    },
  });

  const there = { project: "theirs", domain: "production", version: "v7" };
  const score = referenceTask({ ...there, name: "m.score", inputs: { how: t.string }, output: t.int });
  const split = referenceLaunchPlan({ ...there, name: "m.split", inputs: { n: t.int }, output: t.int });
  const planned = launchPlan({
    name: "interop.planned",
    workflow: nested,
    defaults: { how: "well" },
    fixed: { times: [1, 2] },
    schedule: { cron: "0 6 * * mon", offset: "PT5M" },
    notifications: [{ phases: ["failed", "timedOut"], email: ["a@example.com"] }],
    labels: { team: "data" },
    annotations: { "example.com/owner": "all" },
    security: { serviceAccount: "runner", iamRole: "arn:role" },
    rawOutputPrefix: "s3://bucket/raw",
    maxParallelism: 3,
    concurrency: { max: 2 },
    overwriteCache: true,
  });
  const references = workflow({
    name: "interop.references",
    inputs: { how: t.string },
    build: ({ how }) => ({ plan: planned({ how }).list, n: split({ n: score({ how }) }) }),
  });

  test.each([
    ["the demo", report],
    ["a launch plan with everything", planned],
    ["references, and a launch plan as a node", references],
    ["a workflow of workflows", nested],
    ["a task alone", makeValues],
    ["enums and retries", userFailure],
  ] as [string, AnyEntity][])("%s", async (name, entity) => {
    const files = await compiledFiles(await compile(entity, settings), join(work, name));
    const parsed = await callPython<{ tasks: Parsed[]; workflows: Parsed[]; launchPlans: Parsed[] }>(
      "parse_specs",
      files,
    );
    expect(parsed.tasks.length).toBe(files.tasks.length);
    const all = [...parsed.tasks, ...parsed.workflows, ...parsed.launchPlans];
    for (const { sent, kept, equal } of all) {
      expect(kept).toEqual(sent);
      expect(equal).toBe(true);
    }
    console.log(`${name}: ${all.map((one) => one.name).join(", ")}`);
  });
});

test("pyflyte-execute runs a template of ours with flytekit's executor, and gives what ours gives", async () => {
  const database = join(work, "music.db");
  const made = new Database(database);
  made.exec("create table tracks (id integer, name text, length real)");
  made.exec("insert into tracks values (1, 'a', 1.5), (2, 'Straße', 2.5), (3, 'Straße', 3), (4, 'Straße', 0.5)");
  made.close();
  const ours = sqlite3Task({
    name: "interop.ours",
    config: { uri: database },
    inputs: { name: t.string, least: t.int },
    query: `
      select id, name, length
      from tracks
      where name = '{{ .inputs.name }}' and id >= {{ .inputs.least }}
      order by id desc`,
    columns: { id: t.int, name: t.string, length: t.float },
  });
  const template = ours.template({ ...settings, module: "" });
  const folder = join(work, "ours");
  await mkdir(folder);
  const files = { template: join(folder, "task.pb"), inputs: join(folder, "inputs.pb") };
  await writeFile(files.template, TaskTemplate.encode(template));
  const literals = {
    name: { scalar: { primitive: { stringValue: "Straße" } } },
    least: { scalar: { primitive: { integer: "3" } } },
  };
  await writeFile(files.inputs, LiteralMap.encode(LiteralMap.fromJson({ literals })));

  if (template.target.case !== "container") throw new Error("the template has no container");
  const { args } = template.target.value;
  const oursRun = { ...files, outputPrefix: join(folder, "with-ours") };
  expect(await runWithEntrypoint(args, oursRun, join(work, "commands"))).toMatchObject({ status: 0 });
  const separator = args.indexOf("--resolver");
  const flytekitArgs = [
    "pyflyte-execute",
    ...args.slice(1, separator),
    "--resolver",
    "flytekit.core.python_customized_container_task.default_task_template_resolver",
    "--",
    "{{.taskTemplatePath}}",
    "flytekit.extras.sqlite3.task.SQLite3TaskExecutor",
  ];
  const theirRun = { ...files, outputPrefix: join(folder, "with-flytekit") };
  expect(await runWithFlytekit(flytekitArgs, theirRun)).toMatchObject({ status: 0 });
  for (const { outputPrefix } of [oursRun, theirRun]) {
    expect((await readResult(outputPrefix)).error).toBeUndefined();
  }
  const compared = await callPython<object>("compare_datasets", {
    ours: join(oursRun.outputPrefix, "outputs.pb"),
    theirs: join(theirRun.outputPrefix, "outputs.pb"),
  });
  const same = { rows: 2, dtypes: { id: "int64", name: "str", length: "float64" } };
  expect(compared).toEqual({ ours: same, theirs: same, difference: null });
});
