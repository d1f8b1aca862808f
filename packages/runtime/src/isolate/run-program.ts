import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { constants } from "node:os";
import { type Clock, FlyteError } from "@flyte-ts/core/plugin";
import type { Environment } from "../container/environment.ts";
import { lifelineDescriptor, lifelineVariables } from "./lifeline.ts";

/** How much of what a program says at the end is kept for messages, in bytes. */
const tailBytes = 4096;

/** A program to run. */
export interface ProgramOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Environment;
  readonly cwd: string;
  /** Aborted, the program gets SIGTERM. */
  readonly signal: AbortSignal;
  /** How long after SIGTERM it gets SIGKILL, in milliseconds. */
  readonly killAfterMs: number;
  readonly clock: Clock;
  /** Takes what the program prints, as it comes. */
  readonly output: (stream: "stdout" | "stderr", chunk: Uint8Array) => void;
}

/** How a program ended. */
export interface ProgramEnd {
  /** 128 and the signal's number when a signal ended it. */
  readonly exitCode: number;
  /** The last of what it wrote to standard error. */
  readonly tail: string;
}

/** Runs a program to its end. */
export function runProgram(options: ProgramOptions): Promise<ProgramEnd> {
  const { program, args, env, cwd, signal, killAfterMs, clock, output } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...env, ...lifelineVariables },
      cwd,
      // The last is never written to: it closes when this process ends, however it does.
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      // A terminal's Ctrl-C reaches every process of its group: with our SIGTERM that would be two, which end it at once.
      detached: process.platform !== "win32",
    });
    const ended = new AbortController();
    const stop = (): void => {
      child.kill("SIGTERM");
      clock.sleep(killAfterMs, { signal: ended.signal }).then(
        () => child.kill("SIGKILL"),
        () => {},
      );
    };
    const end = (): void => {
      ended.abort();
      signal.removeEventListener("abort", stop);
    };
    (child.stdio[lifelineDescriptor] as Socket).on("error", () => {}).resume();
    let tail = Buffer.alloc(0);
    child.stdout?.on("data", (chunk: Buffer) => output("stdout", chunk));
    child.stderr?.on("data", (chunk: Buffer) => {
      tail = Buffer.concat([tail, chunk]).subarray(-tailBytes);
      output("stderr", chunk);
    });
    child.once("error", (cause) => {
      end();
      reject(new FlyteError("NotFound", `the command "${program}" cannot be started: ${cause.message}`, { cause }));
    });
    child.once("close", (code, by) => {
      end();
      resolve({
        exitCode: code ?? 128 + (by === null ? 0 : constants.signals[by]),
        tail: tail.toString("utf8").trim(),
      });
    });
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
}
