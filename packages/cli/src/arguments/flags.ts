import { FlyteError, nearest } from "@flyte-ts/core/plugin";

/** A flag of a command. */
export interface Flag {
  /** Without its dashes. */
  readonly name: string;
  /** What its value is called in `--help`; a flag without one is a switch. */
  readonly value?: string;
  /** True for a switch that also takes `true` and `false`, and that `--no-<name>` turns off. */
  readonly boolean?: boolean;
  /**
   * What stands between the values of a flag that may stand more than once, in the one text that they become: commas for
   * `true`; a NUL, which no argument has, where a value may be any text.
   */
  readonly many?: boolean | "\0";
  /** What it is for. */
  readonly purpose: string;
}

/** A command line, taken apart. */
export interface ParsedFlags {
  /** The value of each flag that was given; a switch has `true` or `false`. */
  readonly flags: ReadonlyMap<string, string | boolean>;
  /** What is no flag. */
  readonly words: readonly string[];
}

/** How a command line is taken apart. */
export interface ParseOptions {
  /** What messages begin with: the command. */
  readonly command: string;
  readonly flags: readonly Flag[];
  /** True: the first word that is no flag ends the parsing, and `words` is all from there on. */
  readonly untilWord?: boolean;
}

/**
 * Takes a command line apart: `--flag value`, `--flag=value`, switches, `-h`, and the words between them.
 * @throws FlyteError `InvalidInput` for a flag that there is not (with the one that was probably meant), that stands
 * twice, or that lacks its value.
 */
export function parseFlags(args: readonly string[], { command, flags, untilWord = false }: ParseOptions): ParsedFlags {
  const found = new Map<string, string | boolean>();
  const words: string[] = [];
  const fault = (message: string): FlyteError => new FlyteError("InvalidInput", `${command}: ${message}`);
  const set = (name: string, value: string | boolean, many: Flag["many"] = false): void => {
    const before = found.get(name);
    if (before !== undefined && many === false) throw fault(`--${name} is given twice`);
    found.set(name, before === undefined ? value : `${before}${many === true ? "," : many}${value}`);
  };
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? "";
    if (word === "--") {
      words.push(...args.slice(at + 1));
      break;
    }
    if (word === "-" || !word.startsWith("-")) {
      if (untilWord) return { flags: found, words: args.slice(at) };
      words.push(word);
      continue;
    }
    const [, name = "", value] = /^--?([^=]*)(?:=(.*))?$/s.exec(word === "-h" ? "--help" : word) ?? [];
    const flag = flags.find((one) => one.name === name);
    const off = flags.find((one) => one.boolean && `no-${one.name}` === name);
    if (flag === undefined && off !== undefined && value === undefined) {
      set(off.name, false);
    } else if (flag === undefined) {
      throw fault(unknownFlag(name, flags));
    } else if (flag.value !== undefined) {
      const next = value ?? args[++at];
      if (next === undefined || (value === undefined && isFlag(next, flags))) {
        throw fault(`--${name} needs a value: --${name} ${flag.value}`);
      }
      set(name, next, flag.many);
    } else {
      const text = value ?? (flag.boolean && /^(true|false)$/.test(args[at + 1] ?? "") ? args[++at] : undefined);
      if (text !== undefined && !(flag.boolean && /^(true|false)$/.test(text))) {
        throw fault(`--${name} is "${text}"; ${flag.boolean ? "it must be true or false" : "it takes no value"}`);
      }
      set(name, text !== "false");
    }
  }
  return { flags: found, words };
}

const isFlag = (word: string, flags: readonly Flag[]): boolean =>
  word.startsWith("--") && flags.some(({ name }) => word === `--${name}` || word.startsWith(`--${name}=`));

function unknownFlag(name: string, flags: readonly Flag[]): string {
  const names = flags.map((one) => one.name);
  const close = nearest(name, names) ?? names.find((one) => name !== "" && one.startsWith(name));
  const hint =
    close === undefined ? `there are ${names.map((one) => `--${one}`).join(", ")}` : `did you mean --${close}?`;
  return `there is no flag --${name}; ${hint}`;
}

/** The lines of `--help` that describe flags. */
export function flagLines(flags: readonly Flag[]): string {
  const rows = flags.map(
    ({ name, value, purpose }) => [`--${name}${value === undefined ? "" : ` ${value}`}`, purpose] as const,
  );
  const width = Math.min(34, Math.max(...rows.map(([left]) => left.length)));
  return rows.map(([left, purpose]) => `  ${left.padEnd(width)}  ${purpose}`.trimEnd()).join("\n");
}

/** A flag's value, where it is a text. */
export function text({ flags }: ParsedFlags, name: string): string | undefined {
  const value = flags.get(name);
  return typeof value === "string" ? value : undefined;
}
