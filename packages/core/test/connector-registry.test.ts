import { inspect } from "node:util";
import {
  ConnectorRegistry,
  isSyncConnector,
  isTerminal,
  metaSchema,
  phaseNumbers,
  Secret,
} from "@flyte-ts/core/plugin";
import { describe, expect, test } from "vitest";
import { CountingConnector } from "./counting-vendor.ts";

const jobs = {
  name: "Jobs",
  meta: { version: 1, schema: metaSchema(() => undefined) },
  create: async () => ({}),
  get: async () => ({ phase: "RUNNING" as const }),
  delete: async () => {},
};
const answering = { name: "Answer", do: async () => ({ phase: "SUCCEEDED" as const }) };

describe("a registry of connectors", () => {
  test("knows the connector of every type, and each connector once", () => {
    const registry = new ConnectorRegistry();
    const jobs = new CountingConnector();
    registry.register("b", jobs);
    registry.register("a", jobs);
    registry.register("c", answering);
    expect(registry.get("a")).toBe(jobs);
    expect([registry.has("c"), registry.has("d")]).toEqual([true, false]);
    expect(registry.list()).toEqual([
      { connector: answering, taskTypes: ["c"], isSync: true },
      { connector: jobs, taskTypes: ["a", "b"], isSync: false },
    ]);
    expect([isSyncConnector(answering), isSyncConnector(jobs)]).toEqual([true, false]);
  });

  test("takes a second connector of a type only when it is told to", () => {
    const registry = new ConnectorRegistry();
    const first = new CountingConnector();
    registry.register("a", first);
    registry.register("a", first);
    expect(() => registry.register("a", answering)).toThrow(
      'the connectors Counting and Answer both serve the task type "a"',
    );
    registry.register("a", answering, { override: true });
    expect(registry.get("a")).toBe(answering);
  });

  test("serves no type of pods, and no type without a name", () => {
    const register = (taskType: string) => () => new ConnectorRegistry().register(taskType, answering);
    expect(register("a-pod")).toThrow(
      'cannot serve the task type "a-pod": types that end in -pod run in pods; register "a"',
    );
    expect(register("")).toThrow('cannot serve the task type "": it must have a name');
  });

  test.each<[unknown, string]>([
    [undefined, "it is undefined"],
    [{}, "it has no name, meta, create, get, delete"],
    [{ do: async () => {} }, "it has no name"],
    [{ name: "A", do: 5 }, "its do is 5; it must be a function"],
    [{ name: "", do: async () => {} }, 'its name is ""; it must be a text'],
    [{ ...answering, create: async () => {} }, "it has do and create; a connector answers at once, or it runs jobs"],
    [{ ...jobs, delete: undefined }, "it has no delete"],
    [{ ...jobs, get: "x" }, 'its get is "x"; it must be a function'],
    [{ ...jobs, meta: { ...jobs.meta, version: 0 } }, "its meta.version is 0; it must be a whole number from 1"],
    [{ ...jobs, meta: { version: 1 } }, "its meta.schema is undefined; it must be a schema of Standard Schema"],
  ])("refuses %o", (connector, issue) => {
    const register = () => new ConnectorRegistry().register("a", connector as never);
    expect(register).toThrow(`what is registered for the task type "a" is no connector: ${issue}`);
  });

  test("knows connectors by their names, and tells of one that it does not know what was meant", () => {
    const registry = new ConnectorRegistry();
    expect(() => registry.metadata("Answer")).toThrow('there is no connector with the name "Answer"; there are none');
    const jobs = new CountingConnector();
    registry.register("b", jobs);
    registry.register("a", jobs);
    registry.register("c", answering);
    expect(registry.metadata("Counting")).toEqual({ connector: jobs, taskTypes: ["a", "b"], isSync: false });
    expect(() => registry.metadata("Answr")).toThrow('did you mean "Answer"?; there are "Answer", "Counting"');
  });

  test("tells of a type that it does not know what was meant", () => {
    const registry = new ConnectorRegistry();
    expect(() => registry.get("a")).toThrow("served are none");
    registry.register("bigquery_query_job_task", answering);
    expect(() => registry.get("bigquery_query_task")).toThrow('did you mean "bigquery_query_job_task"?');
  });
});

describe("a secret", () => {
  const secret = new Secret("the text");

  test("gives its text to who asks for it, and to nobody else", () => {
    expect(secret.reveal()).toBe("the text");
    expect(`${secret} ${inspect({ secret })} ${String(secret)}`).not.toContain("the text");
    expect(() => JSON.stringify({ secret })).toThrow("a secret is not serialised");
    expect([Secret.is(secret), Secret.is("the text"), Secret.is(null)]).toEqual([true, false, false]);
  });
});

test("phases have Flyte's numbers, and four of them end a job", () => {
  expect(
    Object.entries(phaseNumbers)
      .sort(([, a], [, b]) => a - b)
      .map(([phase]) => phase),
  ).toEqual([
    "QUEUED",
    "RUNNING",
    "SUCCEEDED",
    "ABORTED",
    "FAILED",
    "INITIALIZING",
    "WAITING_FOR_RESOURCES",
    "RETRYABLE_FAILED",
  ]);
  const ending = Object.keys(phaseNumbers).filter((phase) => isTerminal(phase as never));
  expect(ending.sort()).toEqual(["ABORTED", "FAILED", "RETRYABLE_FAILED", "SUCCEEDED"]);
});
