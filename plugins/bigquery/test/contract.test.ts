import assert from "node:assert/strict";
import { LiteralMap, TaskTemplate } from "@flyte-ts/core/plugin";
import { connectorContract } from "@flyte-ts/core/testing";
import { describe, test } from "vitest";
import { BigQueryConnector } from "../src/connector.ts";
import { BigQueryDouble } from "./bigquery-double.ts";

const columns = [{ name: "n", literalType: { simple: "INTEGER" } }];

describe("the connector of BigQuery", () => {
  connectorContract({
    test,
    subject: async () => {
      const vendor = await new BigQueryDouble().start();
      return {
        connector: new BigQueryConnector({ endpoint: vendor.endpoint }),
        vendor,
        template: TaskTemplate.fromJson({
          id: { project: "p", domain: "d", name: "t", version: "v1" },
          type: "bigquery_query_job_task",
          interface: {
            inputs: { variables: { least: { type: { simple: "INTEGER" } } } },
            outputs: { variables: { results: { type: { structuredDatasetType: { columns } } } } },
          },
          sql: { statement: "select n from d.t where n >= @least", dialect: "ANSI" },
          custom: { ProjectID: "p1", Location: "US", Domain: "d" },
        }),
        inputs: { least: 2n },
        // In flytekit's form: a dataset of no format, of the declared columns.
        check: (outputs) => {
          const { literals } = LiteralMap.toJson(outputs ?? assert.fail("there are no outputs")) as {
            readonly literals: {
              readonly results: { readonly scalar: { readonly structuredDataset: { readonly uri: string } } };
            };
          };
          const { uri, ...rest } = literals.results.scalar.structuredDataset;
          assert.match(uri, /^bq:\/\/p1:_anonymous\.anon_[0-9a-f]{8}$/);
          assert.deepEqual(rest, { metadata: { structuredDatasetType: { columns } } });
        },
        close: () => vendor.close(),
      };
    },
  });
});
