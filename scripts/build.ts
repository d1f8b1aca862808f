/**
 * Builds the packages that have changed, with turbo, and says so in one line; where a build fails, all that turbo said of
 * it. Arguments go to turbo.
 */
import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const root = dirname(import.meta.dirname);
const started = Date.now();
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1" };
const args = ["run", "build", "--output-logs=errors-only", "--no-update-notifier", ...process.argv.slice(2)];
const turbo = spawn("turbo", args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
let said = "";
for (const stream of [turbo.stdout, turbo.stderr]) {
  stream.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
}
const ended = new Promise<number>((resolve, reject) => {
  turbo.once("error", reject).once("close", (code) => resolve(code ?? 2));
});

// Only a build that takes its time is announced.
await Promise.race([ended, sleep(1500, undefined, { ref: false })]);
if (turbo.exitCode === null) console.error("build: building the packages that have changed");
const code = await ended;
const [, all = ""] = /Tasks:\s+\d+ successful, (\d+) total/.exec(said) ?? [];
const [, cached] = /Cached:\s+(\d+) cached/.exec(said) ?? [];
if (code !== 0 || all === "") process.stderr.write(said);
else if (cached === all) console.error(`build: ${all} packages are up to date`);
else console.error(`build: ${Number(all) - Number(cached)} of ${all} packages built in ${seconds()} s`);
process.exitCode = code;

function seconds(): string {
  return ((Date.now() - started) / 1000).toFixed(0);
}
