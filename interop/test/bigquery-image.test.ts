/** The image of BigQuery tasks that run from a pod. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bigqueryTask } from "@flyte-ts/bigquery";
import { t } from "@flyte-ts/core";
import { LiteralMap, TaskTemplate } from "@flyte-ts/core/plugin";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askEmulator, config, startBigQuery } from "../src/bigquery/emulated.ts";
import type { Emulator } from "../src/emulators/emulator.ts";
import { buildTestImage, type TestImage } from "../src/image/build-image.ts";
import { type ImageTask, runInImage, startInImage } from "../src/image/run-task.ts";
import { openOutput } from "../src/task-files.ts";

let work: string;
let built: TestImage;
let bigQuery: Emulator;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "flyte-ts-bigquery-image-"));
  await chmod(work, 0o755);
  [built, bigQuery] = await Promise.all([buildTestImage("bigquery", join(work, "build")), startBigQuery()]);
  console.log(`${built.image}: ${built.size}, built with ${built.builder.name}`);
}, 600_000);
afterAll(async () => {
  await bigQuery?.stop();
  await rm(work, { recursive: true, force: true });
});

/** A task with one input as the image is given it. */
async function imageTask(name: string, query: string): Promise<ImageTask> {
  const task = bigqueryTask({ name, config, inputs: { n: t.int }, query, runAs: "pod" });
  const given = join(work, `${name}-given`);
  await mkdir(given);
  const template = task.template({ project: "p", domain: "d", version: "1", module: "" });
  await writeFile(join(given, "task.pb"), TaskTemplate.encode(template));
  const literals = { n: t.int.toLiteral(4) };
  await writeFile(join(given, "inputs.pb"), LiteralMap.encode(LiteralMap.create({ literals })));
  return {
    image: built.image,
    template: join(given, "task.pb"),
    inputs: join(given, "inputs.pb"),
    folder: join(work, name),
    env: { FLYTE_TS_BIGQUERY_ENDPOINT: bigQuery.direct },
  };
}

test("a task runs its job from the image, as a user that is not root, and leaves its table as the output", async () => {
  const { User } = await built.host.inspect(built.image);
  expect(User).toBe("1000:1000");
  const task = await imageTask("rows", "select n from unnest(generate_array(1, {{ .inputs.n }})) n order by n");
  const ended = await runInImage(built.host, task);
  expect(ended).toMatchObject({ status: 0, error: undefined });
  expect(await openOutput(ended.outputs).toArray()).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
});

test("a query that is wrong is the user's error", async () => {
  const ended = await runInImage(built.host, await imageTask("wrong", "selec {{ .inputs.n }}"));
  expect(ended.error?.error?.message).toContain("Syntax error");
  expect(ended.outputs).toBeUndefined();
});

test("a pod that is told to stop stops its job", async () => {
  const numbers = (to: string) => `unnest(generate_array(1, ${to}))`;
  const slow = `select count(*) c from ${numbers("100000")} a, ${numbers("60000")} b where mod(a * b, 7) = {{ .inputs.n }}`;
  const { container } = await startInImage(built.host, await imageTask("slow", slow));
  const running = async (): Promise<boolean> => {
    const { jobs = [] } = (await askEmulator(bigQuery, "jobs?stateFilter=running")) as { readonly jobs?: unknown[] };
    return jobs.length > 0;
  };
  while (!(await running())) await new Promise((resolve) => setTimeout(resolve, 50));
  await container.kill("TERM");
  const { status } = await container.ended;
  expect([status, await running()]).toEqual([143, false]);
}, 60_000);
