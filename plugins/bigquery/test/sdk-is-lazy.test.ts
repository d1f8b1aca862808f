import { expect, test, vi } from "vitest";

const loads = vi.hoisted(() => [] as string[]);
vi.mock("@google-cloud/bigquery", async (original) => {
  loads.push("@google-cloud/bigquery");
  return original();
});
vi.mock("google-auth-library", async (original) => {
  loads.push("google-auth-library");
  return original();
});

test("the SDK is loaded when a job is first started or a table first read, not before", async () => {
  const { bigqueryTask } = await import("../src/index.ts");
  const { default: manifest } = await import("../src/plugin.ts");
  bigqueryTask({ name: "t", config: { project: "p" }, query: "select 1" });
  await manifest.provides.connectors?.bigquery_query_job_task?.();
  await manifest.provides.executors?.["bigquery_query_job_task-pod"]?.();
  await manifest.provides.tables?.bq?.();
  expect(loads).toEqual([]);
  const { sdkClient } = await import("../src/sdk-client.ts");
  await sdkClient({ endpoint: "http://127.0.0.1:1" });
  expect(loads.sort()).toEqual(["@google-cloud/bigquery", "google-auth-library"]);
});
