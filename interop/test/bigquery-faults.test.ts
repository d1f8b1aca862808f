import { randomUUID } from "node:crypto";
import { bigqueryTask } from "@flyte-ts/bigquery";
import { t } from "@flyte-ts/core";
import type { TaskRequest } from "@flyte-ts/core/plugin";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { config, resultsOf, rowsOf, runStatement, startBigQuery } from "../src/bigquery/emulated.ts";
import { endOf, keyOf, newHost, requestFor, run, taskType } from "../src/bigquery/job-runner.ts";
import type { Emulator } from "../src/emulators/emulator.ts";
import type { FaultRule } from "../src/emulators/fault-proxy.ts";

const category = { name: taskType, version: 0 };
let bigQuery: Emulator;

beforeAll(async () => {
  bigQuery = await startBigQuery();
  await runStatement("create table d.inserts (mark string)");
});
afterAll(() => bigQuery?.stop());
beforeEach(() => bigQuery.faults.clear());

describe("whatever goes wrong on the way, there is one job", () => {
  const insert = bigqueryTask({
    name: "insert",
    config,
    inputs: { mark: t.string },
    query: "insert into d.inserts values (@mark)",
    output: "none",
  });
  const create = { method: "POST", path: "/jobs(\\?|$)" };
  /** The requests about one job. */
  const about = (request: TaskRequest, method: "GET" | "POST") => ({
    method,
    path: `/jobs/flyte-${keyOf(request)}${method === "POST" ? "/cancel" : ""}`,
  });
  /** How often the statement with each mark was run. */
  const runs = async (...marks: readonly string[]): Promise<readonly number[]> => {
    await bigQuery.faults.clear();
    const rows = (await rowsOf("select mark, count(*) n from d.inserts group by mark")) as {
      mark: string;
      n: number;
    }[];
    return marks.map((mark) => rows.find((row) => row.mark === mark)?.n ?? 0);
  };
  const attempt = async (): Promise<{ readonly mark: string; readonly request: TaskRequest }> => {
    const mark = randomUUID();
    return { mark, request: await requestFor(insert, { mark }) };
  };

  const passing: readonly (readonly [string, FaultRule])[] = [
    ["500", { preset: "bq-internal", times: 2 }],
    ["503", { preset: "bq-backend", times: 2 }],
    ["rateLimitExceeded (403)", { preset: "bq-rate", times: 2 }],
    ["429 with retry-after", { preset: "bq-rate", status: 429, retryAfter: 0, times: 2 }],
    ["a reset", { do: "reset", times: 2 }],
    ["a lost answer", { do: "lose", times: 2 }],
    ["a cut-off answer", { do: "truncate", times: 2 }],
    ["a late answer", { do: "delay", ms: 300, times: 2 }],
    ["an answer that never comes", { do: "hang", times: 1 }],
    ["a page that is no JSON", { do: "answer", status: 200, body: "<html></html>", times: 1 }],
    ["a proxy's 502", { do: "answer", status: 502, body: "<html>Bad Gateway</html>", times: 1 }],
  ];
  /** Meets each fault in an attempt of its own, all at once. */
  async function meetingEach<R>(
    faults: readonly (readonly [string, FaultRule])[],
    meet: (request: TaskRequest, rule: FaultRule, mark: string) => Promise<R>,
  ): Promise<{ readonly ends: Readonly<Record<string, R>>; readonly runs: readonly number[] }> {
    const met = await Promise.all(
      faults.map(async ([name, rule]) => {
        const { mark, request } = await attempt();
        return { name, mark, end: await meet(request, rule, mark) };
      }),
    );
    const log = await bigQuery.faults.log();
    expect(log.filter(({ fault }) => fault !== undefined).length).toBeGreaterThanOrEqual(faults.length);
    return {
      ends: Object.fromEntries(met.map(({ name, end }) => [name, end])),
      runs: await runs(...met.map(({ mark }) => mark)),
    };
  }
  const succeeded = {
    ends: Object.fromEntries(passing.map(([name]) => [name, "SUCCEEDED"])),
    runs: passing.map(() => 1),
  };

  test("create meets what passes", async () => {
    const met = await meetingEach(passing, async (request, rule, mark) => {
      await bigQuery.faults.add({ ...create, ...rule, query: mark });
      return (await run(request)).phase;
    });
    expect(met).toEqual(succeeded);
  });

  test("get meets what passes", async () => {
    // A quota that polls have used up ends no job either.
    const faults = [...passing, ["quotaExceeded", { preset: "bq-quota", times: 2 }]] as const;
    const met = await meetingEach(faults, async (request, rule) => {
      await bigQuery.faults.add({ ...about(request, "GET"), ...rule });
      return (await run(request)).phase;
    });
    expect(met).toEqual({
      ends: { ...succeeded.ends, quotaExceeded: "SUCCEEDED" },
      runs: faults.map(() => 1),
    });
  });

  test("cancel meets what passes", async () => {
    const met = await meetingEach(passing, async (request, rule) => {
      const host = await newHost();
      const resourceMeta = await host.create(request, { deadlineMs: 5_000 });
      await bigQuery.faults.add({ ...about(request, "POST"), ...rule });
      // Flyte asks again after an error.
      const stop = () => host.delete({ category, resourceMeta }, { deadlineMs: 2_000 }).then(() => "stopped");
      const end = await stop().catch(stop);
      await host.close();
      return end;
    });
    expect(met.ends).toEqual(Object.fromEntries(passing.map(([name]) => [name, "stopped"])));
  });

  test("create meets what does not pass: the task fails at once, and there is no job", async () => {
    const faults = [
      ["quotaExceeded", { preset: "bq-quota", times: 0 }],
      ["accessDenied", { preset: "bq-denied", times: 0 }],
      ["authError", { preset: "bq-401", times: 0 }],
    ] as const;
    const met = await meetingEach(faults, async (request, rule, mark) => {
      await bigQuery.faults.add({ ...create, ...rule, query: mark });
      const { phase, message } = await run(request);
      return `${phase} ${/quotaExceeded|accessDenied|authError/.exec(message)}`;
    });
    expect(met).toEqual({
      ends: {
        quotaExceeded: "FAILED quotaExceeded",
        accessDenied: "FAILED accessDenied",
        authError: "FAILED authError",
      },
      runs: [0, 0, 0],
    });
  });

  test("BigQuery is away for long: the task waits, and another process goes on with what the first was told", async () => {
    const { mark, request } = await attempt();
    await bigQuery.faults.add({ ...create, preset: "bq-backend", query: mark, times: 0 });
    const host = await newHost();
    const resourceMeta = await host.create(request, { deadlineMs: 500 });
    expect((await host.get({ category, resourceMeta }, { deadlineMs: 200 })).phase).not.toMatch(/FAILED|SUCCEEDED/);
    await host.close();
    await bigQuery.faults.clear();
    expect(await endOf(await newHost(), resourceMeta)).toMatchObject({ phase: "SUCCEEDED" });
    expect(await runs(mark)).toEqual([1]);
  });

  test("five processes start one attempt at once, every answer is lost; another attempt is another job", async () => {
    const { mark, request } = await attempt();
    await bigQuery.faults.add({ ...create, do: "lose", query: mark, times: 5 });
    const answers = await Promise.all(Array.from({ length: 5 }, () => run(request)));
    expect(new Set(answers.map(({ phase, customInfo }) => `${phase} ${customInfo?.jobId}`)).size).toBe(1);
    expect(await runs(mark)).toEqual([1]);
    const again = { ...request, outputPrefix: `${request.outputPrefix}-again`, attempt: 1 };
    expect((await run(again)).phase).toBe("SUCCEEDED");
    expect(await runs(mark)).toEqual([2]);
  });

  test("rows arrive whole though pages fail on the way", async () => {
    const answer = await run(
      await requestFor(
        bigqueryTask({ name: "rows", config, query: "select n from unnest(generate_array(1, 110000)) n order by n" }),
        {},
      ),
    );
    await bigQuery.faults.add(
      { path: "/data\\?", do: "truncate", skip: 1 },
      { path: "/data\\?", preset: "bq-rate", status: 429, retryAfter: 0, skip: 2 },
    );
    let sum = 0;
    for await (const batch of resultsOf(answer).batches()) sum += batch.length;
    expect(sum).toBe(110_000);
  });
});
