/** Every workflow of the corpus and every example, packaged by us and registered on a real Flyte, whose admin calls Flyte's compiler. */
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { exportedEntities } from "@flyte-ts/core";
import { isWorkflow } from "@flyte-ts/core/plugin";
import { expect, test } from "vitest";
import { flyteTs } from "../src/flyte/flyte-ts.ts";
import { Session } from "../src/flyte/session.ts";
import { run } from "../src/python.ts";
import { checkout } from "../src/task-files.ts";

const session = new Session();

/** What Flyte refuses although it is right, by the message's file: what it says, and why. */
const refusedAnyhow: readonly (readonly [file: RegExp, says: RegExp, reason: string])[] = [
  [
    /_corpus\.starts\.refers_[23]\.pb$/,
    /missing entity|not found/i,
    "it refers to what another project has registered",
  ],
  [
    /_corpus\.starting\.object-default_3\.pb$/,
    /Type mismatch for Parameter point .* expected simple:BINARY/,
    "flyteadmin of 2023 takes an object in msgpack for bytes; the one of v1.16.8 does not",
  ],
  [
    /_corpus\.values\.lists_3\.pb$/,
    /Type mismatch for Parameter deep/,
    "flyteadmin of 2023 takes a list of an empty and another list for a list of a union; the one of v1.16.8 does not",
  ],
];

/** Packages files together, and registers the archive; what Flyte says of each message in it, by its file. */
async function registered(root: string, files: readonly string[]): Promise<[file: string, error: string | null][]> {
  const version = crypto.randomUUID().slice(0, 8);
  const folder = join(session.folder, version);
  const output = `${folder}.tgz`;
  const env = { FLYTE_TS_CORPUS_VERSION: version };
  await flyteTs(session.cluster, { words: ["package", ...files], output, version, cwd: join(checkout, root), env });
  await mkdir(folder);
  expect(await run("tar", ["-xzf", output, "-C", folder])).toMatchObject({ status: 0 });
  return Object.entries(await session.client.registerAll(folder));
}

test("Flyte's compiler takes every workflow of the corpus, and its launch plans", async () => {
  const root = "interop/src";
  const files = (await readdir(join(checkout, root, "corpus"))).sort().map((name) => `corpus/${name}`);
  const modules = files.map((file) => import(join(checkout, root, file)) as Promise<Record<string, unknown>>);
  const corpus = (await Promise.all(modules)).map((module, at) => {
    return { file: files[at] ?? "", entities: exportedEntities(module) };
  });
  const workflows = corpus.flatMap(({ entities }) => entities.filter(isWorkflow));
  expect(workflows.length).toBeGreaterThanOrEqual(60);
  const used = corpus.filter(({ entities }) => entities.length > 0).map(({ file }) => file);
  const began = performance.now();
  const answers = await registered(root, used);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${workflows.length} workflows of the corpus, ${answers.length} messages, in ${seconds} s`);
  const unexpected = answers.filter(
    ([file, error]) => error !== null && !refusedAnyhow.some(([known, says]) => known.test(file) && says.test(error)),
  );
  expect(Object.fromEntries(unexpected)).toEqual({});
});

test("and every example, packaged alone", async () => {
  const authoring = await readdir(join(checkout, "examples/authoring"));
  const files = [...authoring.map((name) => `authoring/${name}`), "demo/workflow.ts", "greeting/workflow.ts"];
  const answers = await Promise.all(files.map((file) => registered("examples", [file])));
  expect(answers.flat().filter(([, error]) => error !== null)).toEqual([]);
  const counts = answers.map((messages, at) => `${files[at]}: ${messages.length} messages`);
  console.log(counts.join("\n"));
});
