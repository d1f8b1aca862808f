import { definePlugin, FlyteError, lineLog, PluginSet, silentLog } from "@flyte-ts/core/plugin";
import { AgentMetadataService, AsyncAgentService } from "@flyte-ts/idl/service";
import { status } from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ConnectorHealth } from "../src/health/connector-health.ts";
import type { ServiceHealth } from "../src/health/service-health.ts";
import { checkHealth, jsonLog, serveConnectors } from "../src/index.ts";
import { FieldWriter } from "../src/wire/field-writer.ts";
import { FlyteClient } from "./flyte-client.ts";
import { MemoryConnector } from "./memory-connector.ts";
import { createRequest, served } from "./served.ts";

const v1 = AsyncAgentService.method;
const own = { host: "127.0.0.1", port: 0, log: silentLog, env: {} };

const good = definePlugin({
  specVersion: 1,
  name: "good-plugin",
  version: "1.0.0",
  provides: { connectors: { memory: async () => new MemoryConnector() } },
});
const broken = definePlugin({
  specVersion: 1,
  name: "broken-plugin",
  version: "1.0.0",
  provides: {
    connectors: {
      broken: () => Promise.reject(new Error("no such module")),
      hollow: async () => ({ name: "Hollow" }) as never,
    },
  },
});

describe("health", () => {
  test("is that of each service, of each connector and of each plugin; what is broken does not serve, the others do", async () => {
    const missing = { name: "missing-plugin", error: new FlyteError("InvalidDefinition", "not installed") };
    const service = await serveConnectors({ ...own, plugins: new PluginSet([good, broken], [missing]) });
    onTestFinished(() => service.close());
    const of = (name?: string) => checkHealth({ address: `127.0.0.1:${service.port}`, service: name });
    const serving = [
      "",
      "flyteidl.service.AsyncAgentService",
      "flyteidl.service.SyncAgentService",
      "flyteidl.service.AgentMetadataService",
      "flyteidl2.connector.AsyncConnectorService",
      "flyteidl2.connector.ConnectorMetadataService",
      "grpc.health.v1.Health",
      "connector/memory",
      "plugin/good-plugin",
    ];
    for (const name of serving) expect([name, await of(name)]).toEqual([name, "SERVING"]);
    const not = ["connector/broken", "connector/hollow", "plugin/broken-plugin", "plugin/missing-plugin"];
    for (const name of not) expect([name, await of(name)]).toEqual([name, "NOT_SERVING"]);
    await expect(of("nobody")).rejects.toMatchObject({ code: "NotFound" });
    const client = new FlyteClient(service.port);
    onTestFinished(() => client.close());
    const { agents } = await client.call(AgentMetadataService.method.listAgents, {});
    expect(agents.map(({ name }) => name)).toEqual(["Memory"]);
  });

  test("without any connector the whole does not serve", async () => {
    const service = await serveConnectors({ ...own, plugins: new PluginSet([broken]) });
    onTestFinished(() => service.close());
    expect(await checkHealth({ address: `127.0.0.1:${service.port}` })).toBe("NOT_SERVING");
  });

  test("of a connector lasts as long as its vendor can be asked; the others serve on, and so does the whole", async () => {
    const passed = performance.now.bind(performance);
    let shift = 0;
    vi.spyOn(performance, "now").mockImplementation(() => passed() + shift);
    onTestFinished(() => void vi.restoreAllMocks());
    const hostLimits = { cacheMs: 0, backoffMs: 0, longestBackoffMs: 0 };
    const { service, client, memory } = await served({ hostLimits, metricsPort: 0 });
    const of = (name?: string) => checkHealth({ address: `127.0.0.1:${service.port}`, service: name });
    const metric = async () => {
      const text = await fetch(`http://127.0.0.1:${service.metricsPort}/metrics`).then((answer) => answer.text());
      return /flyte_connector_serving\{task_type="memory"\} (\d)/.exec(text)?.[1];
    };
    const { resourceMeta } = await client.call(v1.createTask, createRequest("n0"));
    const poll = () => client.call(v1.getTask, { resourceMeta, taskCategory: { name: "memory" } });
    memory.onGet = async () => {
      throw new FlyteError("Unavailable", "503");
    };
    for (let polls = 0; polls < 5; polls += 1) await poll();
    expect([await of("connector/memory"), await metric()]).toEqual(["SERVING", "1"]);
    shift += 31_000;
    await poll();
    expect([await of("connector/memory"), await metric()]).toEqual(["NOT_SERVING", "0"]);
    expect([await of(), await of("connector/memory-sync")]).toEqual(["SERVING", "SERVING"]);
    memory.onGet = undefined;
    await poll();
    expect([await of("connector/memory"), await metric()]).toEqual(["SERVING", "1"]);
  });

  test("of a plugin is that of all its connectors", () => {
    const states: Record<string, boolean> = {};
    const set = (name: string, serving: boolean) => {
      states[name] = serving;
    };
    let now = 0;
    const lines: string[] = [];
    const log = lineLog("info", (line) => lines.push(line));
    const health = new ConnectorHealth({ set } as ServiceHealth, log, () => now);
    health.add("a", "plugin", true);
    health.add("b", "plugin", true);
    const fault = new FlyteError("Unavailable", "no answer");
    for (; now <= 30_000; now += 10_000) health.unanswered("b", fault);
    expect(states).toEqual({ "connector/a": true, "connector/b": false, "plugin/plugin": false });
    // an answer in between is a new beginning
    health.answered("b");
    for (let call = 0; call < 2; call += 1) health.unanswered("b", fault);
    health.answered("b");
    now += 60_000;
    for (let call = 0; call < 3; call += 1) health.unanswered("b", fault);
    expect(states).toEqual({ "connector/a": true, "connector/b": true, "plugin/plugin": true });
    expect(lines.map((line) => /cannot be asked: no answer|answers again/.exec(line)?.[0])).toEqual([
      "cannot be asked: no answer",
      "answers again",
    ]);
  });

  test("is told to whoever watches, as it changes; a list has all", async () => {
    const { service, client } = await served();
    const asIs = (bytes: Buffer): Buffer => bytes;
    const ask = (name: string) => new FieldWriter().text(1, name).finish();
    const watch = (name: string) =>
      client.client.makeServerStreamRequest("/grpc.health.v1.Health/Watch", asIs, asIs, ask(name));
    const [known, unknown] = [watch("connector/memory"), watch("nobody")];
    for (const call of [known, unknown]) call.on("error", () => {});
    const next = (call: typeof known) => new Promise<Buffer>((resolve) => call.once("data", resolve));
    // SERVING, and SERVICE_UNKNOWN
    expect(await Promise.all([next(known), next(unknown)])).toEqual([Buffer.of(8, 1), Buffer.of(8, 3)]);
    const list = await new Promise<Buffer | undefined>((resolve, reject) => {
      client.client.makeUnaryRequest("/grpc.health.v1.Health/List", asIs, asIs, ask(""), (error, bytes) =>
        error === null ? resolve(bytes) : reject(error),
      );
    });
    expect(list?.toString("latin1")).toContain("connector/memory");
    const later = next(known);
    const ended = service.close();
    expect(await later).toEqual(Buffer.of(8, 2));
    await ended;
  });

  test("strict: what is broken ends the start", async () => {
    const start = serveConnectors({ ...own, plugins: new PluginSet([good, broken]), strict: true });
    await expect(start).rejects.toMatchObject({ message: expect.stringMatching(/broken-plugin .* "(broken|hollow)"/) });
  });
});

test("two plugins for one task type are refused by name", () => {
  const other = definePlugin({ ...good, name: "other-plugin" });
  expect(() => new PluginSet([good, other])).toThrow(/good-plugin and other-plugin both have a connector for "memory"/);
});

describe("the end", () => {
  test("lets calls finish, takes no new ones, and says that it does not serve", async () => {
    const { service, client, memory } = await served();
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    memory.onCreate = () => {
      begun.resolve();
      return gate.promise;
    };
    const watched = new FlyteClient(service.port);
    onTestFinished(() => watched.close());
    const call = client.call(v1.createTask, createRequest("n0"));
    await begun.promise;
    const ended = service.close();
    await expect(checkHealth({ address: `127.0.0.1:${service.port}`, timeoutMs: 500 })).rejects.toMatchObject({
      code: "Unavailable",
    });
    gate.resolve();
    expect((await call).resourceMeta.length).toBeGreaterThan(0);
    await ended;
  });

  test("a delay leaves load balancers time: not serving, and still there", async () => {
    const { service } = await served({ limits: { drainDelayMs: 20_000 } });
    const ended = service.close();
    expect(await checkHealth({ address: `127.0.0.1:${service.port}` })).toBe("NOT_SERVING");
    service.close();
    await ended;
  });

  test("cuts calls off behind the grace period", async () => {
    const { service, client, sync } = await served({ limits: { graceMs: 50 } });
    const begun = Promise.withResolvers<void>();
    sync.answer = () => {
      begun.resolve();
      return new Promise(() => {});
    };
    const { SyncAgentService } = await import("@flyte-ts/idl/service");
    const call = client.stream(SyncAgentService.method.executeTaskSync, [
      { part: { case: "header", value: { template: { type: "memory-sync" }, outputPrefix: "s3://b/n0/0" } } },
      { part: { case: "inputs", value: {} } },
    ]);
    call.catch(() => {});
    await begun.promise;
    await service.close();
    await expect(call).rejects.toMatchObject({ code: expect.any(Number) });
  });
});

describe("metrics", () => {
  test("under flytekit's names; a type that is not served cannot fill the memory", async () => {
    const { service, client } = await served({ metricsPort: 0 });
    const { resourceMeta } = await client.call(v1.createTask, {
      ...createRequest("n0"),
      inputs: { literals: { a: {} } },
    });
    await client.call(v1.getTask, { resourceMeta, taskCategory: { name: "memory" } });
    for (const type of ["nobody-1", "nobody-2"]) {
      await client.call(v1.createTask, createRequest("n1", type)).catch(() => {});
    }
    const response = await fetch(`http://127.0.0.1:${service.metricsPort}/metrics`);
    const text = await response.text();
    expect(text).toContain('flyte_connector_requests_success_total{task_type="memory",operation="create"} 1');
    expect(text).toContain('flyte_connector_requests_success_total{task_type="memory",operation="get"} 1');
    expect(text).toContain(
      'flyte_connector_requests_failure_total{task_type="unknown",operation="create",error_code="404"} 2',
    );
    expect(text).toMatch(/flyte_connector_request_latency_seconds_count\{task_type="memory",operation="get"\} 1/);
    expect(text).toMatch(/flyte_connector_request_latency_seconds_bucket\{le="0.001",/);
    expect(text).toMatch(/flyte_connector_input_literal_bytes_count\{task_type="memory"\} 1/);
    expect(text).not.toContain("nobody");
    const healthz = () => fetch(`http://127.0.0.1:${service.metricsPort}/healthz`);
    expect((await healthz()).status).toBe(200);
  });
});

describe("log lines", () => {
  test("are JSON with the client's request id, without what is secret", async () => {
    const lines: Record<string, unknown>[] = [];
    const log = jsonLog({ destination: { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) } });
    const { client } = await served({ log });
    await client
      .call(v1.createTask, createRequest("n0", "nobody"), {
        headers: { "x-request-id": "abc-1", authorization: "Bearer x" },
      })
      .catch(() => {});
    expect(lines.find(({ requestId }) => requestId === "abc-1")).toMatchObject({
      level: "warn",
      operation: "create",
      taskType: "nobody",
      code: status.NOT_FOUND,
      msg: "Cannot find connector for task type: nobody.",
    });
    log.info("a field", { token: "hunter2", request: { authorization: "Bearer hunter2" } });
    expect(JSON.stringify(lines)).not.toContain("hunter2");
  });
});
