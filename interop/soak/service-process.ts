import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

const cli = join(import.meta.dirname, "../../packages/cli/bin/flyte-ts.js");

/** `flyte-ts serve connector` with the soak plugin, supervised, in processes of its own. */
export class ServiceProcess {
  readonly port: number;
  readonly #process: ChildProcess;
  #pid = 0;
  #starts = 0;
  #waiting: (() => void)[] = [];
  #last = "";

  private constructor(port: number, vendor: string, env: Readonly<Record<string, string>>) {
    this.port = port;
    const args = ["serve", "connector", "--supervise", "--host", "127.0.0.1", "--port", String(port), "--no-metrics"];
    this.#process = spawn(process.execPath, [cli, ...args, "--log-level", "info"], {
      cwd: join(import.meta.dirname, "plugin"),
      env: { ...process.env, SOAK_VENDOR: vendor, FLYTE_TS_PLUGINS: "", ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    if (this.#process.stdout === null) return;
    createInterface({ input: this.#process.stdout }).on("line", (line) => {
      this.#last = line;
      const { msg, pid } = JSON.parse(line) as { readonly msg: string; readonly pid?: number };
      if (msg !== "the service runs" || pid === undefined) return;
      this.#pid = pid;
      this.#starts += 1;
      for (const resume of this.#waiting.splice(0)) resume();
    });
  }

  /** Starts it, with variables of its own, and waits until it serves. */
  static async start(
    port: number,
    vendor: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<ServiceProcess> {
    const service = new ServiceProcess(port, vendor, env);
    await service.#started(1);
    return service;
  }

  /** Kills the service behind the port, and waits until the next one serves. */
  async kill(): Promise<void> {
    const next = this.#starts + 1;
    process.kill(this.#pid, "SIGKILL");
    await this.#started(next);
  }

  /** Lets a new service take over. */
  async restart(): Promise<void> {
    const next = this.#starts + 1;
    this.#process.kill("SIGUSR2");
    await this.#started(next);
  }

  /** Resident memory of the service, in bytes. */
  memory(): number {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.#pid}/status`, "utf8"))?.[1]) * 1024;
  }

  /** Ends it all, and waits for it. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#process.exitCode !== null) resolve();
      this.#process.once("exit", () => resolve());
      this.#process.kill("SIGTERM");
    });
  }

  async #started(count: number): Promise<void> {
    while (this.#starts < count) {
      await new Promise<void>((resolve, reject) => {
        this.#waiting.push(resolve);
        this.#process.once("exit", (code) => reject(new Error(`the service ended with ${code}: ${this.#last}`)));
      });
    }
  }
}
