import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";

/** How a program ended. */
export interface Ended {
  /** The exit code, or null when a signal ended it. */
  readonly status: number | null;
  /** Standard output and standard error in the order of their arrival. */
  readonly output: string;
  /** Standard output alone. */
  readonly stdout: string;
}

/** Where and how a program runs. */
export interface CommandOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** After this many milliseconds the program and its children are killed; two minutes by default. */
  readonly timeoutMs?: number;
}

/**
 * Runs a program to its end, whatever its exit code. The program gets no input.
 * @throws when it cannot be started
 */
export function command(program: string, args: readonly string[], options: CommandOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const all: Buffer[] = [];
    const out: Buffer[] = [];
    const limit = options.timeoutMs ?? 120_000;
    const timer = setTimeout(() => {
      all.push(Buffer.from(`\nkilled after ${limit / 1000} s\n`));
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, limit);
    child.stdout.on("data", (chunk: Buffer) => {
      all.push(chunk);
      out.push(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => all.push(chunk));
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once("close", (status) => {
      clearTimeout(timer);
      resolve({ status, output: Buffer.concat(all).toString(), stdout: Buffer.concat(out).toString() });
    });
  });
}

/** The lines of a program's output that say something, without colours. */
export function lines(output: string): string[] {
  return stripVTControlCharacters(output)
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "" && !line.startsWith("npm warn"));
}
