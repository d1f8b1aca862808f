import assert from "node:assert/strict";
import { LiteralMap, TaskTemplate } from "@flyte-ts/core/plugin";
import { connectorContract, shimExecutorContract } from "@flyte-ts/core/testing";
import { describe, test, vi } from "vitest";
import { endpointVariable } from "../src/client.ts";
import { BigQueryConnector } from "../src/connector.ts";
import manifest from "../src/plugin.ts";
import { BigQueryDouble } from "./bigquery-double.ts";

const columns = [{ name: "n", literalType: { simple: "INTEGER" } }];

const custom = { ProjectID: "p1", Location: "US", Domain: "d" };
const parts = (type: string) => ({
  id: { project: "p", domain: "d", name: "t", version: "v1" },
  type,
  interface: {
    inputs: { variables: { least: { type: { simple: "INTEGER" } } } },
    outputs: { variables: { results: { type: { structuredDatasetType: { columns } } } } },
  },
});

/** In flytekit's form: a dataset of no format, of the declared columns. */
function checkOutputs(outputs: LiteralMap | undefined): void {
  const { literals } = LiteralMap.toJson(outputs ?? assert.fail("there are no outputs")) as {
    readonly literals: {
      readonly results: { readonly scalar: { readonly structuredDataset: { readonly uri: string } } };
    };
  };
  const { uri, ...rest } = literals.results.scalar.structuredDataset;
  assert.match(uri, /^bq:\/\/p1:_anonymous\.anon_[0-9a-f]{8}$/);
  assert.deepEqual(rest, { metadata: { structuredDatasetType: { columns } } });
}

describe("the connector of BigQuery", () => {
  connectorContract({
    test,
    subject: async () => {
      const vendor = await new BigQueryDouble().start();
      return {
        connector: new BigQueryConnector({ endpoint: vendor.endpoint }),
        vendor,
        template: TaskTemplate.fromJson({
          ...parts("bigquery_query_job_task"),
          sql: { statement: "select n from d.t where n >= @least", dialect: "ANSI" },
          custom,
        }),
        inputs: { least: 2n },
        check: checkOutputs,
        close: () => vendor.close(),
      };
    },
  });
});

describe("the executor of BigQuery in a pod", () => {
  shimExecutorContract({
    test,
    manifest,
    taskType: "bigquery_query_job_task-pod",
    subject: async () => {
      const vendor = await new BigQueryDouble().start();
      vendor.started = ({ configuration }) => (configuration.query.query === "wrong" ? "failed" : "succeeded");
      vi.stubEnv(endpointVariable, vendor.endpoint);
      const run = (changes: object) => ({
        template: TaskTemplate.fromJson({
          ...parts("bigquery_query_job_task-pod"),
          container: { image: "bigquery" },
          custom: { ...custom, statement: "select n from d.t where n >= @least", ...changes },
        }),
        inputs: { least: 2n },
      });
      return {
        ...run({}),
        check: async (outputs) => checkOutputs(outputs),
        mistakes: {
          "a query that fails": run({ statement: "wrong" }),
          "no query": run({ statement: "" }),
          "no project": run({ ProjectID: "" }),
        },
        close: async () => {
          vi.unstubAllEnvs();
          await vendor.close();
        },
      };
    },
  });
});
