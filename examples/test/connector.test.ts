import { compile } from "@flyte-ts/core";
import { ConnectorHost, ConnectorRegistry, silentLog } from "@flyte-ts/core/plugin";
import { taskRequest } from "@flyte-ts/core/testing";
import { expect, test } from "vitest";
import { BigQueryConnector } from "../connector/bigquery-connector.ts";
import { Warehouse } from "../connector/services.ts";
import { ask, explain, lateFlights } from "../connector/workflow.ts";

test("the connectors of Flyte's tutorial run in a workflow, with no service and no network", async () => {
  expect(await lateFlights({})).toEqual({ rows: 38 });
  expect(await ask({ prompt: "how are you" })).toBe("you are how");
  expect(await explain({})).toBe("mean? flights late 38 do what");
});

test("their tasks are registered with the tutorial's types, and something in their custom", async () => {
  const settings = { project: "p", domain: "d", version: "v", module: "connector/workflow.ts", image: "img:1" };
  const { tasks } = await compile(explain, settings);
  const found = tasks.map(({ template }) => [template?.type, template?.target.case, template?.custom] as const);
  expect(found.filter(([type]) => type !== "python-task").sort()).toEqual([
    ["bigquery", undefined, { query: "select * from flights where delay > 60" }],
    ["openai", undefined, {}],
  ]);
});

test("a job is one, also when it is created twice, and is cancelled when Flyte says so", async () => {
  const warehouse = new Warehouse();
  const registry = new ConnectorRegistry();
  registry.register("bigquery", new BigQueryConnector(warehouse));
  const request = taskRequest(lateFlights.template({ project: "p", domain: "d", version: "v", module: "" }));
  const { category } = request;
  // two services that know nothing of each other
  const [one, other] = [1, 2].map(() => new ConnectorHost({ registry, log: silentLog })) as [
    ConnectorHost,
    ConnectorHost,
  ];
  const resourceMeta = await one.create(request);
  expect(Buffer.from(await other.create(request))).toEqual(Buffer.from(resourceMeta));
  expect(warehouse.jobs.size).toBe(1);
  expect((await other.get({ category, resourceMeta })).phase).toBe("RUNNING");
  await other.delete({ category, resourceMeta });
  expect((await one.get({ category, resourceMeta })).phase).toBe("ABORTED");
  await Promise.all([one.close(), other.close()]);
});
