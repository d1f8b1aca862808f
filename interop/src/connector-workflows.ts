/** Workflows of connector tasks: what the end-to-end tests run on a real Flyte, through our connector service. */
import { athenaTask } from "@flyte-ts/athena";
import { bigqueryTask } from "@flyte-ts/bigquery";
import { t, task, workflow } from "@flyte-ts/core";
import { httpTask } from "@flyte-ts/http";

/** Where BigQuery is for the tasks' containers; known to whoever registers them. */
const environment = { FLYTE_TS_BIGQUERY_ENDPOINT: process.env.FLYTE_TS_E2E_BIGQUERY ?? "" };
const config = { project: "p1" };

const words = {
  config,
  inputs: { count: t.int, word: t.string },
  query: `select n, concat({{ .inputs.word }}, ' ', cast(n as string)) as label
          from unnest(generate_array(1, {{ .inputs.count }})) as n order by n`,
  columns: { n: t.int, label: t.string },
} as const;
const byConnector = bigqueryTask({ name: "interop.words", ...words });
const byPod = bigqueryTask({ name: "interop.words-pod", ...words, runAs: "pod", environment });
const labels = task({
  name: "interop.labels",
  inputs: { rows: byConnector.outputs.results },
  output: t.string,
  environment,
  run: async ({ rows }) => {
    const all: string[] = [];
    for await (const { n, label } of rows.rows()) all.push(`${n}: ${label}`);
    return all.join(", ");
  },
});

/** One query, as a job of the connector service and from a pod; a task of ours reads both results. */
export const queried = workflow({
  name: "interop.queried",
  inputs: { count: t.int, word: t.string },
  build: ({ count, word }) => ({
    byConnector: labels({ rows: byConnector({ count, word }).results }),
    byPod: labels({ rows: byPod({ count, word }).results }),
  }),
});

const one = workflow({
  name: "interop.one-query",
  inputs: { word: t.string },
  build: ({ word }) => labels({ rows: byConnector({ count: 2, word }).results }),
});

/** One sub-workflow twice at once: propeller sends the same task execution id for both queries. */
export const twice = workflow({
  name: "interop.twice",
  inputs: { word: t.string },
  build: ({ word }) => ({ left: one({ word }), right: one({ word }) }),
});

/** A query that BigQuery refuses. */
export const refused = workflow({
  name: "interop.refused",
  inputs: {},
  build: () => bigqueryTask({ name: "interop.no-table", config, query: "select * from nowhere.nothing" })(),
});

/** A query that runs until it is stopped. */
export const endless = workflow({
  name: "interop.endless",
  inputs: {},
  build: () =>
    bigqueryTask({
      name: "interop.long-query",
      config,
      query: `select count(*) as pairs from unnest(generate_array(1, 400000)) as a, unnest(generate_array(1, 400000)) as b
              where mod(a * b, 7) = 3`,
    })(),
});

/** A request, and its answer. */
export const greeted = workflow({
  name: "interop.greeted",
  inputs: { url: t.string, name: t.string },
  build: ({ url, name }) => {
    const greet = httpTask({
      name: "interop.greet",
      inputs: { url: t.string, name: t.string },
      url: "{inputs.url}",
      method: "POST",
      headers: { "x-greeting": "hello" },
      body: { to: "{inputs.name}" },
      output: "text",
    });
    return greet({ url, name });
  },
});

/** A query of Athena, whose rows a task of ours reads from the cluster's store. */
export const scanned = workflow({
  name: "interop.scanned",
  inputs: { word: t.string },
  build: ({ word }) => {
    const scan = athenaTask({
      name: "interop.scan",
      config: { outputLocation: "s3://flyte/athena/" },
      inputs: { word: t.string },
      query: "select n, label from words where label = {{ .inputs.word }}",
      columns: { n: t.int, label: t.string },
    });
    return labels({ rows: scan({ word }).results });
  },
});
