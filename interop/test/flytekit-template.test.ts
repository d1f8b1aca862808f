import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callPython, python, run } from "../src/python.ts";
import { openOutput, readResult, runWithEntrypoint, runWithFlytekit } from "../src/task-files.ts";

let work: string;
let database: string;
let archive: string;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "flyte-ts-flytekit-"));
  database = join(work, "music.db");
  archive = join(work, "music.zip");
  fillDatabase(database);
  await run(python(), ["-m", "zipfile", "-c", archive, database]);
});
afterAll(() => rm(work, { recursive: true, force: true }));

/** A task of flytekit's, as its users write it: placeholders for texts stand inside quotes. */
interface FlytekitTask {
  readonly query: string;
  readonly output: "schema" | "typed-schema" | "dataset" | "typed-dataset";
  readonly columns?: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, readonly [type: "int" | "float" | "str" | "bool", value: unknown]>>;
  readonly compressed?: boolean;
}

interface Comparison {
  readonly theirs: { readonly rows: number; readonly dtypes: Readonly<Record<string, string>> };
  readonly ours: { readonly rows: number; readonly dtypes: Readonly<Record<string, string>> };
  readonly difference: string | null;
}

const tasks: Readonly<Record<string, FlytekitTask>> = {
  "inputs of every kind, into a schema": {
    query: `select id, name, length, ratio from tracks
      where length >= {{.inputs.least}} and ratio < {{ .inputs.ratio }} and name <> '{{.inputs.name}}' and loud = {{.inputs.loud}}
      order by id`,
    output: "typed-schema",
    columns: { id: "int", name: "str", length: "int", ratio: "float" },
    inputs: { least: ["int", 200], ratio: ["float", 0.75], name: ["str", "Straße"], loud: ["bool", true] },
  },
  "texts inside quotes, whole and in part": {
    query: `select id, 'n=' || '{{.inputs.count}}' as count, '{{.inputs.flag}}' as flag, '{{.inputs.share}} of it' as share
      from tracks where name like '%{{.inputs.part}}%' order by id`,
    output: "schema",
    inputs: { count: ["int", 9_007_199_254], flag: ["bool", false], share: ["float", 1e16], part: ["str", "ra"] },
  },
  "a structured dataset of declared columns": {
    query: "select id, name, ratio from tracks where id <> {{.inputs.not}} order by id desc",
    output: "typed-dataset",
    columns: { id: "int", name: "str", ratio: "float" },
    inputs: { not: ["int", 1] },
  },
  "a structured dataset of whatever the query yields": {
    query: "select *, length * {{.inputs.factor}} as scaled from tracks order by id",
    output: "dataset",
    inputs: { factor: ["float", 0.5] },
  },
  "a database in a zip archive": {
    query:
      "select t.id, t.name, a.title from tracks t join albums a on a.id = t.album where a.title = '{{.inputs.title}}' order by t.id",
    output: "schema",
    compressed: true,
    inputs: { title: ["str", "Zwölf; -- Lieder"] },
  },
  "columns with NULLs, and integers that no double holds": {
    query:
      "select id, exact, maybe_int, maybe_float, maybe_text, bytes from odd where id > {{.inputs.above}} order by id",
    output: "dataset",
    inputs: { above: ["int", 0] },
  },
  "many rows in the query's order": {
    query: `with recursive n(i) as (select 1 union all select i + 1 from n where i < {{.inputs.count}})
      select i, i * 0.1 as tenth, 'row ' || i as name from n order by (i * 7919) % 10007`,
    output: "typed-dataset",
    columns: { i: "int", tenth: "float", name: "str" },
    inputs: { count: ["int", 10_000] },
  },
};

test.each(Object.entries(tasks))("a task of flytekit's gives what flytekit gives: %s", async (name, task) => {
  const files = await serialised(name, task);
  const theirs = { ...files, outputPrefix: join(files.folder, "theirs") };
  const ours = { ...files, outputPrefix: join(files.folder, "ours") };
  const ended = await Promise.all([
    runWithFlytekit(files.args, theirs),
    runWithEntrypoint(files.args, ours, join(work, "commands")),
  ]);
  expect(ended).toMatchObject([{ status: 0 }, { status: 0 }]);
  expect(await readResult(ours.outputPrefix)).toMatchObject({ error: undefined });

  const paths = { theirs: join(theirs.outputPrefix, "outputs.pb"), ours: join(ours.outputPrefix, "outputs.pb") };
  const compared = await callPython<Comparison>("compare_datasets", paths);
  expect(compared.difference).toBeNull();
  expect(compared.ours).toEqual(compared.theirs);
  expect(compared.ours.rows).toBeGreaterThan(0);
  console.log(`${name}: ${compared.ours.rows} rows, ${JSON.stringify(compared.ours.dtypes)}`);

  const [ourRows, theirRows] = await Promise.all(
    [ours, theirs].map(async ({ outputPrefix }) => openOutput((await readResult(outputPrefix)).outputs).toArray()),
  );
  expect(ourRows).toEqual(theirRows);
});

test("flytekit's arguments name its own resolver and executor", async () => {
  const { args } = await serialised("arguments", { query: "select 1 as one", output: "schema", inputs: {} });
  expect(args).toEqual([
    "pyflyte-execute",
    "--inputs",
    "{{.input}}",
    "--output-prefix",
    "{{.outputPrefix}}",
    "--raw-output-data-prefix",
    "{{.rawOutputDataPrefix}}",
    "--resolver",
    "flytekit.core.python_customized_container_task.default_task_template_resolver",
    "--",
    "{{.taskTemplatePath}}",
    "flytekit.extras.sqlite3.task.SQLite3TaskExecutor",
  ]);
});

test("a result without rows has flytekit's columns", async () => {
  const files = await serialised("empty", {
    query: "select id, name from tracks where id < 0",
    output: "schema",
    inputs: {},
  });
  const theirs = { ...files, outputPrefix: join(files.folder, "theirs") };
  const ours = { ...files, outputPrefix: join(files.folder, "ours") };
  await Promise.all([runWithFlytekit(files.args, theirs), runWithEntrypoint(files.args, ours, join(work, "commands"))]);
  const compared = await callPython<Comparison>("compare_datasets", {
    theirs: join(theirs.outputPrefix, "outputs.pb"),
    ours: join(ours.outputPrefix, "outputs.pb"),
  });
  for (const side of [compared.theirs, compared.ours]) {
    expect(side).toMatchObject({ rows: 0 });
    expect(Object.keys(side.dtypes)).toEqual(["id", "name"]);
  }
});

/** Lets flytekit serialise a task and its inputs. */
async function serialised(name: string, { compressed = false, ...task }: FlytekitTask) {
  const folder = join(work, name.replaceAll(/\W+/g, "-"));
  await mkdir(folder, { recursive: true });
  const uri = compressed ? archive : database;
  const args = await callPython<string[]>("write_sqlite_task", { ...task, folder, uri, compressed });
  return { args, folder, template: join(folder, "task.pb"), inputs: join(folder, "inputs.pb") };
}

function fillDatabase(file: string): void {
  const made = new Database(file);
  made.exec(`
    create table albums (id integer, title text);
    insert into albums values (1, 'Zwölf; -- Lieder'), (2, 'Other');
    create table tracks (id integer, album integer, name text, length integer, ratio real, loud boolean);
    insert into tracks values
      (1, 1, 'Grau', 100, 0.25, 1), (2, 1, 'Straße', 200, 0.5, 1), (3, 2, 'Drama 日本', 300, 0.5, 1),
      (4, 2, 'quiet', 400, 0.125, 0), (5, 1, 'too loud', 500, 1.5, 1), (6, 2, 'fine', 600, 0.7, 1);
    create table odd (id integer, exact integer, maybe_int integer, maybe_float real, maybe_text text, bytes blob);
    insert into odd values
      (1, 9223372036854775807, 1, 0.1, 'a', x'00ff'), (2, -9223372036854775808, null, null, null, x''),
      (3, 9007199254740993, 3, -0.0, '', null);
  `);
  made.close();
}
