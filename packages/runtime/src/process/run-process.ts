import { FlyteError } from "@flyte-ts/core/plugin";
import { commandName } from "../arguments/command.ts";
import { executeContainer } from "../execute-container.ts";
import { stoppedExitCode } from "../execute-task.ts";

/**
 * Is a container's process: runs its command line, and ends the process with the right code.
 *
 * SIGTERM and SIGINT abort the task's signal; a second one ends the process at once. What fails outside of the task's
 * promise (an exception in a timer, a rejection that nobody awaits, a wait for something that cannot come) is the task's
 * failure.
 * @param args what stands behind the command's name.
 * @param program the path or name that the process was started by.
 */
export async function runProcess(args: readonly string[], program = ""): Promise<never> {
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(stoppedExitCode);
      stop.abort(new FlyteError("Cancelled", `the process got ${name}`));
    });
  }
  const crashed = new Promise<never>((_resolve, reject) => {
    process.on("uncaughtException", reject);
    process.on("unhandledRejection", reject);
    process.on("beforeExit", () =>
      reject(
        new FlyteError("TaskFailed", "the task waits for something that can no longer happen: no work is left to do"),
      ),
    );
  });
  crashed.catch(() => {});
  let code: number;
  try {
    code = await executeContainer(args, process.env, { name: commandName(program), signal: stop.signal, crashed });
  } catch (thrown) {
    const error = FlyteError.from(thrown, "Internal");
    // What is said of the flags begins with the program's name already.
    const start = error.message.startsWith("flyte-ts-execute: ") ? "" : "flyte-ts-execute: ";
    process.stderr.write(`${start}${error.message}\n`);
    code = stop.signal.aborted ? stoppedExitCode : error.kind === "user" ? 1 : 2;
  }
  await flushed();
  // A task may have left timers and connections behind, which must not keep the container alive.
  process.exit(code);
}

/** Standard streams are written at once on Linux, but not on every platform. */
async function flushed(): Promise<void> {
  if (process.platform === "linux") return;
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise((resolve) => stream.write("", resolve));
  }
}
