import { fileURLToPath } from "node:url";
import { commandName } from "../arguments/command.ts";

/** What Node needs to run this project's sources as they are: the generated code of Flyte's messages has enums. */
const sourceFlags: readonly string[] = [
  "--conditions=@flyte-ts/source",
  "--experimental-transform-types",
  "--disable-warning=ExperimentalWarning",
];

/**
 * The program and arguments that start a container's command here. A name that we answer to is this very package's
 * entrypoint, under the Node that runs now, whether or not anything is installed under that name.
 */
export function programFor(command: readonly string[]): { readonly program: string; readonly args: readonly string[] } {
  const [first = "", ...rest] = command;
  const name = commandName(first);
  if (name === undefined) return { program: first, args: rest };
  return { program: process.execPath, args: [...entrypoint(), name, ...rest] };
}

/** Node's arguments for the entrypoint: the source file when this is one, else the program of the package. */
function entrypoint(): readonly string[] {
  const here = import.meta.url;
  if (here.endsWith(".ts")) {
    return [...sourceFlags, fileURLToPath(new URL("../execute.ts", here))];
  }
  return [fileURLToPath(new URL("bin/flyte-ts-execute.js", here.slice(0, here.lastIndexOf("/dist/") + 1)))];
}
