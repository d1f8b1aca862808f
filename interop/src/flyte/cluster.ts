import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkout } from "../task-files.ts";

/** The variable that names the folder of a cluster's commands: `up`, `in`, `connector`, `down`. */
export const clusterVariable = "FLYTE_TS_FLYTE";

/** The folder that is used unless the variable names another. */
export const defaultCluster: string = resolve(checkout, "../shared/flyte-v1");

/**
 * A Flyte v1 cluster, driven by four commands in a folder:
 *
 * - `up` starts it, or does nothing where it runs; it may take long the first time
 * - `in COMMAND…` runs a client of it, with `FLYTE_ADMIN`, `FLYTE_AWS_*` and `KUBECONFIG` in the environment
 * - `connector COMMAND…` starts a connector server and makes it known to propeller
 * - `down` ends it
 */
export class Cluster {
  /** The folder of the commands. */
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;

  /** @param env the environment of the commands. */
  constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.#env = env;
    const missing = ["up", "in", "connector", "down"].filter((name) => !existsSync(join(folder, name)));
    if (missing.length === 0) return;
    throw new Error(
      `there is no Flyte to test on: ${folder} lacks ${missing.join(", ")}. Name the folder of a cluster's commands in ${clusterVariable} (interop/README.md)`,
    );
  }

  /** Starts it. @throws Error with the command's last words when it does not come up. */
  up(env: NodeJS.ProcessEnv = {}): Promise<void> {
    return this.#command("up", env);
  }

  /** Ends it; nothing happens to one that does not run. */
  down(env: NodeJS.ProcessEnv = {}): Promise<void> {
    return this.#command("down", env);
  }

  /** Starts a connector server, and makes its task types known to propeller. */
  connector(...command: readonly string[]): Promise<void> {
    return this.#command("connector", {}, command);
  }

  /** Ends it at once, while this process exits. */
  downNow(): void {
    spawnSync(join(this.folder, "down"), { env: this.#env, stdio: "ignore" });
  }

  /** Starts a client of the cluster. */
  inside(...command: readonly string[]): ChildProcessWithoutNullStreams {
    return spawn(join(this.folder, "in"), command, { env: this.#env });
  }

  #command(name: string, env: NodeJS.ProcessEnv, args: readonly string[] = []): Promise<void> {
    return new Promise((done, fail) => {
      const child = spawn(join(this.folder, name), args, {
        env: { ...this.#env, ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          said += text;
        });
      }
      child.once("error", fail);
      // Not "close": what `up` starts may keep the streams open.
      child.once("exit", (status) => {
        if (status === 0) done();
        else fail(new Error(`${join(this.folder, name)} ends with ${status}:\n${said.slice(-4000)}`));
      });
    });
  }
}
