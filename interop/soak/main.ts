/**
 * Long tests of the connector service, run by hand: `npm run soak` kills it 50 times under 200 tasks,
 * `npm run soak -- load [--minutes N]` keeps it at 80% of what it can for ten minutes, with a vendor that has faults.
 */
import { parseArgs } from "node:util";
import { loaded } from "./load.ts";
import { restarts } from "./restarts.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tasks: { type: "string", default: "200" },
    restarts: { type: "string", default: "50" },
    minutes: { type: "string", default: "10" },
    port: { type: "string", default: "18730" },
  },
});
const report = (line: string): void => console.error(line);
const port = Number(values.port);
const wrong: string[] = [];
if (positionals[0] === "load") {
  const result = await loaded({ minutes: Number(values.minutes), port, report });
  console.log(JSON.stringify(result, undefined, 2));
  wrong.push(...result.wrong);
} else {
  const tasks = Number(values.tasks);
  const { created, jobs, ended, lost } = await restarts({ tasks, restarts: Number(values.restarts), port, report });
  const cancelled = jobs.filter(({ state }) => state === "cancelled").length;
  const aborted = ended.filter((end) => end === "aborted").length;
  const running = jobs.filter(({ state }) => state === "running").length;
  console.log({ tasks, created, succeeded: tasks - aborted, aborted, cancelled, running, lost });
  if (created !== tasks) wrong.push(`${created} jobs for ${tasks} tasks`);
  if (cancelled !== aborted) wrong.push(`${aborted} tasks were aborted, and ${cancelled} jobs cancelled`);
  if (running > 0) wrong.push(`${running} jobs are left behind`);
}
for (const line of wrong) console.error(`wrong: ${line}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
