/**
 * Shows that the packed packages work on the Node that runs this, for somebody who has nothing else: `node
 * scripts/smoke/main.ts`, not through npm, which would put the Node of the devDependencies first. CI runs it on the
 * oldest Node that the packages promise to run on.
 */
import { realpathSync } from "node:fs";
import { join } from "node:path";
import { entries } from "../check/entries.ts";
import { Project } from "../check/project.ts";
import { install } from "../check/tarballs.ts";
import { runProgram } from "../images/program.ts";
import { runDemoTask } from "./demo-task.ts";

await runProgram("smoke", async (scratch) => {
  const project = new Project(join(import.meta.dirname, "../.."), { scratch: realpathSync(scratch) });
  const { summary, findings } = await entries.run(project);
  if (findings.length > 0) throw new Error(findings.join("\n"));
  const rows = await runDemoTask(project, await install(project));
  console.log(`Node ${process.versions.node}: ${summary}; the demo's task found ${rows} rows`);
});
