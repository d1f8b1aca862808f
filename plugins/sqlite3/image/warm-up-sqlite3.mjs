// Fills Node's compile cache with what a query loads, by running one from its template.
import { rmSync } from "node:fs";
import { t } from "@flyte-ts/core";
import { LiteralMap, TaskTemplate } from "@flyte-ts/core/plugin";
import { sqlite3Task } from "@flyte-ts/sqlite3";
import Database from "better-sqlite3";
import { runEntrypoint } from "./entrypoint.mjs";

const file = "/tmp/warm-up.sqlite";
const database = new Database(file);
database.exec("create table rows (n integer, r real, s text, b blob); insert into rows values (1, 1.5, 'a', x'00')");
const bytes = database.serialize();
database.close();
rmSync(file);

const query = sqlite3Task({
  name: "warm-up",
  config: { uri: "s3://warm-up/rows.sqlite" },
  inputs: { n: t.int },
  query: "select n, r, s, b from rows where n = {{ .inputs.n }}",
  columns: { n: t.int, r: t.float, s: t.string, b: t.bytes },
});
const template = query.template({ project: "p", domain: "d", version: "1", module: "" });
const inputs = LiteralMap.fromJson({ literals: { n: { scalar: { primitive: { integer: "1" } } } } });

await runEntrypoint(["--resolver", "flyte-ts.template", "--", "s3://warm-up/task.pb", "@flyte-ts/sqlite3"], {
  "s3://warm-up/rows.sqlite": bytes,
  "s3://warm-up/task.pb": TaskTemplate.encode(template),
  "s3://warm-up/inputs.pb": LiteralMap.encode(inputs),
});
