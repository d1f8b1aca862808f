import { FlyteError } from "@flyte-ts/core/plugin";
import {
  type DistributionArguments,
  distributionFlags,
  distributionOf,
  type ExecuteArguments,
  executeArguments,
  executeFlags,
  mapFlags,
} from "./execute-arguments.ts";
import { parseFlags } from "./flags.ts";

/** What a command line asks for. */
export type Command =
  | { readonly kind: "execute" | "map"; readonly arguments: ExecuteArguments }
  /** Another program, to be started when the code is in place. */
  | {
      readonly kind: "foreign";
      readonly distribution: DistributionArguments | undefined;
      readonly command: readonly string[];
    }
  | { readonly kind: "help" }
  | { readonly kind: "version" };

/** Our own command's name. */
const ownName = "flyte-ts-execute";

/** The names that we answer to: our own, and those of flytekit's commands. */
export const commandNames: readonly string[] = [
  ownName,
  "pyflyte-execute",
  "pyflyte-fast-execute",
  "pyflyte-map-execute",
];

/** The one of our names that a program's path or name ends in. */
export function commandName(program: string): string | undefined {
  const base = /([^/\\]*?)(\.[cm]?[jt]s)?$/.exec(program)?.[1] ?? "";
  return commandNames.find((name) => name === base);
}

/**
 * What a command line asks for.
 * @param name the name that the process was started by. A command line that begins with one of our names goes by that.
 * @throws FlyteError `InvalidInput` that names the flag, its value, and what would be right.
 */
export function parseCommand(args: readonly string[], name: string = ownName): Command {
  const [first = "", ...others] = args;
  const named = first.startsWith("-") ? undefined : commandName(first);
  if (named !== undefined) return parseCommand(others, named);
  if (args.length === 1 && (first === "--help" || first === "-h")) return { kind: "help" };
  if (args.length === 1 && (first === "--version" || first === "-V")) return { kind: "version" };
  switch (name) {
    case "pyflyte-fast-execute":
      return nested(name, args);
    case "pyflyte-map-execute":
      return { kind: "map", arguments: executeArguments(name, args, mapFlags) };
    case "pyflyte-execute":
      return { kind: "execute", arguments: executeArguments(name, args, executeFlags) };
    default:
      return isNested(args)
        ? nested(ownName, args)
        : { kind: "execute", arguments: executeArguments(ownName, args, [...distributionFlags, ...executeFlags]) };
  }
}

/** True when our own command is used as `pyflyte-fast-execute` is: only where code comes from, `--`, and a command. */
function isNested(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (
    end > 0 &&
    args.slice(0, end).every((word, at) => at % 2 === 1 || distributionFlags.some(({ name }) => name === word))
  );
}

function nested(name: string, args: readonly string[]): Command {
  const { values, rest } = parseFlags(name, args, distributionFlags);
  const distribution = distributionOf(name, values);
  const [program, ...inner] = rest;
  if (program === undefined) {
    throw new FlyteError(
      "InvalidInput",
      `${name}: no command stands behind --; it must be such as: -- pyflyte-execute --inputs …`,
    );
  }
  const known = commandName(program);
  if (known === undefined) return { kind: "foreign", distribution, command: withDynamic(rest, distribution) };
  const command = parseCommand(inner, known);
  if (command.kind !== "execute" && command.kind !== "map") return command;
  return {
    kind: command.kind,
    arguments: {
      ...command.arguments,
      distribution: distribution ?? command.arguments.distribution,
      dynamic: command.arguments.dynamic ?? distribution,
    },
  };
}

/** As flytekit does: a dynamic task is told where its code came from, right before `--resolver`. */
function withDynamic(command: readonly string[], distribution: DistributionArguments | undefined): readonly string[] {
  if (distribution === undefined) return command;
  const words = [
    "--dynamic-addl-distro",
    distribution.archive,
    "--dynamic-dest-dir",
    distribution.destination ?? process.cwd(),
  ];
  return command.flatMap((word) => (word === "--resolver" ? [...words, word] : [word]));
}
