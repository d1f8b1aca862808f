import { spawn } from "node:child_process";
import { constants } from "node:os";
import { FlyteError } from "@flyte-ts/core/plugin";
import type { Environment } from "../container/environment.ts";

/**
 * Starts another program in the place of our own work: our standard streams are its own, and a signal to stop goes on to
 * it.
 * @returns its exit code; 128 and the signal's number when a signal ended it.
 * @throws FlyteError `NotFound` when there is no such program.
 */
export function spawnCommand(
  command: readonly string[],
  { env, cwd, signal }: { readonly env: Environment; readonly cwd: string; readonly signal: AbortSignal },
): Promise<number> {
  const [program = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...env }, cwd, stdio: "inherit" });
    const stop = (): void => {
      child.kill("SIGTERM");
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    child.once("error", (cause) => {
      signal.removeEventListener("abort", stop);
      reject(new FlyteError("NotFound", `the command "${program}" cannot be started: ${cause.message}`, { cause }));
    });
    child.once("close", (code, ended) => {
      signal.removeEventListener("abort", stop);
      resolve(code ?? 128 + (ended === null ? 0 : constants.signals[ended]));
    });
  });
}
