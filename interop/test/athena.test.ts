import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { athenaTask } from "@flyte-ts/athena";
import manifest from "@flyte-ts/athena/plugin";
import { type Types, t, task, workflow } from "@flyte-ts/core";
import {
  ConnectorHost,
  type ConnectorHostLimits,
  ConnectorRegistry,
  Dataset,
  FlyteContext,
  isTerminal,
  type JobAnswer,
  LiteralMap,
  silentLog,
  type TaskRequest,
  TaskTemplate,
} from "@flyte-ts/core/plugin";
import { literalsOf } from "@flyte-ts/core/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { MotoAthena } from "../src/connectors/moto-athena.ts";
import { attemptOf, type RequestParts } from "../src/connectors/task-request.ts";
import type { FaultRule } from "../src/emulators/fault-proxy.ts";
import { callPython } from "../src/python.ts";

let moto: MotoAthena;

beforeAll(async () => {
  moto = await MotoAthena.start();
  for (const [name, value] of Object.entries(moto.environment)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await moto?.stop();
});
beforeEach(async () => {
  await moto.emulator.faults.clear();
  await moto.transition("immediate");
});

const settings = { project: "p", domain: "d", version: "v", module: "" };
const results = { outputLocation: "s3://results/rows" };
const quick: Partial<ConnectorHostLimits> = {
  cacheMs: 0,
  backoffMs: 10,
  longestBackoffMs: 50,
  missingMs: 200,
  callMs: 1000,
};

/** A host as a service that has just started has it. */
async function newHost(): Promise<ConnectorHost> {
  const registry = new ConnectorRegistry();
  for (const [type, load] of Object.entries(manifest.provides.connectors ?? {})) registry.register(type, await load());
  const host = new ConnectorHost({ registry, limits: quick, log: silentLog });
  onTestFinished(() => host.close());
  return host;
}

/** What a service would be sent for a query of these inputs. */
async function requestOf(
  query: string,
  { inputs = {}, values = {}, ...parts }: RequestParts & { readonly inputs?: Types; readonly values?: object } = {},
): Promise<TaskRequest> {
  const athena = athenaTask({ name: "interop", config: results, inputs, query });
  return attemptOf(athena.template(settings), await literalsOf(inputs, values as Record<string, unknown>), parts);
}

/** Asks for a job until it has ended; all different phases. */
async function followed(host: ConnectorHost, request: TaskRequest, resourceMeta: Uint8Array) {
  const phases: string[] = [];
  for (let times = 0; ; times++) {
    const answer: JobAnswer = await host.get({ category: request.category, resourceMeta });
    if (phases.at(-1) !== answer.phase) phases.push(answer.phase);
    if (isTerminal(answer.phase)) return { answer, phases };
    if (times === 1000) throw new Error(`the job is ${answer.phase} for ever`);
    await sleep(10);
  }
}

async function ran(request: TaskRequest) {
  const host = await newHost();
  return followed(host, request, await host.create(request));
}

/** The rows of an answer. */
function datasetOf({ outputs }: JobAnswer): Dataset {
  const { storage, datasets } = FlyteContext.default();
  const scalar = outputs?.literals.results?.value;
  const value = scalar?.case === "scalar" ? scalar.value.value : undefined;
  if (value?.case !== "structuredDataset" && value?.case !== "schema") throw new Error("there are no rows");
  const format = value.case === "schema" ? "parquet" : value.value.metadata?.structuredDatasetType?.format;
  const context = { storage, datasets, signal: new AbortController().signal };
  return Dataset.open(value.value.uri, { format }, context);
}

describe("a query", () => {
  test("goes through Athena's states, and shows its page and numbers", async () => {
    await moto.transition("manual", 2);
    await moto.ending({ query: "shows_its_numbers", state: "SUCCEEDED", scanned: 12_345 });
    const { answer, phases } = await ran(await requestOf("select shows_its_numbers from t"));
    expect(phases).toEqual(["QUEUED", "RUNNING", "SUCCEEDED"]);
    const id = answer.customInfo?.query_execution_id;
    expect(answer.logLinks).toEqual([
      {
        name: "Athena console",
        uri: `https://us-east-1.console.aws.amazon.com/athena/home?region=us-east-1#/query-editor/history/${id}`,
      },
    ]);
    expect(answer.customInfo).toMatchObject({ state: "SUCCEEDED", workgroup: "primary", data_scanned_bytes: 12_345 });
  });

  test("is started once for an attempt, and again for the next", async () => {
    const text = `select '${randomUUID()}'`;
    const outputPrefix = `/nowhere/${randomUUID()}`;
    const [host, other] = [await newHost(), await newHost()];
    const request = await requestOf(text, { outputPrefix: `${outputPrefix}/0` });
    await Promise.all([host.create(request), host.create(request), other.create(request)]);
    expect(await moto.queries(text)).toHaveLength(1);
    await other.create(await requestOf(text, { outputPrefix: `${outputPrefix}/1`, attempt: 1 }));
    expect(await moto.queries(text)).toHaveLength(2);
  });

  test("is stopped, twice; one that has ended stays as it is", async () => {
    const text = `select '${randomUUID()}'`;
    await moto.transition("manual", 50);
    const host = await newHost();
    const request = await requestOf(text);
    const job = { category: request.category, resourceMeta: await host.create(request) };
    await host.delete(job);
    await (await newHost()).delete(job);
    expect((await moto.queries(text))[0]?.Status.State).toBe("CANCELLED");
    const { answer } = await followed(await newHost(), request, job.resourceMeta);
    expect([answer.phase, answer.message]).toEqual(["FAILED", expect.stringMatching(/^the query was cancelled/)]);
  });

  test("has workgroup, catalog, database and place as the task says", async () => {
    const text = `select '${randomUUID()}'`;
    const config = { ...results, database: "music", catalog: "AwsDataCatalog", workgroup: "primary" };
    const athena = athenaTask({ name: "settings", config, query: text });
    const { answer } = await ran(attemptOf(athena.template(settings), LiteralMap.create()));
    expect(answer.phase).toBe("SUCCEEDED");
    expect(await moto.queries(text)).toMatchObject([
      { WorkGroup: "primary", QueryExecutionContext: { Database: "music", Catalog: "AwsDataCatalog" } },
    ]);
  });
});

test("parameters of every type arrive as literals, in the order of their places", async () => {
  const id = randomUUID();
  const inputs = {
    whole: t.bigint,
    part: t.float,
    text: t.string,
    yes: t.boolean,
    at: t.datetime,
    day: t.date,
    took: t.duration,
    bytes: t.bytes,
    json: t.json,
    none: t.optional(t.int),
    list: t.list(t.string),
    map: t.map(t.int),
  };
  const values = {
    whole: -(2n ** 63n),
    part: 1.5,
    text: "it's ☃; drop table t --",
    yes: true,
    at: new Date("2024-02-29T12:30:05.250Z"),
    day: new Date("2024-02-29"),
    took: 1500,
    bytes: new Uint8Array([255, 0]),
    json: { a: "'" },
    none: null,
    list: ["a", "b'"],
    map: { k: 1 },
  };
  const names = Object.keys(inputs);
  const query = `select '${id}' from t where ${names.map((name) => `x = {{ .inputs.${name} }}`).join(" and ")}`;
  expect((await ran(await requestOf(query, { inputs, values }))).answer.phase).toBe("SUCCEEDED");
  const [kept] = await moto.queries(id);
  const places = [
    ...new Array<string>(10).fill("?"),
    "CAST(ARRAY[?, ?] AS ARRAY(VARCHAR))",
    "CAST(MAP(ARRAY[?], ARRAY[?]) AS MAP(VARCHAR, BIGINT))",
  ];
  expect(kept?.Query).toBe(`select '${id}' from t where ${places.map((place) => `x = ${place}`).join(" and ")}`);
  expect(kept?.ExecutionParameters).toEqual([
    "BIGINT '-9223372036854775808'",
    "1.5E0",
    "'it''s ☃; drop table t --'",
    "TRUE",
    "TIMESTAMP '2024-02-29 12:30:05.250'",
    "DATE '2024-02-29'",
    "INTERVAL '0 00:00:01.500' DAY TO SECOND",
    "X'ff00'",
    `JSON '{"a":"''"}'`,
    "NULL",
    "'a'",
    "'b'''",
    "'k'",
    "1",
  ]);
});

describe("rows", () => {
  test("as CSV on S3 are read by the next task, NULLs and quotes too", async () => {
    await moto.nextResult([
      ["id", "name", "minutes", "live", "at"],
      ["1", 'say "hi", you', "3.5", "true", "2024-02-29 12:30:05.250"],
      ["9007199254740993", "Straße ☃", null, "false", null],
      [null, "", "1.0E10", null, "2024-03-01 00:00:00.000"],
    ]);
    const tracks = athenaTask({
      name: "tracks",
      config: results,
      inputs: { ms: t.int },
      query: "select * from tracks where ms > {{ .inputs.ms }}",
      columns: { id: t.bigint, name: t.string, minutes: t.float, live: t.boolean, at: t.datetime },
    });
    const read = task({
      name: "read",
      inputs: { rows: tracks.outputs.results },
      output: t.list(t.string),
      run: async ({ rows }) => {
        const lines: string[] = [];
        for await (const { id, name, minutes, live, at } of rows.rows()) {
          lines.push([id, name, minutes, live, at?.toISOString()].map(String).join("|"));
        }
        return lines;
      },
    });
    const flow = workflow({
      name: "flow",
      inputs: { ms: t.int },
      build: ({ ms }) => read({ rows: tracks({ ms }).results }),
    });
    expect(await flow({ ms: 5 })).toEqual([
      '1|say "hi", you|3.5|true|2024-02-29T12:30:05.250Z',
      "9007199254740993|Straße ☃|null|false|undefined",
      "null||10000000000|null|2024-03-01T00:00:00.000Z",
    ]);
  });

  test("of an UNLOAD that wrote no file are an empty dataset with the declared columns", async () => {
    const id = randomUUID();
    const athena = athenaTask({
      name: "unload",
      config: results,
      query: `select 1 as a, '${id}' as b`,
      columns: { a: t.int, b: t.string },
      format: "parquet",
    });
    const { answer } = await ran(attemptOf(athena.template(settings), LiteralMap.create()));
    const rows = datasetOf(answer);
    expect([await rows.toArray(), await rows.schema]).toEqual([
      [],
      [
        { name: "a", type: "integer" },
        { name: "b", type: "string" },
      ],
    ]);
    const [kept] = await moto.queries(id);
    expect(kept?.Query).toBe(
      `UNLOAD (\nselect 1 as a, '${id}' as b\n) TO '${rows.uri}' WITH (format = 'PARQUET', compression = 'SNAPPY')`,
    );
    expect(rows.uri).toMatch(/^s3:\/\/results\/rows\/[0-9a-f]{64}\/$/);
  });

  test("of flytekit's task stand where its statement puts them", async () => {
    const written = await callPython<{ readonly template: string; readonly inputs: string }>("write_athena_task", {
      query: `
        unload (select *
        from blah where ds = '{{ .Inputs.ds }}' and n > {{ .inputs.n }})
        to '{{ .rawOutputDataPrefix }}' with (format = 'PARQUET')`,
      database: "mnist",
      catalog: "AwsDataCatalog",
      workgroup: "primary",
      inputs: { ds: ["str", "2024-01-01'"], n: ["int", 5] },
    });
    const template = TaskTemplate.decode(Buffer.from(written.template, "base64"));
    const inputs = LiteralMap.decode(Buffer.from(written.inputs, "base64"));
    const outputPrefix = `s3://results/${randomUUID()}`;
    const { answer } = await ran(attemptOf(template, inputs, { outputPrefix }));
    const { uri } = datasetOf(answer);
    expect(uri).toMatch(new RegExp(`^${outputPrefix}/athena/[0-9a-f]{64}/$`));
    expect(await moto.queries(uri ?? "")).toMatchObject([
      {
        Query: `unload (select * from blah where ds = ? and n > ?) to '${uri}' with (format = 'PARQUET')`,
        ExecutionParameters: ["'2024-01-01'''", "5"],
        QueryExecutionContext: { Database: "mnist", Catalog: "AwsDataCatalog" },
      },
    ]);
  });
});

describe("a query that fails", () => {
  test.each([
    [{ category: 2, type: 1006, retryable: false }, "FAILED"],
    [{ category: 1, type: 233, retryable: true }, "RETRYABLE_FAILED"],
  ])("%o", async (error, phase) => {
    const id = randomUUID();
    await moto.ending({ query: id, state: "FAILED", reason: "TABLE_NOT_FOUND: line 1:15", ...error });
    const { answer } = await ran(await requestOf(`select '${id}'`));
    expect([answer.phase, answer.message]).toEqual([phase, "the query failed: TABLE_NOT_FOUND: line 1:15"]);
    expect(answer.customInfo).toMatchObject({ error_category: error.category, error_type: error.type });
  });

  test("before it starts says what Athena says, and starts nothing", async () => {
    const id = randomUUID();
    const config = { ...results, workgroup: "no-such-group" };
    const athena = athenaTask({ name: "wrong", config, query: `select '${id}'` });
    const { answer } = await ran(attemptOf(athena.template(settings), LiteralMap.create()));
    expect([answer.phase, answer.message]).toEqual([
      "FAILED",
      expect.stringMatching(/InvalidRequestException: WorkGroup does not exist/),
    ]);

    await moto.emulator.faults.add({ target: "StartQueryExecution", preset: "aws-denied", do: "answer" });
    const denied = await ran(await requestOf(`select '${id}'`));
    expect([denied.answer.phase, denied.answer.message]).toEqual(["FAILED", expect.stringMatching(/not authorized/)]);
    expect(await moto.queries(id)).toEqual([]);
  });

  test("because it is gone may be tried again", async () => {
    const host = await newHost();
    const request = await requestOf("select 1");
    const resourceMeta = await host.create(request);
    const gone = { target: "GetQueryExecution", do: "answer", status: 400, times: 0 } as const;
    await moto.emulator.faults.add({
      ...gone,
      headers: { "x-amzn-errortype": "InvalidRequestException", "content-type": "application/x-amz-json-1.1" },
      body: { __type: "InvalidRequestException", Message: "QueryExecution x was not found" },
    });
    expect((await followed(await newHost(), request, resourceMeta)).answer.phase).toBe("RETRYABLE_FAILED");
  });
});

describe("one query, whatever becomes of requests and answers", () => {
  const answered = { do: "answer" } as const;
  const faults: Readonly<Record<string, FaultRule>> = {
    "Athena's throttling": { ...answered, preset: "athena-throttle", times: 3 },
    "AWS's throttling": { ...answered, preset: "aws-throttle", times: 3 },
    "faults of the service": { ...answered, preset: "athena-500", times: 3 },
    "credentials that have expired for a while": { ...answered, preset: "athena-expired", times: 2 },
    "lost answers": { do: "lose", times: 2 },
    "broken connections": { do: "reset", times: 2 },
    "answers that are cut off": { do: "truncate", times: 2 },
    "a slow answer": { do: "delay", ms: 300 },
    "a request that hangs": { do: "hang", times: 1 },
  };
  const operations = { create: "StartQueryExecution", get: "GetQueryExecution", delete: "StopQueryExecution" };

  test.each(Object.keys(faults))("%s", async (name) => {
    const meets = (operation: keyof typeof operations): Promise<void> =>
      moto.emulator.faults.add({ ...(faults[name] as FaultRule), target: operations[operation] });
    await moto.transition("manual", 2);
    const text = `select '${randomUUID()}'`;
    const request = await requestOf(text);
    await meets("create");
    const first = await newHost();
    const resourceMeta = await first.create(request, { deadlineMs: 500 });
    await first.close();
    // The service is restarted, and Flyte asks with what it was given.
    await meets("get");
    const second = await newHost();
    const { answer } = await followed(second, request, resourceMeta);
    expect([answer.phase, answer.message]).toEqual(["SUCCEEDED", ""]);
    expect(await moto.queries(text)).toHaveLength(1);

    await moto.transition("manual", 1000);
    const other = `select '${randomUUID()}'`;
    const stopped = await requestOf(other);
    const job = { category: stopped.category, resourceMeta: await second.create(stopped) };
    await meets("delete");
    await deleted(second, job);
    expect((await moto.queries(other)).map(({ Status }) => Status.State)).toEqual(["CANCELLED"]);
  });
});

/** Deletes a job as Flyte does: again, until it is told that the job is gone. */
async function deleted(host: ConnectorHost, job: Parameters<ConnectorHost["delete"]>[0]): Promise<void> {
  for (let times = 1; ; times++) {
    try {
      return await host.delete(job, { deadlineMs: 2000 });
    } catch (error) {
      if (times === 10) throw error;
    }
  }
}
