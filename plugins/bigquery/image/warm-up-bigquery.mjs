// Fills Node's compile cache with what a job loads, by running one from its template. BigQuery is this process.
import { once } from "node:events";
import { createServer } from "node:http";
import { bigqueryTask } from "@flyte-ts/bigquery";
import { t } from "@flyte-ts/core";
import { LiteralMap, TaskTemplate } from "@flyte-ts/core/plugin";
import { runEntrypoint } from "./entrypoint.mjs";

const destinationTable = { projectId: "p", datasetId: "d", tableId: "t" };
const server = createServer((request, response) => {
  request.resume();
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ status: { state: "DONE" }, configuration: { query: { destinationTable } } }));
}).listen(0, "127.0.0.1");
await once(server, "listening");
process.env.FLYTE_TS_BIGQUERY_ENDPOINT = `http://127.0.0.1:${server.address().port}`;

const query = bigqueryTask({
  name: "warm-up",
  config: { project: "p", location: "US" },
  inputs: { n: t.int },
  query: "select {{ .inputs.n }} as n",
  columns: { n: t.int },
  runAs: "pod",
});
const template = query.template({ project: "p", domain: "d", version: "1", module: "" });
const inputs = LiteralMap.fromJson({ literals: { n: { scalar: { primitive: { integer: "1" } } } } });

await runEntrypoint(["--resolver", "flyte-ts.template", "--", "s3://warm-up/task.pb", "@flyte-ts/bigquery"], {
  "s3://warm-up/task.pb": TaskTemplate.encode(template),
  "s3://warm-up/inputs.pb": LiteralMap.encode(inputs),
});
server.closeAllConnections();
server.close();
