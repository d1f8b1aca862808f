/**
 * The demo: builds the database, shows the graph, and runs the workflow with every task in a process of its own, through
 * the same command that a container runs.
 */
import { spawnSync } from "node:child_process";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { buildFlightsDatabase, flightsDatabase } from "./database.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const workflow = "examples/demo/workflow.ts";

function flyteTs(...args: readonly string[]): void {
  console.log(`$ npx flyte-ts ${args.join(" ")}\n`);
  const { status } = spawnSync(join(root, "node_modules/.bin/flyte-ts"), args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 2);
  console.log();
}

const { rows, built } = await buildFlightsDatabase();
console.log(
  `${built ? "Built" : "Found"} ${relative(root, flightsDatabase)}: ${rows.toLocaleString("en")} rows in three tables\n`,
);
flyteTs("graph", workflow);
flyteTs("run", workflow, "late-flights-report", "--state", "CA", "--isolate", "process", ...process.argv.slice(2));
