import { commandNamed } from "./commands/command-list.ts";
import { report } from "./errors/report.ts";
import { watchProcess } from "./running/process-watch.ts";

/**
 * Is the process of `flyte-ts`: does what its command line says, and ends the process: 0 when all went well, 1 for the
 * user's mistake or failed code, 2 for ours or a service's, 130 and 143 after SIGINT and SIGTERM.
 * @param args what stands behind the command's name.
 */
export async function runProgram(args: readonly string[]): Promise<never> {
  const watch = watchProcess();
  let code: number;
  try {
    const { command, rest } = commandNamed(args);
    const run = await command.load();
    code = await Promise.race([run(rest, { signal: watch.signal }), watch.failed]);
  } catch (error) {
    code = watch.stopped?.exitCode ?? report(error, args);
  }
  if (watch.stopped !== undefined) code = watch.stopped.exitCode;
  await Promise.all([written(process.stdout), written(process.stderr)]);
  // The user's code may have left timers and connections behind, which must not keep the program alive.
  process.exit(code);
}

/** Waits until what was printed has gone out; a reader that has gone away is no reason to wait. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) resolve();
    else stream.write("", () => resolve());
  });
}
