import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { emulatorTool } from "./emulator-tools.ts";

/** What `faults.mjs` mends of an emulator. */
export type EmulatorFix = "gcs" | "bq" | "athena";

/** A fault for requests that match; all of `method`, `path`, `target` and `query` are regular expressions. */
export interface FaultRule {
  readonly method?: string;
  /** Over the path with its query string. */
  readonly path?: string;
  /** Over `x-amz-target`. */
  readonly target?: string;
  /** Over the body. */
  readonly query?: string;
  /** How many that match pass before; 0. */
  readonly skip?: number;
  /** How many are hit; 1, and 0 is all until the rules are cleared. */
  readonly times?: number;
  /**
   * `answer`: the proxy's own answer; `lose`: the emulator does the work, and the answer is a reset; `truncate`: half of
   * the body, then a reset; `delay`: `ms` later, as usual; `reset` and `hang` without asking the emulator.
   */
  readonly do?: "answer" | "lose" | "reset" | "hang" | "truncate" | "delay";
  /** An answer of a vendor's, such as `s3-slowdown`; the proxy's source lists them. */
  readonly preset?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | object;
  readonly ms?: number;
  /** Seconds. */
  readonly retryAfter?: number;
}

/** A request that came through the proxy. */
export interface LoggedRequest {
  /** Milliseconds since 1970. */
  readonly t: number;
  readonly method: string;
  /** Path and query, the first 300 characters. */
  readonly url: string;
  readonly target?: string;
  /** What was done to it. */
  readonly fault?: string;
}

/** The proxy's controls. */
export interface Faults {
  add(...rules: readonly FaultRule[]): Promise<void>;
  /** Forgets all rules, and the log. */
  clear(): Promise<void>;
  /** The requests since the last `clear`. */
  log(): Promise<readonly LoggedRequest[]>;
}

/** The proxy in front of an emulator. */
export interface FaultProxy {
  readonly endpoint: string;
  readonly faults: Faults;
  stop(): void;
}

/**
 * Starts the proxy in front of an address, on a port of its own. It ends with this process, or is ended by whoever finds its
 * process id in a file.
 */
export async function startFaultProxy(
  to: string,
  fixes: readonly EmulatorFix[],
  pidFile?: string,
): Promise<FaultProxy> {
  const mends = fixes.length === 0 ? [] : ["--fix", fixes.join(",")];
  const child: ChildProcess = spawn(
    process.execPath,
    [emulatorTool("faults.mjs"), "--listen", "127.0.0.1:0", "--to", to, ...mends],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const stop = (): void => void child.kill();
  if (pidFile === undefined) process.once("exit", stop);
  else await writeFile(pidFile, `${child.pid}\n`);
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  const [said] = (await Promise.race([
    once(lines, "line"),
    once(child, "exit").then(([status]) => Promise.reject(new Error(`faults.mjs ended with ${status}`))),
  ])) as [string];
  const address = /127\.0\.0\.1:\d+/.exec(said)?.[0];
  // It does not keep this process alive.
  child.unref();
  (child.stdout as Socket | null)?.unref();
  if (address === undefined) throw new Error(`faults.mjs does not say where it listens: ${said}`);
  const endpoint = `http://${address}`;
  const control = async (init: RequestInit = {}): Promise<{ readonly log: readonly LoggedRequest[] }> =>
    (await fetch(`${endpoint}/__faults`, init)).json() as Promise<{ readonly log: readonly LoggedRequest[] }>;
  return {
    endpoint,
    faults: {
      add: async (...rules) => void (await control({ method: "POST", body: JSON.stringify(rules) })),
      clear: async () => void (await control({ method: "DELETE" })),
      log: async () => (await control()).log,
    },
    stop: () => {
      process.off("exit", stop);
      stop();
    },
  };
}
