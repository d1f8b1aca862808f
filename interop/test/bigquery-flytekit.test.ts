import { bigqueryTask } from "@flyte-ts/bigquery";
import { t } from "@flyte-ts/core";
import { LiteralMap, TaskTemplate } from "@flyte-ts/core/plugin";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askEmulator, datasetAt, resultsOf, startBigQuery } from "../src/bigquery/emulated.ts";
import { requestFor, run, templateRequest } from "../src/bigquery/job-runner.ts";
import type { Emulator } from "../src/emulators/emulator.ts";
import { callPython } from "../src/python.ts";

let bigQuery: Emulator;
beforeAll(async () => {
  bigQuery = await startBigQuery();
});
afterAll(() => bigQuery?.stop());

/** A task's template and inputs, as protobuf's bytes in base64. */
interface Serialised {
  readonly template: string;
  readonly inputs: string;
}

/** What flytekit's connector made of a template. */
interface FlytekitsRun {
  readonly phase: number;
  readonly message: string;
  readonly outputs: { readonly results?: string };
  readonly links: readonly string[];
}

/** Runs a template through flytekit's own connector, on the same emulator. */
const withFlytekit = (task: Serialised): Promise<FlytekitsRun> =>
  callPython<FlytekitsRun>("bigquery", { run: task, emulator: bigQuery.direct });

const base64 = (text: string): Uint8Array => Buffer.from(text, "base64");

test("a template of flytekit's BigQueryTask runs here as in flytekit's connector: options, inputs, rows", async () => {
  const written = await callPython<Serialised>("bigquery", {
    write: {
      query: "select @n as n, @s as s, @flag as flag, @x as x, @at as at from unnest([1, 2])",
      config: { ProjectID: "p1", Location: "US" },
      options: { maximum_bytes_billed: 1_000_000, use_query_cache: false, priority: "BATCH" },
      inputs: {
        n: ["int", 2 ** 53 - 1],
        s: ["str", "it's @n"],
        flag: ["bool", true],
        x: ["float", -0.1],
        at: ["datetime", "2024-02-29T12:30:05.000001+00:00"],
      },
      columns: { n: "int", s: "str", flag: "bool", x: "float", at: "datetime" },
    },
  });
  const template = TaskTemplate.decode(base64(written.template));
  const ours = await run(templateRequest(template, LiteralMap.decode(base64(written.inputs))));
  const rows = await resultsOf(ours).toArray();
  const at = new Date("2024-02-29T12:30:05.000Z");
  expect(rows).toEqual(Array.from({ length: 2 }, () => ({ n: 2 ** 53 - 1, s: "it's @n", flag: true, x: -0.1, at })));
  const job = await askEmulator(bigQuery, `jobs/${ours.customInfo?.jobId}`);
  expect(job.configuration).toMatchObject({
    query: { maximumBytesBilled: "1000000", useQueryCache: false, priority: "BATCH" },
  });

  const theirs = await withFlytekit(written);
  expect([theirs.phase, theirs.links]).toEqual([3, ours.logLinks.map(({ name }) => name)]);
  expect(await datasetAt(theirs.outputs.results ?? "").toArray()).toEqual(rows);
  expect(JSON.stringify(LiteralMap.toJson(ours.outputs ?? LiteralMap.create()))).toMatch(/"uri":"bq:\/\/p1:_results\./);
});

test("a template of ours runs in flytekit's connector as it does here", async () => {
  const task = bigqueryTask({
    name: "ours",
    config: { project: "p1", location: "US", labels: { team: "x" } },
    inputs: { n: t.int, s: t.string, flag: t.boolean, x: t.float },
    query: "select {{ .inputs.n }} as n, @s as s, @flag as flag, {{ .inputs.x }} as x",
    columns: { n: t.int, s: t.string, flag: t.boolean, x: t.float },
  });
  const request = await requestFor(task, { n: 7, s: "{{ .inputs.n }}", flag: false, x: 1.5 });
  const ours = await resultsOf(await run(request)).toArray();
  expect(ours).toEqual([{ n: 7, s: "{{ .inputs.n }}", flag: false, x: 1.5 }]);
  const theirs = await withFlytekit({
    template: Buffer.from(TaskTemplate.encode(request.template)).toString("base64"),
    inputs: Buffer.from(LiteralMap.encode(request.inputs)).toString("base64"),
  });
  expect([theirs.phase, theirs.message]).toEqual([3, "DONE"]);
  expect(await datasetAt(theirs.outputs.results ?? "").toArray()).toEqual(ours);
});
