import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, symlink } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type EmulatorName, emulatorTool, installedEmulators } from "./emulator-tools.ts";
import { type EmulatorFix, type Faults, startFaultProxy } from "./fault-proxy.ts";

const run = promisify(execFile);

/** How an emulator is started. */
export interface EmulatorOptions {
  /** What the proxy mends of it. */
  readonly fixes?: EmulatorFix | readonly EmulatorFix[];
  /** Variables for the emulator, such as `MOTO_S3_DEFAULT_MAX_KEYS`; `PROJECT` is local-bigquery's. */
  readonly env?: Readonly<Record<string, string>>;
}

/** An emulator that runs. */
export interface Emulator {
  /** Its address through the proxy, such as `http://127.0.0.1:4444`. */
  readonly endpoint: string;
  /** Its own address: for a measurement, and where nothing is to be mended. */
  readonly direct: string;
  readonly faults: Faults;
  stop(): Promise<void>;
}

/**
 * Starts an emulator of a vendor's service on loopback behind a proxy that injects faults, each on a free port, with data
 * of its own that goes when it stops: any number may run at once. It is installed when it is first needed.
 * @throws Error with the last words of what did not start.
 */
export async function startEmulator(name: EmulatorName, options: EmulatorOptions = {}): Promise<Emulator> {
  const installed = await installedEmulators(name);
  // A port that is free now can be taken before the emulator listens.
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(name, installed, options);
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

async function startOnce(
  name: EmulatorName,
  installed: string,
  { fixes = [], env = {} }: EmulatorOptions,
): Promise<Emulator> {
  const folder = await mkdtemp(join(tmpdir(), "flyte-ts-emulator-"));
  const port = await freePort();
  const direct = `http://127.0.0.1:${port}`;
  const end = guard(folder);
  try {
    await linkInstalled(installed, folder);
    const proxy = await startFaultProxy(direct, [fixes].flat(), join(folder, "log", "faults.pid"));
    const { STORAGE_EMULATOR_HOST: _, ...inherited } = process.env;
    const variables = { ...inherited, NODE: process.execPath, ...env, EMU: folder, EXTERNAL: proxy.endpoint };
    await run("bash", [emulatorTool("emu"), "start", name, String(port)], { env: variables });
    return { endpoint: proxy.endpoint, direct, faults: proxy.faults, stop: end };
  } catch (error) {
    await end();
    throw error;
  }
}

/**
 * Ends the processes whose ids stand in a folder's `log`, and removes the folder: when the function is called that this
 * gives, or when this process ends, in whatever way. So it is done by a process that waits for the end of its input.
 */
function guard(folder: string): () => Promise<void> {
  const script = 'read -r _; cat "$0"/log/*.pid 2>/dev/null | xargs -r kill -9 2>/dev/null; rm -rf "$0"';
  const waiting = spawn("bash", ["-c", script, folder], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  const ended = once(waiting, "exit");
  waiting.unref();
  (waiting.stdin as Socket).unref();
  return async () => {
    waiting.ref();
    waiting.stdin.end();
    await ended;
  };
}

/** A folder as `emu` wants it: what is installed is the machine's, data and logs are new. */
async function linkInstalled(installed: string, folder: string): Promise<void> {
  for (const entry of await readdir(installed, { withFileTypes: true })) {
    const own = entry.name === "data" || entry.name === "log";
    if (entry.isDirectory() && !own) await symlink(join(installed, entry.name), join(folder, entry.name));
  }
  for (const own of ["data", "log"]) await mkdir(join(folder, own));
}

/** A port that is free, as is the next one: local-bigquery listens on two. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = await listenOnce(0);
    if (port !== undefined && (await listenOnce(port + 1)) !== undefined) return port;
  }
}

/** Listens for a moment; undefined where the port is taken. */
function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? address?.port : undefined));
    });
  });
}
