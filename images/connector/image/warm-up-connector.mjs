// Runs the service once in the image's build, asks it for its health, and ends it: Node's compile cache then has all that
// a start loads.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

const args = ["serve", "connector", "--strict", "--host", "127.0.0.1", "--port", "18000", "--no-metrics"];
const service = spawn("flyte-ts", args, { stdio: "inherit" });
const ended = once(service, "exit");
let serving = false;
for (let left = 100; left > 0 && !serving && service.exitCode === null; left -= 1) {
  const asked = spawnSync("flyte-ts", ["serve", "connector", "--check", "--host", "127.0.0.1", "--port", "18000"]);
  serving = asked.status === 0;
}
service.kill("SIGTERM");
await ended;
if (!serving) {
  console.error("warm-up: the service does not serve");
  process.exit(1);
}
