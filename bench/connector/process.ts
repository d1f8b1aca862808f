import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** A server of the bench in a process of its own. */
export interface Served {
  readonly port: number;
  /** Seconds of processor time that it has used. */
  cpuSeconds(): number;
  /** Resident memory, in bytes. */
  memory(): number;
  stop(): Promise<void>;
}

/**
 * Starts a server, on the first processor alone where that can be chosen, and waits for the line `port N`.
 * @throws Error with its exit code when it ends before.
 */
export async function serve(command: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<Served> {
  const [program = "", ...args] = pinned(command);
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  const port = await portOf(child, command.join(" "));
  const { pid = 0 } = child;
  return {
    port,
    cpuSeconds: () => {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /, "")
        .split(" ");
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    memory: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024,
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => resolve());
        child.kill("SIGKILL");
      }),
  };
}

/** Servers share no processor with what sends them requests. */
function pinned(command: readonly string[]): readonly string[] {
  return process.env.FLYTE_TS_BENCH_UNPINNED === undefined ? ["taskset", "-c", "0", ...command] : command;
}

function portOf(child: ChildProcess, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code}`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [, port] = /^port (\d+)$/.exec(line) ?? [];
      if (port !== undefined) resolve(Number(port));
    });
  });
}
