import { BaseSensor, found, notYet, type PollRequest, sensorTaskOf, t } from "@flyte-ts/core";
import { ConnectorRegistry, definePlugin, LiteralMap, PluginSet, phaseNumbers } from "@flyte-ts/core/plugin";
import { AgentMetadataService, AsyncAgentService } from "@flyte-ts/idl/service";
import { expect, test } from "vitest";
import { checkHealth } from "../src/index.ts";
import { createRequest, served } from "./served.ts";

const v1 = AsyncAgentService.method;
const table = new Map<string, string>();

/** Waits for a key of a table. */
class KeySensor extends BaseSensor<{ readonly key: typeof t.string }, { readonly value: typeof t.string }> {
  readonly name = "key";
  readonly inputs = { key: t.string };
  readonly outputs = { value: t.string };
  async poll({ inputs: { key } }: PollRequest<{ readonly key: string }>) {
    const value = table.get(key);
    return value === undefined ? notYet(`the key ${key}`) : found({ value });
  }
}

const manifest = definePlugin({
  specVersion: 1,
  name: "@acme/keys",
  version: "1.0.0",
  provides: { sensors: { key: async () => new KeySensor() } },
});
const plugin = { package: { name: "@acme/keys", version: "1.0.0" }, manifest: async () => ({ default: manifest }) };
const text = (stringValue: string) => ({ scalar: { primitive: { stringValue } } });

test("the sensors of plugins are served by the sensor engine, under a task type of its own", async () => {
  const { service, client } = await served({ registry: new ConnectorRegistry(), plugins: new PluginSet([manifest]) });
  expect(service.taskTypes).toEqual(["flyte-ts-sensor"]);
  const address = `127.0.0.1:${service.port}`;
  for (const name of ["connector/flyte-ts-sensor", "plugin/@acme/keys"]) {
    expect(await checkHealth({ address, service: name })).toBe("SERVING");
  }
  const { agents } = await client.call(AgentMetadataService.method.listAgents, {});
  expect(agents.map(({ supportedTaskTypes }) => supportedTaskTypes)).toEqual([["flyte-ts-sensor"]]);

  const wait = sensorTaskOf(new KeySensor(), { name: "wait", pollInterval: 5, servedBy: plugin });
  const request = {
    ...createRequest("n0"),
    template: wait.template({ project: "p", domain: "d", version: "1", module: "" }),
    inputs: LiteralMap.fromJson({ literals: { key: text("x") } }),
  };
  const { resourceMeta } = await client.call(v1.createTask, request);
  const get = { resourceMeta, taskType: "flyte-ts-sensor", taskCategory: { name: "flyte-ts-sensor" } };
  expect((await client.call(v1.getTask, get)).resource?.phase).toBe(phaseNumbers.RUNNING);
  table.set("x", "there");
  let resource = (await client.call(v1.getTask, get)).resource;
  while (resource?.phase === phaseNumbers.RUNNING) resource = (await client.call(v1.getTask, get)).resource;
  expect(resource?.phase).toBe(phaseNumbers.SUCCEEDED);
  expect(resource?.outputs && LiteralMap.toJson(resource.outputs)).toEqual({ literals: { value: text("there") } });
  await client.call(v1.deleteTask, get);
});
