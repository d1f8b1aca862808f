import { constants } from "node:os";
import { FlyteError } from "../errors/flyte-error.ts";

/** How much of what a program says at the end is kept for messages, in bytes. */
const tailBytes = 4096;

/** How long after SIGTERM a program gets SIGKILL, in milliseconds. */
const killAfterMs = 10_000;

/** A program to run. */
export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Aborted, the program and those that it started get SIGTERM. */
  readonly signal: AbortSignal;
  /** Whether what it prints is shown as it comes; else only the end of standard error is kept. */
  readonly shown: boolean;
}

/** How a program ended. */
export interface ProcessEnd {
  /** 128 and the signal's number when a signal ended it. */
  readonly exitCode: number;
  /** The last of what it wrote to standard error. */
  readonly tail: string;
}

/**
 * Runs a program to its end, in a process group of its own.
 * @throws FlyteError `NotFound` when there is no such program; the signal's reason once it has ended after an abort.
 */
export async function runProcess(
  program: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<ProcessEnd> {
  const { env = process.env, cwd, signal, shown } = options;
  // Imported when it is first needed: every container pays for what stands at the top.
  const { spawn } = await import("node:child_process");
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env,
      cwd,
      stdio: ["ignore", shown ? "inherit" : "ignore", "pipe"],
      detached: true,
    });
    let kill: NodeJS.Timeout | undefined;
    const send = (name: "SIGTERM" | "SIGKILL"): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name);
      } catch {
        // it has ended by itself
      }
    };
    const stop = (): void => {
      send("SIGTERM");
      kill = setTimeout(() => send("SIGKILL"), killAfterMs);
    };
    const end = (): void => {
      clearTimeout(kill);
      signal.removeEventListener("abort", stop);
    };
    let tail = Buffer.alloc(0);
    child.stderr?.on("data", (chunk: Buffer) => {
      tail = Buffer.concat([tail, chunk]).subarray(-tailBytes);
      if (shown) process.stderr.write(chunk);
    });
    child.once("error", (cause: NodeJS.ErrnoException) => {
      end();
      const code = cause.code === "E2BIG" ? "TooLarge" : "NotFound";
      reject(new FlyteError(code, `the command "${program}" cannot be started: ${cause.message}`, { cause }));
    });
    child.once("close", (code, by) => {
      end();
      if (signal.aborted) return reject(signal.reason);
      const exitCode = code ?? 128 + (by === null ? 0 : constants.signals[by]);
      resolve({ exitCode, tail: tail.toString("utf8").trim() });
    });
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
}
