/** Connector tasks on a real Flyte, through our connector service; the vendors are emulators behind a proxy. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as flows from "../src/connector-workflows.ts";
import { ConnectorService } from "../src/flyte/connector-service.ts";
import { Inside } from "../src/flyte/inside.ts";
import { projectFolder } from "../src/flyte/project.ts";
import { Session } from "../src/flyte/session.ts";
import { checkout } from "../src/task-files.ts";

const session = new Session();
let inside: Inside;
let service: ConnectorService;
let bigquery: { readonly endpoint: string };
let athena: { readonly endpoint: string };
let echo: string;
let folder: string;
let version: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-ts-connectors-"));
  inside = new Inside(session.cluster);
  bigquery = await inside.ask("emulator", { name: "localbq", fixes: ["bq"], env: { PROJECT: "p1" } });
  // the cluster's own store has Athena as well
  athena = await inside.ask("proxy", {
    to: await inside.ask("variable", { name: "FLYTE_AWS_ENDPOINT" }),
    fixes: ["athena"],
  });
  const port = 28_900;
  const command = [process.execPath, join(checkout, "interop/src/echo-server.ts"), `${port}`];
  await inside.ask("start", { command, env: {}, port, log: join(folder, "echo.log") });
  echo = `http://127.0.0.1:${port}/hook`;
  service = new ConnectorService(session.cluster, inside, {
    plugins: ["@flyte-ts/athena", "@flyte-ts/bigquery", "@flyte-ts/http"],
    env: {
      AWS_ENDPOINT_URL_ATHENA: athena.endpoint,
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local-secret",
      FLYTE_TS_BIGQUERY_ENDPOINT: bigquery.endpoint,
      FLYTE_TS_HTTP_ALLOW: "127.0.0.1",
    },
    folder,
  });
  await service.startBeforePropeller();
  version = await session.registerFile({
    file: "interop/src/connector-workflows.ts",
    module: join(projectFolder, "connector-workflows.ts"),
    env: { FLYTE_TS_E2E_BIGQUERY: bigquery.endpoint },
  });
});

afterAll(async () => {
  await service.kill();
  await inside.close();
  await rm(folder, { recursive: true, force: true });
});

type Flow = (typeof flows)[keyof typeof flows];

const integer = (value: number) => ({ scalar: { primitive: { integer: `${value}` } } });
const text = (stringValue: string) => ({ scalar: { primitive: { stringValue } } });

const launched = (flow: Flow, literals: Readonly<Record<string, object>> = {}): Promise<string> =>
  session.launch({ workflow: flow.name, version }, literals);

/** Waits for the end; prints it. */
async function ended(flow: Flow, execution: string) {
  const state = await session.client.ended(execution);
  const outputs = state.phase === "SUCCEEDED" ? await session.outputs(execution, flow.outputs) : {};
  const attempts = (await session.client.nodes(execution)).flatMap(({ attempts }) => attempts);
  console.log(
    `${flow.name}: execution ${execution}, ${state.phase} ${JSON.stringify(outputs)} ${JSON.stringify(state.error)}`,
  );
  return { state, outputs, attempts };
}

/** The ids of the jobs that BigQuery was asked for. */
async function jobsAsked(): Promise<string[]> {
  const log = await inside.ask("requests", { endpoint: bigquery.endpoint });
  const ids = log.flatMap(({ url }) => /\/jobs\/(flyte-[0-9a-f]{64})/.exec(url)?.[1] ?? []);
  return [...new Set(ids)];
}

/** What Athena was asked, by action: `StartQueryExecution` and others. */
async function athenaAsked(action: string): Promise<number> {
  const log = await inside.ask("requests", { endpoint: athena.endpoint });
  return log.filter(({ target }) => target?.endsWith(`.${action}`)).length;
}

/** Tells the stand-in for Athena what queries find, which runs no SQL, and how long they take. */
async function athenaFinds(rows: readonly (readonly string[])[], seconds: number): Promise<void> {
  const set = (path: string, body: object) =>
    inside.ask("fetch", { url: `${athena.endpoint}/moto-api/${path}`, method: "POST", body: JSON.stringify(body) });
  await set("state-manager/set-transition", {
    model_name: "athena::execution",
    transition: seconds === 0 ? { progression: "immediate" } : { progression: "time", seconds },
  });
  const data = [["n", "label"], ...rows].map((row) => ({ Data: row.map((value) => ({ VarCharValue: value })) }));
  const columns = [
    { Name: "n", Type: "bigint" },
    { Name: "label", Type: "varchar" },
  ];
  await set("static/athena/query-results", { results: [{ rows: data, column_info: columns }] });
}

describe("through the connector service", () => {
  test("BigQuery runs a query as a job and from a pod, and a task reads the rows of both", async () => {
    const { state, outputs } = await ended(
      flows.queried,
      await launched(flows.queried, { count: integer(3), word: text("it's") }),
    );
    expect(state).toMatchObject({ phase: "SUCCEEDED", error: null });
    const rows = "1: it's 1, 2: it's 2, 3: it's 3";
    expect(outputs).toEqual({ byConnector: rows, byPod: rows });
  });

  test("Athena runs a query, and a task reads its rows from the store", async () => {
    await athenaFinds([["7", "seven"]], 0);
    const { state, outputs } = await ended(flows.scanned, await launched(flows.scanned, { word: text("seven") }));
    expect(state).toMatchObject({ phase: "SUCCEEDED", error: null });
    expect(outputs).toEqual({ o0: "7: seven" });
  });

  test("a request is sent, and its answer is the output", async () => {
    const { state, outputs } = await ended(
      flows.greeted,
      await launched(flows.greeted, { url: text(echo), name: text('Ann "the" Smith') }),
    );
    expect(state).toMatchObject({ phase: "SUCCEEDED", error: null });
    const { status, body } = outputs as { status: number; body: string };
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      method: "POST",
      url: "/hook",
      headers: { "x-greeting": "hello" },
      body: JSON.stringify({ to: 'Ann "the" Smith' }),
    });
  });

  test("a sub-workflow that runs twice at once makes two jobs", async () => {
    await inside.ask("clearFaults", bigquery);
    const { state, outputs } = await ended(flows.twice, await launched(flows.twice, { word: text("w") }));
    expect(state).toMatchObject({ phase: "SUCCEEDED", error: null });
    expect(outputs).toEqual({ left: "1: w 1, 2: w 2", right: "1: w 1, 2: w 2" });
    expect(await jobsAsked()).toHaveLength(2);
  });

  test("a job that fails shows its message and its page", async () => {
    const { state, attempts } = await ended(flows.refused, await launched(flows.refused));
    expect(state.phase).toBe("FAILED");
    expect(state.error?.message).toMatch(/nowhere/);
    expect(attempts).toHaveLength(1);
    expect(attempts[0]?.logs[0]?.uri).toMatch(/^https:\/\/console\.cloud\.google\.com\/bigquery/);
  });

  test("an abort cancels the job", async () => {
    await inside.ask("clearFaults", bigquery);
    const execution = await launched(flows.endless);
    await session.client.until("the job", jobsAsked, (ids) => ids.length === 1);
    await session.client.abort(execution, "enough");
    const cancelled = async () => {
      const log = await inside.ask("requests", { endpoint: bigquery.endpoint });
      return log.filter(({ method, url }) => method === "POST" && /\/jobs\/flyte-[0-9a-f]{64}\/cancel/.test(url))
        .length;
    };
    expect(await session.client.until("the cancel", cancelled, (count) => count > 0)).toBeGreaterThan(0);
    expect(await session.client.ended(execution)).toMatchObject({ phase: "ABORTED" });
  });
});

describe("a connector service that is killed", () => {
  test("and started again on its port loses no job, and doubles none", async () => {
    await inside.ask("clearFaults", athena);
    const words = ["one", "two", "three", "four", "five", "six"];
    for (const [at, word] of words.entries()) await athenaFinds([[`${at}`, word]], 12);
    const runs = await Promise.all(words.map((word) => launched(flows.scanned, { word: text(word) })));
    const started = () => athenaAsked("StartQueryExecution");
    await session.client.until("the queries", started, (count) => count === words.length);
    for (let kills = 0; kills < 3; kills++) {
      const polls = await athenaAsked("GetQueryExecution");
      await service.kill();
      await service.start();
      await session.client.until(
        "a poll",
        () => athenaAsked("GetQueryExecution"),
        (count) => count > polls,
      );
    }
    const ends = await Promise.all(runs.map((execution) => ended(flows.scanned, execution)));
    expect(ends.map(({ state }) => state.phase)).toEqual(words.map(() => "SUCCEEDED"));
    expect(ends.map(({ outputs }) => Object.values(outputs)[0]).sort()).toEqual(
      words.map((word, at) => `${at}: ${word}`),
    );
    expect(ends.every(({ attempts }) => attempts.every(({ attempt }) => attempt === 0))).toBe(true);
    expect(await started()).toBe(words.length);
  });

  test("costs a task without retries its execution, while nothing holds the port", async () => {
    await service.kill();
    await athenaFinds([["0", "never"]], 0);
    const { state, attempts } = await ended(flows.scanned, await launched(flows.scanned, { word: text("never") }));
    expect(state).toMatchObject({ phase: "FAILED" });
    expect(state.error?.message).toContain("Unavailable");
    expect(attempts.map(({ phase }) => phase)).toEqual(["FAILED"]);
  });

  test("costs nothing under a supervisor that holds the port", async () => {
    await service.start({ supervise: true });
    await athenaFinds([["1", "again"]], 0);
    // propeller's channel comes back after its back-off
    await session.client.until(
      "propeller's way to the connector",
      async () =>
        (await ended(flows.greeted, await launched(flows.greeted, { url: text(echo), name: text("x") }))).state,
      ({ phase }) => phase === "SUCCEEDED",
    );
    await service.killChild();
    const { state } = await ended(flows.scanned, await launched(flows.scanned, { word: text("again") }));
    expect(state).toMatchObject({ phase: "SUCCEEDED", error: null });
  });
});
