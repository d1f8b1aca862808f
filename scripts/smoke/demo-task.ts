import { cpSync } from "node:fs";
import { join } from "node:path";
import { command } from "../check/command.ts";
import type { Project } from "../check/project.ts";
import type { Consumer } from "../check/tarballs.ts";

/**
 * Runs the demo's SQLite3 task in a project that has the packed packages alone, on the Node that runs this.
 * @returns how many rows the task found
 * @throws Error when a command fails, or the task finds nothing
 */
export async function runDemoTask(project: Project, { folder }: Consumer): Promise<number> {
  const demo = join(folder, "demo");
  cpSync(join(project.root, "examples/demo"), demo, { recursive: true });
  const examples = project.workspaces.find((workspace) => workspace.folder === "examples");
  const data = `vega-datasets@${examples?.manifest.devDependencies?.["vega-datasets"] ?? "latest"}`;
  const run = async (program: string, ...args: readonly string[]): Promise<string> => {
    const env = { FLIGHTS_DB: join(demo, "flights.db") };
    const { status, stdout, output } = await command(program, args, { cwd: folder, env });
    if (status !== 0) throw new Error(`"${[program, ...args].join(" ")}" ends with ${status}:\n${output.trim()}`);
    return stdout;
  };
  await run("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", data);
  const build = 'import { buildFlightsDatabase } from "./demo/database.ts"; await buildFlightsDatabase();';
  await run(process.execPath, "--input-type=module", "--eval", build);
  const flags = ["--minutes", "60", "--state", "CA", "--json"];
  const program = join(folder, "node_modules/.bin/flyte-ts");
  const printed = await run(program, "run", "demo/workflow.ts", "late-flights", ...flags);
  const { results } = JSON.parse(printed) as { readonly results: { readonly uri: string } };
  const count = `import { Dataset, FlyteContext } from "@flyte-ts/core";
    const rows = await Dataset.open(${JSON.stringify(results.uri)}, {}, FlyteContext.default()).toArray();
    console.log(rows.length);`;
  const rows = Number(await run(process.execPath, "--input-type=module", "--eval", count));
  if (rows === 0) throw new Error(`the demo's task found nothing: ${printed}`);
  return rows;
}
