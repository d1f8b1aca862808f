import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type Literal, Literal as LiteralCodec, phaseNumbers } from "@flyte-ts/core/plugin";
import { LiteralMapSchema } from "@flyte-ts/idl/core";
import { AgentMetadataService, AsyncAgentService, SyncAgentService } from "@flyte-ts/idl/service";
import { AsyncConnectorService, ConnectorMetadataService } from "@flyte-ts/idl/v2/connector";
import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { createRequest, executionOf, served } from "./served.ts";

const v1 = AsyncAgentService.method;
const v2 = AsyncConnectorService.method;
const textLiteral = (text: string): Literal => LiteralCodec.fromJson({ scalar: { primitive: { stringValue: text } } });

describe("Flyte v1", () => {
  test("discovers each connector once, with its types in both forms and its kind", async () => {
    const { client } = await served();
    const { agents } = await client.call(AgentMetadataService.method.listAgents, {});
    expect(
      agents.map(({ name, isSync, supportedTaskTypes, supportedTaskCategories: [category] }) => [
        name,
        isSync,
        supportedTaskTypes,
        category?.name,
        category?.version,
      ]),
    ).toEqual([
      ["Memory", false, ["memory"], "memory", 0],
      ["Memory sync", true, ["memory-sync"], "memory-sync", 0],
    ]);
    const { agent } = await client.call(AgentMetadataService.method.getAgent, { name: "Memory" });
    expect(agent?.supportedTaskTypes).toEqual(["memory"]);
    await expect(client.call(AgentMetadataService.method.getAgent, { name: "Nobody" })).rejects.toMatchObject({
      code: status.NOT_FOUND,
    });
  });

  test("a job from its creation to its outputs; a repeated creation is the same job", async () => {
    const { client, memory } = await served();
    const request = {
      ...createRequest("n0"),
      template: {
        ...createRequest("n0").template,
        interface: { outputs: { variables: { text: { type: { type: { case: "simple" as const, value: 3 } } } } } },
      },
    };
    const { resourceMeta } = await client.call(v1.createTask, request);
    const again = await client.call(v1.createTask, request);
    expect(again.resourceMeta).toEqual(resourceMeta);
    expect(memory.jobs.size).toBe(1);

    const get = { resourceMeta, taskType: "memory", taskCategory: { name: "memory" } };
    const running = await client.call(v1.getTask, get);
    expect(running.resource).toMatchObject({
      phase: phaseNumbers.RUNNING,
      state: 3,
      logLinks: [{ name: "Job", messageFormat: 2 }],
    });
    for (const job of memory.jobs.values()) job.state = "done";
    memory.outputs = create(LiteralMapSchema, { literals: { text: textLiteral("hello") } });
    memory.customInfo = { bytes: 12 };
    const done = await client.call(v1.getTask, get);
    expect(done.resource?.phase).toBe(phaseNumbers.SUCCEEDED);
    expect(done.resource?.outputs?.literals.text?.value).toMatchObject({ case: "scalar" });
    expect(done.resource?.customInfo).toEqual({ bytes: 12 });
  });

  test("takes any version of a known type, and the older field for the type", async () => {
    const { client } = await served();
    const { resourceMeta } = await client.call(v1.createTask, createRequest("n1", "memory", 1));
    const { resource } = await client.call(v1.getTask, { resourceMeta, taskType: "memory" });
    expect(resource?.phase).toBe(phaseNumbers.RUNNING);
  });

  test("stops a job, twice too", async () => {
    const { client, memory } = await served();
    const { resourceMeta } = await client.call(v1.createTask, createRequest("n0"));
    const request = { resourceMeta, taskCategory: { name: "memory" } };
    await client.call(v1.deleteTask, request);
    await client.call(v1.deleteTask, request);
    expect([...memory.jobs.values()].map(({ state }) => state)).toEqual(["cancelled"]);
  });

  test("one call for a sync task: one answer, its outputs inside the header", async () => {
    const { client, sync } = await served();
    sync.answer = async ({ outputPrefix }) => ({
      phase: "SUCCEEDED",
      outputs: create(LiteralMapSchema, { literals: { text: textLiteral(outputPrefix) } }),
    });
    const header = {
      template: {
        type: "memory-sync",
        interface: { outputs: { variables: { text: { type: { type: { case: "simple" as const, value: 3 } } } } } },
      },
      outputPrefix: "s3://bucket/n0/0",
      taskExecutionMetadata: executionOf("n0"),
    };
    const answers = await client.stream(SyncAgentService.method.executeTaskSync, [
      { part: { case: "header", value: header } },
      { part: { case: "inputs", value: {} } },
    ]);
    expect(answers).toHaveLength(1);
    const [answer] = answers;
    expect(answer?.res.case).toBe("header");
    const resource = answer?.res.case === "header" ? answer.res.value.resource : undefined;
    expect(resource?.phase).toBe(phaseNumbers.SUCCEEDED);
    const { literals = {} } = resource?.outputs ?? {};
    expect(literals.text).toEqual(textLiteral("s3://bucket/n0/0"));
  });

  test("an element of a map task over a sync task, which propeller has run as a job", async () => {
    const { client, sync } = await served();
    let calls = 0;
    sync.answer = async () => ({ phase: "SUCCEEDED", message: `call ${++calls}` });
    const { resourceMeta } = await client.call(v1.createTask, createRequest("n0", "memory-sync", 1));
    const about = { resourceMeta, taskCategory: { name: "memory-sync", version: 1 } };
    const { resource } = await client.call(v1.getTask, about);
    expect([resource?.phase, resource?.message]).toEqual([phaseNumbers.SUCCEEDED, "call 1"]);
    await client.call(v1.deleteTask, about);
  });

  test("metrics, and a log page by page", async () => {
    const { client, memory } = await served();
    memory.lines = ["one", "two", "three"];
    const { resourceMeta } = await client.call(v1.createTask, createRequest("n0"));
    const about = { resourceMeta, taskCategory: { name: "memory" } };
    const asked = {
      ...about,
      queries: ["cpu", "memory"],
      startTime: timestampFromDate(new Date(1_700_000_000_250)),
      endTime: timestampFromDate(new Date(1_700_000_060_000)),
      step: { seconds: 2n, nanos: 500_000_000 },
    };
    const data = {
      values: [1, 2, 3],
      start: "2023-11-14T22:13:20.250Z",
      end: "2023-11-14T22:14:20.000Z",
      stepMs: 2500,
    };
    const expected = ["cpu", "memory"].map((metric) => ({ metric, data }));
    expect((await client.call(v1.getTaskMetrics, asked)).results).toMatchObject(expected);
    expect((await client.call(v2.getTaskMetrics, asked)).results).toMatchObject(expected);
    const [, one] = await client.stream(v1.getTaskLogs, [{ ...about, lines: 1n }]);
    expect(one?.part.value).toMatchObject({ structuredLines: [{ message: "one" }] });
    const first = await client.stream(v1.getTaskLogs, [about]);
    expect(first.map(({ part }) => part.case)).toEqual(["header", "body"]);
    expect(first[0]?.part.value).toMatchObject({ token: "2" });
    expect(first[1]?.part.value).toMatchObject({
      structuredLines: [{ message: "one", originator: 1 }, { message: "two" }],
    });
    const last = await client.stream(v1.getTaskLogs, [{ ...about, token: "2" }]);
    expect(last[0]?.part.value).toMatchObject({ token: "" });
  });
});

describe("Flyte v2", () => {
  test("discovers what v1 does: the same task types", async () => {
    const { client } = await served();
    const { connectors } = await client.call(ConnectorMetadataService.method.listConnectors, {});
    expect(connectors).toMatchObject([
      { name: "Memory", supportedTaskCategories: [{ name: "memory", version: 0 }] },
      { name: "Memory sync", supportedTaskCategories: [{ name: "memory-sync", version: 0 }] },
    ]);
    const { agents } = await client.call(AgentMetadataService.method.listAgents, {});
    const typesOf = (listed: typeof agents | typeof connectors) =>
      listed.map(({ name, supportedTaskCategories }) => [name, supportedTaskCategories.map((one) => one.name)]);
    expect(typesOf(connectors)).toEqual(typesOf(agents));
    for (const { name } of connectors) {
      const { connector } = await client.call(ConnectorMetadataService.method.getConnector, { name });
      expect(connector?.name).toBe(name);
    }
    await expect(client.call(ConnectorMetadataService.method.getConnector, { name: "Memry" })).rejects.toMatchObject({
      code: status.NOT_FOUND,
      details: expect.stringMatching(/did you mean "Memory"\?/),
    });
  });

  test("runs what answers at once as a job: the generation has no calls that are answered so", async () => {
    const { client, sync } = await served();
    let calls = 0;
    sync.answer = async () => ({ phase: "SUCCEEDED", message: `call ${++calls}` });
    const { resourceMeta } = await client.call(v2.createTask, createRequest("n0", "memory-sync"));
    const about = { resourceMeta, taskCategory: { name: "memory-sync", version: 0 } };
    for (let poll = 0; poll < 2; poll += 1) {
      const { resource } = await client.call(v2.getTask, about);
      expect([resource?.phase, resource?.message]).toEqual([phaseNumbers.SUCCEEDED, "call 1"]);
    }
    await client.call(v2.deleteTask, about);
    sync.answer = async () => ({ phase: "FAILED", message: "the request is wrong" });
    const failed = await client.call(v2.createTask, createRequest("n1", "memory-sync"));
    const { resource } = await client.call(v2.getTask, { ...about, resourceMeta: failed.resourceMeta });
    expect([resource?.phase, resource?.message]).toEqual([phaseNumbers.FAILED, "the request is wrong"]);
  });

  test("a job from its creation to its end, with a connection whose secrets are nowhere in the answers", async () => {
    const { client, memory } = await served();
    const seen: unknown[] = [];
    memory.onCreate = async ({ connection, inputs }) => {
      seen.push(connection?.configs, connection?.secrets.token?.reveal(), Object.keys(inputs.literals).sort());
    };
    const connection = { taskType: "memory", secrets: { token: "hunter2-hunter2" }, configs: { region: "eu" } };
    const { resourceMeta } = await client.call(v2.createTask, {
      ...createRequest("n0"),
      inputs: { literals: [{ name: "b" }, { name: "a" }] },
      connection,
    });
    expect(seen).toEqual([{ region: "eu" }, "hunter2-hunter2", ["a", "b"]]);
    expect(Buffer.from(resourceMeta).toString()).not.toContain("hunter2");
    const get = { resourceMeta, taskCategory: { name: "memory" }, connection };
    memory.message = "the vendor says hunter2-hunter2";
    const { resource } = await client.call(v2.getTask, get);
    expect(resource).toMatchObject({ phase: phaseNumbers.RUNNING, logLinks: [{ name: "Job", ready: true }] });
    expect(resource?.message).not.toContain("hunter2");
    await client.call(v2.deleteTask, get);
    expect((await client.call(v2.getTask, get)).resource?.phase).toBe(phaseNumbers.ABORTED);
  });

  test("lines of a log carry their ends", async () => {
    const { client, memory } = await served();
    memory.lines = ["one"];
    const { resourceMeta } = await client.call(v2.createTask, createRequest("n0"));
    const messages = await client.stream(v2.getTaskLogs, [{ resourceMeta, taskCategory: { name: "memory" } }]);
    expect(messages[1]?.part.value).toMatchObject({ lines: [{ message: "one\n", originator: 1 }] });
  });
});

describe("what goes wrong has its status, and no stack", () => {
  test("a type that nobody serves: flytekit's words", async () => {
    const { client } = await served();
    const notFound = { code: status.NOT_FOUND, details: "Cannot find connector for task type: nobody." };
    await expect(client.call(v1.createTask, createRequest("n0", "nobody"))).rejects.toMatchObject(notFound);
    const about = { resourceMeta: new Uint8Array(), taskCategory: { name: "nobody" } };
    for (const method of [v1.getTask, v1.deleteTask] as const) {
      await expect(client.call(method, about)).rejects.toMatchObject(notFound);
    }
    await expect(client.call(v2.getTask, about)).rejects.toMatchObject(notFound);
    await expect(client.call(v1.getTaskMetrics, about)).rejects.toMatchObject(notFound);
    await expect(client.stream(v1.getTaskLogs, [about])).rejects.toMatchObject(notFound);
    const header = { template: { type: "nobody" }, outputPrefix: "s3://bucket/n0/0" };
    const sync = client.stream(SyncAgentService.method.executeTaskSync, [
      { part: { case: "header", value: header } },
      { part: { case: "inputs", value: {} } },
    ]);
    await expect(sync).rejects.toMatchObject(notFound);
  });

  test("bytes that are no message, nested ones too; a request without a template, a prefix, an execution", async () => {
    const { client, memory } = await served();
    const invalid = { code: status.INVALID_ARGUMENT };
    const raw = Buffer.from("0aff", "hex");
    for (const method of [v1.createTask, v1.getTask, v1.deleteTask, v1.getTaskMetrics, v2.createTask] as const) {
      await expect(client.call(method, {}, { raw })).rejects.toMatchObject(invalid);
    }
    // field 2, a template whose interface is cut off
    const nested = Buffer.from("120a12066d656d6f727922ff1a0173", "hex");
    await expect(client.call(v1.createTask, {}, { raw: nested })).rejects.toMatchObject(invalid);
    await expect(client.call(v1.createTask, { outputPrefix: "s3://b/x" })).rejects.toMatchObject(invalid);
    await expect(client.call(v1.createTask, { template: { type: "memory" } })).rejects.toMatchObject(invalid);
    await expect(client.stream(SyncAgentService.method.executeTaskSync, [])).rejects.toMatchObject(invalid);
    await expect(
      client.stream(SyncAgentService.method.executeTaskSync, [{ part: { case: "inputs", value: {} } }]),
    ).rejects.toMatchObject(invalid);
    expect(memory.creates).toBe(0);
  });

  test("a meta that was not made here", async () => {
    const { client } = await served();
    const about = { resourceMeta: Buffer.from("{}"), taskCategory: { name: "memory" } };
    await expect(client.call(v1.getTask, about)).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  test("a kind of task that the connector does not run", async () => {
    const { client } = await served();
    const header = { template: { type: "memory" }, outputPrefix: "s3://bucket/n0/0" };
    const parts = [
      { part: { case: "header" as const, value: header } },
      { part: { case: "inputs" as const, value: {} } },
    ];
    await expect(client.stream(SyncAgentService.method.executeTaskSync, parts)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringMatching(/runs jobs/),
    });
  });
});
