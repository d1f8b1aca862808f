/** Every workflow of the corpus, packaged by us and registered on a real Flyte, whose admin calls Flyte's compiler. */
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
const root = join(checkout, "interop/src");

/** What Flyte refuses although it is right, by the message's file: what it says, and why. */
const refusedAnyhow: readonly (readonly [file: RegExp, says: RegExp, reason: string])[] = [
  [
    /_corpus\.starts\.refers_[23]\.pb$/,
    /missing entity|not found/i,
    "it refers to what another project has registered",
  ],
  [
    /_corpus\.values\.lists_3\.pb$/,
    /Type mismatch for Parameter deep/,
    "flyteadmin of 2023 takes a list of an empty and another list for a list of a union; the one of v1.16.8 does not",
  ],
];

test("Flyte's compiler takes every workflow of the corpus, and its launch plans", async () => {
  const files = (await readdir(join(root, "corpus"))).sort().map((name) => `corpus/${name}`);
  const modules = await Promise.all(files.map((file) => import(join(root, file)) as Promise<Record<string, unknown>>));
  const corpus = modules.map((module, at) => ({ file: files[at] ?? "", entities: exportedEntities(module) }));
  const workflows = corpus.flatMap(({ entities }) => entities.filter(isWorkflow));
  expect(workflows.length).toBeGreaterThanOrEqual(60);

  const version = crypto.randomUUID().slice(0, 8);
  const folder = join(session.folder, version);
  const used = corpus.filter(({ entities }) => entities.length > 0).map(({ file }) => file);
  const env = { FLYTE_TS_CORPUS_VERSION: version };
  const output = `${folder}.tgz`;
  await flyteTs(session.cluster, { words: ["package", ...used], output, version, cwd: root, env });
  await mkdir(folder);
  expect(await run("tar", ["-xzf", output, "-C", folder])).toMatchObject({ status: 0 });

  const began = performance.now();
  const answers = Object.entries(await session.client.registerAll(folder));
  const refused = answers.filter(([, error]) => error !== null);
  console.log(
    `${workflows.length} workflows of the corpus, ${answers.length - refused.length} of ${answers.length} messages registered in ${((performance.now() - began) / 1000).toFixed(1)} s`,
  );
  const unexpected = refused.filter(
    ([file, error]) => !refusedAnyhow.some(([known, says]) => known.test(file) && says.test(error ?? "")),
  );
  expect(Object.fromEntries(unexpected)).toEqual({});
});
