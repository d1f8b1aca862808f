import { FlyteError, nearest } from "@flyte-ts/core/plugin";
import type { Command } from "./command.ts";

const commands: readonly Command[] = [
  {
    name: "run",
    summary: "run a workflow or a task here and now",
    load: async () => (await import("./run.ts")).run,
  },
  {
    name: "graph",
    summary: "draw the graph of a workflow",
    load: async () => (await import("./graph.ts")).graph,
  },
  {
    name: "inspect",
    summary: "show tasks, workflows and launch plans: interface, graph, and what Flyte is sent",
    load: async () => (await import("./inspect.ts")).inspect,
  },
  {
    name: "serialize",
    summary: "write tasks and workflows as the protobuf files that Flyte registers",
    load: async () => (await import("./serialize.ts")).serialize,
  },
  {
    name: "package",
    summary: "write files' tasks, workflows and launch plans as the archive that flytectl registers",
    load: async () => (await import("./package.ts")).packageFiles,
  },
  {
    name: "serve",
    summary: "serve connectors to Flyte: flyte-ts serve connector",
    load: async () => (await import("./serve.ts")).serve,
  },
  {
    name: "execute",
    summary: "run one task as its container does (flyte-ts-execute)",
    load: async () => (await import("./execute.ts")).execute,
  },
];

const help: Command = {
  name: "help",
  summary: "this text; also: flyte-ts COMMAND --help",
  load: async () => async () => {
    process.stdout.write(helpText());
    return 0;
  },
};

const version: Command = {
  name: "--version",
  summary: "the version",
  load: async () => (await import("./version.ts")).version,
};

/**
 * The command that a command line calls, and what is left of the line.
 * @throws FlyteError `InvalidInput` for a command that there is not.
 */
export function commandNamed(args: readonly string[]): { readonly command: Command; readonly rest: readonly string[] } {
  const [name = "help", ...rest] = args;
  if (name === "--version" || name === "-V") return { command: version, rest };
  if (name === "help" && rest[0] !== undefined) return commandNamed([rest[0], "--help"]);
  if (name === "help" || name === "--help" || name === "-h") return { command: help, rest };
  const command = commands.find((one) => one.name === name);
  if (command !== undefined) return { command, rest };
  const names = commands.map((one) => one.name);
  const close = nearest(name, names);
  const hint = close === undefined ? `commands are ${names.join(", ")}` : `did you mean ${close}?`;
  // `flyte-ts flow.ts` is what one types who has not read the help.
  const file = /\.[cm]?[jt]s$/.test(name) ? `; to run a file: flyte-ts run ${name}` : "";
  throw new FlyteError("InvalidInput", `there is no command "${name}"; ${file === "" ? hint : file.slice(2)}`);
}

function helpText(): string {
  const rows = [...commands, help, version].map(({ name, summary }) => `  ${name.padEnd(11)} ${summary}`);
  return `Runs Flyte's workflows and tasks from TypeScript files.

Usage:
  flyte-ts COMMAND …

Commands:
${rows.join("\n")}

Examples:
  flyte-ts run flow.ts report --limit 5
  flyte-ts run flow.ts report --help
  flyte-ts graph flow.ts
`;
}
