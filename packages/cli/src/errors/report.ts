import { FlyteError, type FlyteErrorCode } from "@flyte-ts/core/plugin";
import { surroundingsOf } from "./surroundings.ts";
import { userFrames } from "./user-frames.ts";

/** What the command line says about wanting everything, before or after it was parsed. */
const wantsEverything = (args: readonly string[]): boolean =>
  args.includes("--debug") || !["", "0", "false"].includes(process.env.FLYTE_TS_DEBUG ?? "");

/**
 * Errors that a cluster counts as the system's, and that are the user's own here: a task that returned something else than
 * it declares, a package that the user has not installed.
 */
const usersOwn: readonly FlyteErrorCode[] = ["ConversionFailed", "UnknownOutput", "MissingPackage", "UnknownTaskType"];

/**
 * Says on standard error what went wrong: a message for the user's mistake, with the lines of their own code where that
 * failed; all that is known for a fault of ours, or where `--debug` or `FLYTE_TS_DEBUG` asks for it.
 * @returns the exit code: 1 for the user's mistake, 2 for ours or a service's.
 */
export function report(thrown: unknown, args: readonly string[]): number {
  const error = FlyteError.from(thrown);
  const around = error.code === "Internal" ? surroundingsOf(error.message) : undefined;
  const isUsers = around?.isUsers ?? (error.kind === "user" || usersOwn.includes(error.code));
  const message = around?.message ?? error.message;
  // What a command says of its own flags begins with its name already.
  const lines = [message.startsWith("flyte-ts ") ? message : `flyte-ts: ${message}`];
  if (wantsEverything(args)) lines.push(...stacks(error));
  else if (isUsers) lines.push(...userFrames(error));
  else if (error.code === "Internal" && around === undefined) {
    lines.push("This is a fault of flyte-ts or of what it runs on, not yours. What is known of it:", ...stacks(error));
  }
  process.stderr.write(`${lines.join("\n")}\n`);
  return isUsers ? 1 : 2;
}

function stacks(error: unknown): string[] {
  const parts: string[] = [];
  for (let at = error; at !== undefined && parts.length < 10; at = at instanceof Error ? at.cause : undefined) {
    const stack = at instanceof Error ? (at.stack ?? at.message) : String(at);
    parts.push(`${parts.length === 0 ? "" : "Caused by: "}${stack}`);
  }
  return parts;
}
