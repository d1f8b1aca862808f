import assert from "node:assert/strict";
import { type CreateContext, type JobContext, LiteralMap, type Resource, TaskTemplate } from "@flyte-ts/core/plugin";
import { type ConnectorSubject, connectorContract } from "@flyte-ts/core/testing";
import { describe, expect, test } from "vitest";
import { QueryConnector, type QueryMeta, QueryVendor } from "./query-vendor.ts";

type Make = (vendor: QueryVendor) => QueryConnector;

const subjectOf = (make: Make, vendor = new QueryVendor()): ConnectorSubject => ({
  connector: make(vendor),
  vendor,
  template: TaskTemplate.fromJson({
    id: { project: "p", domain: "d", name: "query", version: "v1" },
    type: "query",
    interface: {
      inputs: { variables: { x: { type: { simple: "INTEGER" } } } },
      outputs: { variables: { rows: { type: { simple: "INTEGER" } } } },
    },
  }),
  inputs: { x: 3n },
  check: (outputs) => {
    assert.deepEqual(outputs && LiteralMap.toJson(outputs), {
      literals: { rows: { scalar: { primitive: { integer: "7" } } } },
    });
  },
  olderMetas: [{ version: 1, of: (meta) => ({ id: (meta as QueryMeta).query }) }],
});

const good: Make = (vendor) => new QueryConnector(vendor);

function casesOf(make: Make, vendor?: () => QueryVendor): Map<string, () => Promise<void>> {
  const cases = new Map<string, () => Promise<void>>();
  connectorContract({
    test: (name, run) => cases.set(name, run),
    subject: async () => subjectOf(make, vendor?.()),
  });
  return cases;
}

describe("the suite of connectors passes one that does all it should", () => {
  connectorContract({ test, subject: async () => subjectOf(good) });
});

describe("the suite of connectors passes one whose vendor cannot be asked by a key", () => {
  class Blind extends QueryConnector {
    override readonly find = undefined as never;
  }
  connectorContract({ test, subject: async () => subjectOf((vendor) => new Blind(vendor)) });
});
