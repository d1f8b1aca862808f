/** Our connector service, called as Flyte v1 and its tools call it. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectorService, serveConnectors } from "@flyte-ts/connector-service";
import { ConnectorRegistry, silentLog } from "@flyte-ts/core/plugin";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ScriptedConnector, ScriptedSyncConnector } from "../src/connectors/scripted-connectors.ts";
import { callPython } from "../src/python.ts";

interface Resource {
  readonly phase: string;
  readonly state?: string;
  readonly message?: string;
  readonly outputs?: { readonly literals: Record<string, unknown> };
  readonly log_links?: readonly { readonly uri: string; readonly name: string }[];
  readonly custom_info?: unknown;
}

interface Answers {
  readonly reflection: { readonly services: readonly string[]; readonly methods: Record<string, readonly string[]> };
  readonly health: Record<string, string>;
  readonly healthOfNobody: string;
  readonly agents: readonly unknown[];
  readonly agent: unknown;
  readonly sameMeta: boolean;
  readonly metaBytes: number;
  readonly succeed: readonly Resource[];
  readonly fail: readonly Resource[];
  readonly retry: readonly Resource[];
  readonly mapElement: readonly Resource[];
  readonly syncMapElement: readonly Resource[];
  readonly deleted: Resource;
  readonly sync: readonly unknown[];
  readonly syncFail: readonly unknown[];
  readonly metrics: unknown;
  readonly logs: readonly (readonly unknown[])[];
  readonly errors: Record<string, readonly [string, string]>;
}

const connector = new ScriptedConnector();
let folder: string;
let service: ConnectorService;
let answers: Answers;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-ts-v1-"));
  const registry = new ConnectorRegistry();
  registry.register("scripted", connector);
  registry.register("scripted-sync", new ScriptedSyncConnector());
  service = await serveConnectors({
    registry,
    host: "127.0.0.1",
    port: 0,
    log: silentLog,
    env: {},
    hostLimits: { cacheMs: 0 },
  });
  answers = await callPython<Answers>("connector_v1", { port: service.port, prefix: folder });
});
afterAll(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

describe("what tools ask", () => {
  test("reflection: a standard client finds the services and reads their methods", () => {
    expect(answers.reflection.methods).toEqual({
      "flyteidl.service.AgentMetadataService": ["GetAgent", "ListAgents"],
      "flyteidl.service.AsyncAgentService": ["CreateTask", "DeleteTask", "GetTask", "GetTaskLogs", "GetTaskMetrics"],
      "flyteidl.service.SyncAgentService": ["ExecuteTaskSync"],
      "flyteidl2.connector.AsyncConnectorService": [
        "CreateTask",
        "DeleteTask",
        "GetTask",
        "GetTaskLogs",
        "GetTaskMetrics",
      ],
      "flyteidl2.connector.ConnectorMetadataService": ["GetConnector", "ListConnectors"],
    });
    expect(answers.reflection.services).toContain("grpc.health.v1.Health");
  });

  test("grpc_health: all of it serves, and what is not known is NOT_FOUND", () => {
    expect(Object.keys(answers.health)).toHaveLength(7);
    expect(new Set(Object.values(answers.health))).toEqual(new Set(["SERVING"]));
    expect(answers.healthOfNobody).toBe("NOT_FOUND");
  });
});

describe("what propeller asks", () => {
  test("which task types there are", () => {
    const scripted = {
      name: "Scripted",
      supported_task_types: ["scripted"],
      supported_task_categories: [{ name: "scripted" }],
    };
    expect(answers.agents).toEqual([
      scripted,
      {
        name: "Scripted sync",
        is_sync: true,
        supported_task_types: ["scripted-sync"],
        supported_task_categories: [{ name: "scripted-sync" }],
      },
    ]);
    expect(answers.agent).toEqual(scripted);
  });

  test("a job, twice for one attempt: one job", () => {
    expect(answers.sameMeta).toBe(true);
    expect(answers.metaBytes).toBeLessThan(16_384);
    // one for each of: twice, succeed, fail, retry, element, deleted
    expect(connector.polls.size).toBe(6);
  });

  test("how it is, until it has its outputs; phase and state agree", () => {
    const link = { uri: "https://vendor.example/job", name: "Job" };
    const [running, done, again] = answers.succeed;
    expect(running).toEqual({
      phase: "RUNNING",
      state: "RUNNING",
      message: "it runs",
      log_links: [link],
      custom_info: { polls: 1 },
    });
    expect(done).toMatchObject({
      phase: "SUCCEEDED",
      state: "SUCCEEDED",
      log_links: [link],
      outputs: {
        literals: {
          doubled: { scalar: { primitive: { integer: "42" } } },
          text: { scalar: { primitive: { string_value: "n is 21" } } },
        },
      },
    });
    expect(again).toEqual(done);
  });

  test("failures: for good with PERMANENT_FAILURE, to be tried again with the state's zero", () => {
    expect(answers.fail[1]).toMatchObject({
      phase: "FAILED",
      state: "PERMANENT_FAILURE",
      message: "the query is wrong",
      log_links: [{ name: "Job" }],
    });
    expect(answers.retry[1]).toMatchObject({ phase: "RETRYABLE_FAILED", message: "the backend broke" });
    expect(answers.retry[1]?.state).toBeUndefined();
  });

  test("an element of a map task, whose type has version 1", () => {
    expect(answers.mapElement[0]?.phase).toBe("RUNNING");
  });

  test("an element of a map task over a sync connector: propeller starts it as a job", () => {
    expect(answers.syncMapElement).toMatchObject([
      { phase: "SUCCEEDED", outputs: { literals: { doubled: { scalar: { primitive: { integer: "42" } } } } } },
    ]);
  });

  test("to stop it, twice", () => {
    expect(connector.deleted.size).toBe(1);
    expect(answers.deleted).toMatchObject({ phase: "ABORTED", state: "PERMANENT_FAILURE" });
  });

  test("a sync task: one header, the outputs inside", () => {
    expect(answers.sync).toMatchObject([
      {
        header: {
          resource: {
            phase: "SUCCEEDED",
            outputs: {
              literals: {
                doubled: { scalar: { primitive: { integer: "42" } } },
                text: { scalar: { primitive: { string_value: "n is 21" } } },
              },
            },
          },
        },
      },
    ]);
    expect(answers.syncFail).toMatchObject([
      { header: { resource: { phase: "FAILED", message: "the request is wrong" } } },
    ]);
  });

  test("metrics, and logs: the header with the next token, then the lines", () => {
    expect(answers.metrics).toEqual({ results: [{ metric: "cpu", data: { resultType: "matrix", result: [] } }] });
    const [first, last] = answers.logs;
    expect(first).toEqual([
      { header: { token: "2" } },
      {
        body: {
          structured_lines: ["one", "two"].map((message) => ({
            timestamp: "2023-11-14T22:13:20.500Z",
            message,
            originator: "USER",
          })),
        },
      },
    ]);
    expect(last).toEqual([{ header: {} }, { body: { structured_lines: [{ message: "three" }] } }]);
  });
});

test("every mistake has its status", () => {
  const notFound = ["NOT_FOUND", "Cannot find connector for task type: nobody."];
  const { errors } = answers;
  for (const name of ["create", "get", "delete", "metrics", "logs", "sync"]) {
    expect([name, errors[name]]).toEqual([name, notFound]);
  }
  const codes = Object.fromEntries(Object.entries(errors).map(([name, [code]]) => [name, code]));
  expect(codes).toMatchObject({
    agent: "NOT_FOUND",
    noTemplate: "INVALID_ARGUMENT",
    nowhere: "INVALID_ARGUMENT",
    strangeMeta: "INVALID_ARGUMENT",
    noHeader: "INVALID_ARGUMENT",
    asyncAsSync: "INVALID_ARGUMENT",
    malformed: "INVALID_ARGUMENT",
    noMethod: "UNIMPLEMENTED",
  });
  for (const [, details] of Object.values(errors)) expect(details).not.toMatch(/\n\s+at |Traceback/);
});
