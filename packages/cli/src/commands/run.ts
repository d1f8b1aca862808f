import {
  type AnyEntity,
  exportedEntities,
  FlyteError,
  isWorkflow,
  localTaskContext,
  toNatives,
} from "@flyte-ts/core/plugin";
import { type Flag, type ParsedFlags, parseFlags, text } from "../arguments/flags.ts";
import { inputFlags, inputLiterals } from "../inputs/input-literals.ts";
import { readInputs } from "../inputs/input-source.ts";
import { chooseEntity } from "../module/choose-entity.ts";
import { type LoadedModule, loadModule } from "../module/load-module.ts";
import { answersOf, GateAnswers, type Terminal } from "../running/gate-answers.ts";
import { Progress } from "../running/progress.ts";
import { removeEmptyFolders, runDirectory } from "../running/run-directory.ts";
import { runEntity } from "../running/run-entity.ts";
import { ownTerminal, shareOutput } from "../running/shared-output.ts";
import type { RunCommand } from "./command.ts";

const command = "flyte-ts run";

const runFlags: readonly Flag[] = [
  { name: "inputs", value: "FILE", purpose: "inputs from a .json or .yaml file, or - for standard input; flags win" },
  { name: "json", purpose: "print the outputs as JSON, for programs" },
  { name: "isolate", value: "process", purpose: "run every task in a process of its own, as its container would" },
  {
    name: "answer",
    value: "GATE=VALUE",
    many: "\0",
    purpose:
      "what a gate is told: publish=yes, how-many=3; may stand more than once  [default: asked for on a terminal]",
  },
  {
    name: "output-dir",
    value: "DIR",
    purpose: "the folder for the run's files [default: .flyte-ts/runs/<time>-<name>]",
  },
  { name: "debug", purpose: "show everything that is known when something goes wrong" },
  { name: "help", purpose: "this text; behind FILE ENTITY, the entity's inputs" },
];

/** `flyte-ts run FILE [ENTITY] --input value …`. */
export const run: RunCommand = async (args, { signal }) => {
  const before = parseFlags(args, { command, flags: runFlags, untilWord: true });
  const [file, second, ...others] = before.words;
  if (file === undefined) {
    if (before.flags.has("help")) return print(await generalHelp());
    throw new FlyteError("InvalidInput", `${command}: name a file: flyte-ts run FILE [ENTITY] --input value`);
  }
  const named = second !== undefined && !second.startsWith("-");
  const rest = named ? others : before.words.slice(1);
  // A program that reads the result must not read what the module prints while it loads; whether --json is an input of the
  // entity's is known later.
  let json = before.flags.has("json") || rest.includes("--json");
  const terminal = ownTerminal();
  const progress = new Progress({ terminal });
  const restore = shareOutput({ progress, resultOnly: () => json });
  try {
    const module = await loadModule(file);
    const wantsHelp = before.flags.has("help") || rest.includes("--help") || rest.includes("-h");
    if (wantsHelp) return print(await helpFor(file, module, named ? second : undefined));
    const entity = chooseEntity(file, module, named ? second : undefined);
    const given = parseFlags(rest, { command, flags: [...inputFlags(entity), ...ownFlags(entity)] });
    checkWords(rest, given, entity);
    const told = merged(before, given, entity);
    json = told.options.flags.has("json");
    return await new Run(module, entity, told).start(signal, progress, restore);
  } finally {
    progress.end();
    restore();
  }
};

/** The run's own flags, but for those that an input of the entity has the name of: before FILE they are still there. */
const ownFlags = ({ inputs }: AnyEntity): Flag[] => runFlags.filter(({ name }) => !Object.hasOwn(inputs, name));

function checkWords(args: readonly string[], { words, flags }: ParsedFlags, { inputs }: AnyEntity): void {
  const [word] = words;
  if (word === undefined) return;
  const flag = args[args.indexOf(word) - 1]?.replace(/^--/, "") ?? "";
  if (flags.get(flag) === true && Object.hasOwn(inputs, flag)) {
    throw new FlyteError("InvalidInput", `${command}: --${flag} is "${word}"; it must be true or false`);
  }
  const [first] = Object.keys(inputs);
  const hint = first === undefined ? "there are no inputs" : `inputs are flags, such as --${first} ${word}`;
  throw new FlyteError("InvalidInput", `${command}: "${word}" stands alone; ${hint}`);
}

/** What the run was told, and what its inputs are. */
interface Told {
  readonly options: ParsedFlags;
  readonly inputs: ReadonlyMap<string, string | boolean>;
}

function merged(before: ParsedFlags, given: ParsedFlags, { inputs }: AnyEntity): Told {
  const own = [...given.flags].filter(([name]) => !Object.hasOwn(inputs, name));
  const ofEntity = [...given.flags].filter(([name]) => Object.hasOwn(inputs, name));
  const twice = own.find(([name]) => before.flags.has(name));
  if (twice !== undefined) throw new FlyteError("InvalidInput", `${command}: --${twice[0]} is given twice`);
  return { options: { flags: new Map([...before.flags, ...own]), words: [] }, inputs: new Map(ofEntity) };
}

/** One run of one entity. */
class Run {
  readonly #module: LoadedModule;
  readonly #entity: AnyEntity;
  readonly #told: Told;

  constructor(module: LoadedModule, entity: AnyEntity, told: Told) {
    this.#module = module;
    this.#entity = entity;
    this.#told = told;
  }

  async start(signal: AbortSignal, progress: Progress, restore: () => void): Promise<number> {
    const entity = this.#entity;
    const { options, inputs } = this.#told;
    const isolation = text(options, "isolate");
    if (isolation !== undefined && isolation !== "process") {
      throw new FlyteError("InvalidInput", `${command}: --isolate is "${isolation}"; it must be process`);
    }
    const from = text(options, "inputs");
    const source = from === undefined ? undefined : await readInputs(from);
    const given = answersOf(command, text(options, "answer")?.split("\0") ?? []);
    const named = text(options, "output-dir");
    const directory = await runDirectory(named, entity.name, new Date());
    try {
      await using context = await localTaskContext({ task: entity.name, directory, signal });
      const literals = await inputLiterals(entity, { flags: inputs, source }, context);
      const gates = new GateAnswers({ given, terminal: askable(progress), context });
      const outputs = await runEntity(entity, literals, {
        directory,
        signal,
        gates,
        execute: isolation === undefined ? undefined : await this.#isolated(),
        onEvent: (event) => progress.event(event),
      });
      const natives = await toNatives(outputs.literals, entity.outputs, context);
      progress.end();
      restore();
      for (const name of gates.unused) process.stderr.write(`--answer ${name}: the run came to no gate of this name\n`);
      process.stdout.write(await this.#shown(natives));
      return 0;
    } finally {
      // In a folder of the user's own, what is empty may be theirs.
      if (named === undefined) await removeEmptyFolders(directory);
    }
  }

  async #isolated() {
    const { isolated } = await import("../running/isolated.ts");
    const debug = this.#told.options.flags.has("debug");
    return isolated({ module: this.#module.path, entity: this.#entity, debug });
  }

  async #shown(natives: Readonly<Record<string, unknown>>): Promise<string> {
    const { outputs: types, unwrapped } = this.#entity;
    if (this.#told.options.flags.has("json")) {
      const { jsonOutputs } = await import("../output/json-output.ts");
      return `${JSON.stringify(jsonOutputs(natives, types))}\n`;
    }
    const { resultText } = await import("../output/result-text.ts");
    return resultText({ natives, types, unwrapped, width: process.stdout.columns || 120 });
  }
}

/** Who can be asked: somebody who types on a terminal and reads one. */
function askable(progress: Progress): Terminal | undefined {
  const { stdin: input, stderr: output } = process;
  if (!input.isTTY || !output.isTTY) return undefined;
  return { input, output, hold: () => progress.hold() };
}

/** The help of the entity that is meant, or of all that the file exports where it could be several. */
async function helpFor(file: string, module: LoadedModule, name: string | undefined): Promise<string> {
  const { entityHelp, fileHelp } = await import("./run-help.ts");
  const exported = exportedEntities(module.exports);
  if (name === undefined && exported.length > 1 && exported.filter(isWorkflow).length !== 1) {
    return fileHelp(exported, file);
  }
  const entity = chooseEntity(file, module, name);
  return entityHelp(entity, file, ownFlags(entity));
}

async function generalHelp(): Promise<string> {
  const { runHelp } = await import("./run-help.ts");
  return runHelp(runFlags);
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}
