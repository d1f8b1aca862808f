import { FlyteError, nearest } from "@flyte-ts/core/plugin";

/** A flag of a command. */
export interface Flag {
  /** With its dashes: `--inputs`. */
  readonly name: string;
  /** What a value looks like, for messages; a flag without one is a switch. */
  readonly example?: string;
  /** What it is for, for `--help`. */
  readonly purpose: string;
}

/** A command line, taken apart. */
export interface ParsedFlags {
  /** The values by flag; a flag that stands twice has its last one. */
  readonly values: ReadonlyMap<string, string>;
  readonly switches: ReadonlySet<string>;
  /** What is no flag, and everything behind `--`. */
  readonly rest: readonly string[];
}

/**
 * Takes a command line apart: `--flag value`, `--flag=value`, switches, and the rest.
 * @throws FlyteError `InvalidInput` for a flag that the command does not have, one without its value, or a word that
 * belongs to nothing.
 */
export function parseFlags(command: string, args: readonly string[], flags: readonly Flag[]): ParsedFlags {
  const values = new Map<string, string>();
  const switches = new Set<string>();
  const rest: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? "";
    if (word === "--") {
      const [stray] = rest;
      if (stray !== undefined) {
        throw new FlyteError(
          "InvalidInput",
          `${command}: "${stray}" stands before --, where only flags and their values may be`,
        );
      }
      rest.push(...args.slice(at + 1));
      break;
    }
    if (!word.startsWith("--")) {
      rest.push(word);
      continue;
    }
    const equals = word.indexOf("=");
    const name = equals < 0 ? word : word.slice(0, equals);
    const flag = flags.find((one) => one.name === name);
    if (flag === undefined) throw unknown(command, name, flags);
    if (flag.example === undefined) {
      if (equals >= 0)
        throw new FlyteError("InvalidInput", `${command}: ${name} is a switch and takes no value: ${word}`);
      switches.add(name);
      continue;
    }
    let value = equals < 0 ? undefined : word.slice(equals + 1);
    if (value === undefined) {
      at += 1;
      value = args[at];
      if (value === undefined || value === "--" || flags.some((one) => one.name === value)) {
        throw new FlyteError("InvalidInput", `${command}: ${name} needs a value, such as ${flag.example}`);
      }
    }
    values.set(name, value);
  }
  return { values, switches, rest };
}

function unknown(command: string, name: string, flags: readonly Flag[]): FlyteError {
  const names = flags.map((flag) => flag.name);
  const close = nearest(name, names) ?? names.find((one) => one.startsWith(name));
  const hint = close === undefined ? `it has ${names.join(", ")}` : `did you mean ${close}?`;
  return new FlyteError("InvalidInput", `${command}: there is no flag ${name}; ${hint}`);
}
