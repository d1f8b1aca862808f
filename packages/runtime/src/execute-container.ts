import { delimiter, resolve } from "node:path";
import { FlyteContext, FlyteError, type Log } from "@flyte-ts/core/plugin";
import { type Command, parseCommand } from "./arguments/command.ts";
import type { DistributionArguments, ExecuteArguments } from "./arguments/execute-arguments.ts";
import { containerLog } from "./container/container-log.ts";
import type { Environment } from "./container/environment.ts";
import { executeTask, stoppedExitCode } from "./execute-task.ts";

/** What a container command runs in. Everything is that of this process by default. */
export interface ExecuteContainerOptions {
  /** The name that the process was started by; `flyte-ts-execute` by default. */
  readonly name?: string | undefined;
  readonly cwd?: string;
  /** Aborted when the task is to stop. */
  readonly signal?: AbortSignal;
  /** Rejects when the process fails outside of the task's own promise. */
  readonly crashed?: Promise<never>;
  readonly context?: FlyteContext;
  /** Takes what `--help` and `--version` print. */
  readonly print?: (text: string) => void;
  /** Takes the lines of the log; standard error by default. */
  readonly writeLog?: (line: string) => void;
}

/**
 * Does what the command line of a task's container says: `flyte-ts-execute`, `pyflyte-execute` or
 * `pyflyte-fast-execute`.
 * @param args what stands behind the command's name.
 * @returns the exit code for the process (see `executeTask`).
 * @throws FlyteError `InvalidInput` for a wrong command line; whatever keeps `error.pb` from being written.
 */
export async function executeContainer(
  args: readonly string[],
  env: Environment,
  options: ExecuteContainerOptions = {},
): Promise<number> {
  const { name, print = (text) => process.stdout.write(text) } = options;
  const command = parseCommand(args, name);
  switch (command.kind) {
    case "help": {
      const { helpText } = await import("./arguments/help.ts");
      print(helpText());
      return 0;
    }
    case "version": {
      const { versionText } = await import("./arguments/help.ts");
      print(versionText());
      return 0;
    }
    default:
      return new Container(env, options).run(command);
  }
}

/** One container, with what all of its work shares. */
class Container {
  readonly #env: Environment;
  readonly #options: ExecuteContainerOptions;
  readonly #context: FlyteContext;
  readonly #cwd: string;
  readonly #signal: AbortSignal;
  readonly #log: Log;

  constructor(env: Environment, options: ExecuteContainerOptions) {
    this.#env = env;
    this.#options = options;
    this.#context = options.context ?? FlyteContext.default();
    this.#cwd = options.cwd ?? process.cwd();
    this.#signal = options.signal ?? new AbortController().signal;
    this.#log = this.#logger("flyte-ts", "warn");
  }

  async run(command: Exclude<Command, { kind: "help" | "version" }>): Promise<number> {
    const packages = this.#env._F_RUNTIME_PACKAGES;
    if (packages !== undefined && packages !== "") {
      this.#log.warn(`_F_RUNTIME_PACKAGES is "${packages}", which only Python tasks install; it is passed over`);
    }
    if (command.kind === "foreign") return this.#spawn(command.command, command.distribution);
    if (!command.arguments.test) return this.#execute(command.kind, command.arguments);
    this.#log.warn("--test: the arguments are right, and nothing was run");
    return 0;
  }

  #execute(kind: "execute" | "map", args: ExecuteArguments): Promise<number> {
    const { distribution, dynamic = distribution, resolver: name, loaderArgs } = args;
    const { inputs, outputPrefix, rawOutputPrefix, checkpointPath, previousCheckpoint } = args;
    const directory = resolve(this.#cwd, distribution?.destination ?? ".");
    return executeTask({
      inputs,
      outputPrefix,
      rawOutputPrefix,
      checkpointPath,
      previousCheckpoint,
      projectDirectory: distribution === undefined ? this.#cwd : directory,
      distribution:
        dynamic === undefined
          ? undefined
          : { distribution: dynamic.archive, destination: dynamic.destination ?? this.#cwd },
      env: this.#env,
      signal: this.#signal,
      crashed: this.#options.crashed,
      context: this.#context,
      log: this.#logger("task", "info"),
      ownLog: this.#log,
      load: async (context) => {
        if (kind === "map") {
          throw new FlyteError("Unsupported", "pyflyte-map-execute: this version runs no map tasks");
        }
        const { resolverNamed } = await import("./resolvers/resolvers.ts");
        const { resolver, failure } = await resolverNamed(name, this.#env);
        if (distribution !== undefined) await this.#fetch(distribution);
        return { task: await resolver.load(loaderArgs, context), failure };
      },
    });
  }

  async #spawn(command: readonly string[], distribution: DistributionArguments | undefined): Promise<number> {
    const env: Record<string, string | undefined> = { ...this.#env };
    if (distribution !== undefined) {
      const destination = await this.#fetch(distribution);
      env.PYTHONPATH = env.PYTHONPATH === undefined ? destination : `${env.PYTHONPATH}${delimiter}${destination}`;
    }
    if (this.#signal.aborted) return stoppedExitCode;
    const { spawnCommand } = await import("./process/spawn-command.ts");
    return spawnCommand(command, { env, cwd: this.#cwd, signal: this.#signal });
  }

  async #fetch(distribution: DistributionArguments): Promise<string> {
    const { fetchCode } = await import("./distribution/fetch-code.ts");
    return fetchCode(distribution, {
      storage: this.#context.storage,
      workingDirectory: this.#cwd,
      signal: this.#signal,
      log: this.#log,
    });
  }

  #logger(name: string, least: "info" | "warn"): Log {
    const { writeLog } = this.#options;
    return containerLog(this.#env, { name, least, ...(writeLog === undefined ? {} : { write: writeLog }) });
  }
}
