import { bigqueryTask, useBigQueryTables } from "@flyte-ts/bigquery";
import { Dataset, FlyteContext } from "@flyte-ts/core";
import type { JobAnswer } from "@flyte-ts/core/plugin";
import { type Emulator, startEmulator } from "../emulators/emulator.ts";
import { openOutput } from "../task-files.ts";
import { requestFor, run } from "./job-runner.ts";

/** The project that the emulator has. */
export const config = { project: "p1" };

/** The variable that leads the plugin to an emulator. */
const endpointVariable = "FLYTE_TS_BIGQUERY_ENDPOINT";

/** Starts an emulator of BigQuery with a dataset `d`, and leads the plugin of this process to it, through the proxy. */
export async function startBigQuery(): Promise<Emulator> {
  const emulator = await startEmulator("localbq", { fixes: "bq", env: { PROJECT: config.project } });
  process.env[endpointVariable] = emulator.endpoint;
  useBigQueryTables();
  const body = JSON.stringify({ datasetReference: { projectId: config.project, datasetId: "d" } });
  await askEmulator(emulator, "datasets", { method: "POST", headers: { "content-type": "application/json" }, body });
  return {
    ...emulator,
    stop: async () => {
      delete process.env[endpointVariable];
      await emulator.stop();
    },
  };
}

/** Asks the emulator itself, past the proxy. @param path below the project. */
export async function askEmulator(
  { direct }: Emulator,
  path: string,
  init: RequestInit = {},
): Promise<Record<string, unknown>> {
  const answer = await fetch(`${direct}/bigquery/v2/projects/${config.project}/${path}`, init);
  return (await answer.json()) as Record<string, unknown>;
}

/** The rows of a job. @throws Error with its message when it has not succeeded. */
export function resultsOf({ phase, message, outputs }: JobAnswer): Dataset {
  if (phase !== "SUCCEEDED") throw new Error(`${phase}: ${message}`);
  return openOutput(outputs);
}

/** The dataset of a URI. */
export function datasetAt(uri: string): Dataset {
  return Dataset.open(uri, {}, FlyteContext.default());
}

/** The rows of a query. */
export async function rowsOf(query: string): Promise<unknown[]> {
  return resultsOf(await run(await requestFor(bigqueryTask({ name: "rows", config, query }), {}))).toArray();
}

/** Runs a statement to its end, without rows. */
export async function runStatement(query: string): Promise<JobAnswer> {
  return run(await requestFor(bigqueryTask({ name: "statement", config, query, output: "none" }), {}));
}
