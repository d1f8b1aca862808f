import { type Environment, graceMs } from "../container/environment.ts";

/** The descriptor, in a task's process, of the pipe whose other end the process that started it holds. */
export const lifelineDescriptor = 3;

/** Says that there is such a pipe. */
const lifelineVariable = "FLYTE_TS_LIFELINE";

/** The longest time that a task has to end once nobody waits for it any more, in milliseconds. */
const longestMs = 2000;

/** The variables of a process that is to end with this one. */
export const lifelineVariables: Environment = { [lifelineVariable]: String(lifelineDescriptor) };

/**
 * Ends this process when the one that started it has ended without saying so (by SIGKILL, say): with SIGTERM, and with
 * SIGKILL when that does not help. A thread watches, since the task's code may leave the main one no time.
 * @param env the process's variables; the one that says so is taken out, since the pipe is not for processes further on.
 */
export function holdLifeline(env: Record<string, string | undefined>): void {
  if (env[lifelineVariable] !== String(lifelineDescriptor)) return;
  delete env[lifelineVariable];
  // Not imported: a container's start has no use for it.
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const watch = new Worker(watchCode, {
    eval: true,
    execArgv: [],
    workerData: { fd: lifelineDescriptor, killAfterMs: Math.min(graceMs(env), longestMs) },
  });
  // Without the pipe nothing can be watched, and the task runs as it would on a cluster.
  watch.on("error", () => {});
  watch.unref();
}

const watchCode = `
const { Socket } = require("node:net");
const { workerData } = require("node:worker_threads");
new Socket({ fd: workerData.fd, readable: true, writable: false })
  .on("error", () => {})
  .on("close", () => {
    process.kill(process.pid, "SIGTERM");
    setTimeout(() => process.kill(process.pid, "SIGKILL"), workerData.killAfterMs);
  })
  .resume();
`;
