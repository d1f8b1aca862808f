import { createHash } from "node:crypto";
import { cpSync, existsSync, rmSync } from "node:fs";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkout } from "../task-files.ts";

/**
 * The state of a cluster of plain processes that is this checkout's own, beside whatever cluster runs on the machine. What
 * is built (programs, a Python environment) belongs to the machine and is only linked to; the rest is new each time.
 */
export class OwnState {
  /** The folder. Not in the checkout, for the cluster's database runs as a user who may not enter that. */
  readonly folder: string;
  /** The folder where the machine's clusters keep what is built. */
  readonly shared: string;
  readonly #lock = join(checkout, "interop/.cache/e2e.pid");

  constructor(env: NodeJS.ProcessEnv) {
    this.shared = env.FLYTE_V1_DIR ?? "/var/tmp/flyte-v1";
    this.folder = `${this.shared}-e2e-${createHash("sha256").update(checkout).digest("hex").slice(0, 8)}`;
  }

  /** True when all that `up` builds is there. */
  get isBuilt(): boolean {
    const programs = [
      "bin/etcd",
      "bin/kube-apiserver",
      "bin/flyte-propeller",
      "bin/flyte-admin",
      "venv/bin/moto_server",
    ];
    return programs.every((program) => existsSync(join(this.shared, program)));
  }

  /** @throws Error when another run in this checkout uses the folder. */
  async claim(): Promise<void> {
    const pid = Number(await readFile(this.#lock, "utf8").catch(() => "0"));
    if (pid !== 0 && pid !== process.pid && isAlive(pid)) {
      throw new Error(`"npm run e2e" runs in this checkout already, as process ${pid}`);
    }
    await mkdir(join(this.#lock, ".."), { recursive: true });
    await writeFile(this.#lock, String(process.pid));
  }

  /** Makes the folder anew. Pods work below it, and find this checkout's packages there, as they would in an image. */
  async make(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
    await mkdir(this.folder, { recursive: true });
    for (const built of ["bin", "venv"]) await symlink(join(this.shared, built), join(this.folder, built));
    await symlink(join(checkout, "node_modules"), join(this.folder, "node_modules"));
  }

  /** Keeps the servers' and containers' logs in the checkout, and removes the folder. Works while the process exits. */
  remove(): void {
    const logs = join(checkout, "interop/.cache/e2e-logs");
    rmSync(logs, { recursive: true, force: true });
    for (const kept of ["log", "kubelet/pods"]) {
      const from = join(this.folder, kept);
      const filter = (path: string): boolean => !path.includes("/volumes/");
      if (existsSync(from)) cpSync(from, join(logs, kept), { recursive: true, filter });
    }
    rmSync(this.folder, { recursive: true, force: true });
    rmSync(this.#lock, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
