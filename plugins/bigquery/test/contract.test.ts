import assert from "node:assert/strict";
import { FlyteError, LiteralMap, TaskTemplate } from "@flyte-ts/core/plugin";
import { connectorContract, shimExecutorContract } from "@flyte-ts/core/testing";
import { describe, test, vi } from "vitest";
import { type BigQueryClient, endpointVariable } from "../src/client.ts";
import { BigQueryConnector } from "../src/connector.ts";
import manifest from "../src/plugin.ts";
import { sdkClient } from "../src/sdk-client.ts";
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

describe("the connector of BigQuery, with the key of a service account", () => {
  connectorContract({
    // the others meet no secret
    test: (name, run) => (name.startsWith("no secret") ? test(name, run) : undefined),
    subject: async () => {
      const vendor = await new BigQueryDouble().start();
      return {
        // Google's own authentication is not asked here: what matters is that each call knows the key, and keeps it to itself
        connector: new BigQueryConnector({
          client: async ({ credentials = "" }) => quoting(await sdkClient({ endpoint: vendor.endpoint }), credentials),
        }),
        vendor,
        connectionSecrets: ["writer"],
        template: TaskTemplate.fromJson({
          ...parts("bigquery_query_job_task"),
          sql: { statement: "select n from d.t where n >= @least", dialect: "ANSI" },
          custom: { ...custom, credentials: { key: "writer" } },
        }),
        inputs: { least: 2n },
        check: checkOutputs,
        close: () => vendor.close(),
      };
    },
  });
});

/** A client whose errors quote the credentials that it was made with, as vendors do. */
function quoting(client: BigQueryClient, credentials: string): BigQueryClient {
  assert.notEqual(credentials, "", "the secret is asked for");
  const quoted = async <T>(asked: Promise<T>): Promise<T> => {
    try {
      return await asked;
    } catch (error) {
      const { code, message } = FlyteError.from(error);
      throw new FlyteError(code, `${message} (${credentials})`, { cause: error });
    }
  };
  return {
    insertJob: (request, options) => quoted(client.insertJob(request, options)),
    getJob: (reference, options) => quoted(client.getJob(reference, options)),
    cancelJob: (reference, options) => quoted(client.cancelJob(reference, options)),
    childJobs: (parent, options) => quoted(client.childJobs(parent, options)),
    getTable: (table, options) => quoted(client.getTable(table, options)),
    listRows: (table, page, options) => quoted(client.listRows(table, page, options)),
  };
}

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
