import { mkdir, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { SimpleType } from "@flyte-ts/idl/core";
import type { TaskContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import type { Call, Natives } from "../graph/call.ts";
import { defined } from "../graph/defined.ts";
import type { CallArguments } from "../graph/entity.ts";
import { AutoContainerTask } from "../task/auto-container-task.ts";
import type { ContainerOptions } from "../task/container-options.ts";
import { FlyteDirectory, FlyteFile } from "../types/file-values.ts";
import type { AnyType, Types } from "../types/type-transformer.ts";
import { scalarOf } from "../wire/literals.ts";
import type { Literal, LiteralMap } from "../wire/messages.ts";
import { readOutputs } from "./copilot-files.ts";
import { isText, literalJson, plainText } from "./copilot-text.ts";
import { runProcess } from "./run-process.ts";
import { expandScript, expandText, type ScriptPlaceholder } from "./shell-script.ts";

/** The most that one variable may hold on Linux, with its name and the end of its text, in bytes. */
const maxVariableBytes = 131_072;

/** What defines a task that is a shell script. */
export interface ShellTaskDefinition<Inputs extends Types, Outputs extends Types> extends ContainerOptions {
  /** The task's name, unique in its project. */
  readonly name: string;
  readonly inputs?: Inputs;
  /** Files, folders and simple values; the script writes each to its place, `{{ .outputs.name }}`. */
  readonly outputs?: Outputs;
  /**
   * The script. `{{ .inputs.name }}` and `{{ .outputs.name }}` become shell variables: a value is never read as script,
   * and is one word wherever it stands. Files and folders are local paths; lists, maps and objects are JSON.
   */
  readonly script: string;
  /**
   * Where an output is written to, if not to a new place: a path, with `{{ .inputs.name }}` if need be. A relative one
   * is below the folder that the script runs in, an empty one.
   */
  readonly locations?: { readonly [K in keyof Outputs]?: string };
  /** The shell, a POSIX one; `/bin/sh` by default. */
  readonly shell?: string;
}

/** The call signature, which the class's instances have. */
export interface ShellTask<Inputs extends Types, Outputs extends Types> {
  (...args: CallArguments<Inputs>): Call<Outputs, Natives<Outputs>>;
}

/** A task that is a shell script in the author's image; `shellTask(…)` makes one. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface adds the call signature that Entity provides
export class ShellTask<Inputs extends Types, Outputs extends Types> extends AutoContainerTask<
  Inputs,
  Outputs,
  Natives<Outputs>
> {
  /** The script as the author wrote it. */
  readonly script: string;
  readonly shell: string;
  readonly locations: Readonly<Record<string, string | undefined>>;
  /** The script that the shell runs. */
  readonly #expanded: string;

  constructor(definition: ShellTaskDefinition<Inputs, Outputs>) {
    const {
      name,
      inputs = {} as Inputs,
      outputs = {} as Outputs,
      script,
      shell = "/bin/sh",
      locations = {},
    } = definition;
    super("python-task", { name, inputs, outputs, unwrapped: false }, definition);
    this.script = script;
    this.shell = shell;
    this.locations = locations;
    try {
      this.#check();
      this.#expanded = expandScript(script, (place) => this.#variable(place));
    } catch (error) {
      if (!FlyteError.is(error)) throw error;
      throw new FlyteError(error.code, `task ${name}: ${error.message}`, { cause: error });
    }
  }

  #check(): void {
    const bad = (message: string): FlyteError => new FlyteError("InvalidDefinition", message);
    if (typeof this.script !== "string" || this.script.trim() === "") throw bad("script is empty");
    const badInput = Object.entries<AnyType>(this.inputs).find(([, type]) => isOpaque(type));
    if (badInput !== undefined) {
      throw bad(`the input "${badInput[0]}" (${badInput[1].name}) is nothing that a shell can read; give it a file`);
    }
    for (const [name, { literalType }] of Object.entries<AnyType>(this.outputs)) {
      if (isText(literalType) || literalType.type.case === "blob") continue;
      throw bad(`the output "${name}" is no file, folder or simple value`);
    }
    for (const [name, location = ""] of Object.entries(this.locations)) {
      if (!Object.hasOwn(this.outputs, name)) throw bad(`locations.${name} is the place of no output`);
      if (location.trim() === "") throw bad(`locations.${name} is empty`);
      expandText(location, (place) => {
        if (place.kind === "outputs") throw bad(`locations.${name} has an output; only inputs are known there`);
        return this.#variable(place);
      });
    }
  }

  /** @throws FlyteError `InvalidDefinition` for a placeholder that names nothing. */
  #variable({ kind, name, arithmetic = false }: ScriptPlaceholder): string {
    if (arithmetic && (kind === "outputs" || !isNumber(this.inputs[name]))) {
      throw new FlyteError(
        "InvalidDefinition",
        `the script counts with {{ .${kind}.${name} }}, which is no number: shells would read it as script`,
      );
    }
    const names = Object.keys(this[kind]);
    const index = names.indexOf(name);
    if (index !== -1) return `FLYTE_${kind === "inputs" ? "INPUT" : "OUTPUT"}_${index}`;
    throw new FlyteError(
      "InvalidDefinition",
      `there is no ${kind.slice(0, -1)} "${name}"; there are ${names.join(", ") || "none"}`,
    );
  }

  async dispatchExecute(context: TaskContext, literals: LiteralMap): Promise<LiteralMap> {
    const folder = join(context.workingDirectory, "shell");
    await mkdir(folder, { recursive: true });
    const texts: Record<string, string> = {};
    for (const name of Object.keys(this.inputs)) {
      const literal = literals.literals[name];
      texts[name] = literal === undefined ? "" : await text(this.name, name, literal, context);
    }
    const places: Record<string, string> = {};
    for (const name of Object.keys(this.outputs)) {
      const location = this.locations[name] ?? join(context.workingDirectory, "outputs", name);
      const path = expandText(location, (place) => texts[place.name] ?? "");
      places[name] = isAbsolute(path) ? path : join(folder, path);
      await mkdir(dirname(places[name]), { recursive: true });
    }
    const path = join(context.workingDirectory, "script.sh");
    await writeFile(path, this.#expanded);
    const { exitCode, tail } = await runProcess(this.shell, [path], {
      cwd: folder,
      env: {
        ...process.env,
        ...this.container.environment,
        ...this.#variables("inputs", texts),
        ...this.#variables("outputs", places),
      },
      signal: context.signal,
      shown: true,
    });
    if (exitCode !== 0) {
      const said = tail === "" ? "" : `: ${tail}`;
      // flytekit's shell tasks fail so that another attempt is made
      throw new FlyteError("Recoverable", `task ${this.name}: the script ended with exit code ${exitCode}${said}`);
    }
    return readOutputs(this.name, this.outputs, (name) => places[name] ?? "", context);
  }

  #variables(kind: "inputs" | "outputs", values: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [this.#variable({ kind, name }), value]));
  }
}

const isNumber = (type: AnyType | undefined): boolean =>
  type?.literalType.type.case === "simple" &&
  (type.literalType.type.value === SimpleType.INTEGER || type.literalType.type.value === SimpleType.FLOAT);

const isOpaque = ({ literalType: { type } }: AnyType): boolean =>
  type.case === "structuredDatasetType" ||
  type.case === "schema" ||
  (type.case === "simple" && (type.value === SimpleType.BINARY || type.value === SimpleType.ERROR));

/** An input as the text of its variable; files and folders are fetched first. */
async function text(task: string, name: string, literal: Literal, context: TaskContext): Promise<string> {
  const blobs = new Map<string, string>();
  await fetchBlobs(literal, blobs, context);
  const plain = literalJson(literal, (uri) => blobs.get(uri) ?? uri);
  const value = plain === null ? "" : plainText(plain);
  if (value.includes("\0")) {
    throw new FlyteError("InvalidInput", `task ${task}: the input "${name}" has a NUL, which no shell can hold`);
  }
  if (Buffer.byteLength(value) < maxVariableBytes - 64) return value;
  throw new FlyteError(
    "TooLarge",
    `task ${task}: the input "${name}" has ${Buffer.byteLength(value)} bytes, more than a shell takes; give it a file`,
  );
}

async function fetchBlobs(literal: Literal, blobs: Map<string, string>, context: TaskContext): Promise<void> {
  const { value } = literal;
  if (value.case === "collection" || value.case === "map") {
    for (const item of Object.values<Literal>(value.value.literals)) await fetchBlobs(item, blobs, context);
    return;
  }
  const scalar = scalarOf(literal);
  if (scalar?.case === "union" && scalar.value.value !== undefined) {
    return fetchBlobs(scalar.value.value, blobs, context);
  }
  if (scalar?.case !== "blob") return;
  const { uri, metadata } = scalar.value;
  const { dimensionality = 0, format = "" } = metadata?.type ?? {};
  const stored = dimensionality === 1 ? new FlyteDirectory(uri, format, context) : new FlyteFile(uri, format, context);
  blobs.set(uri, await stored.path());
}

/**
 * A task that is a shell script, run in the author's image.
 * @throws FlyteError `InvalidDefinition` that names the task and the placeholder: one that names nothing, or one in
 * single quotes, where a shell fills nothing in.
 */
export function shellTask<
  const Inputs extends Types = Record<never, never>,
  const Outputs extends Types = Record<never, never>,
>(definition: ShellTaskDefinition<Inputs, Outputs>): ShellTask<Inputs, Outputs> {
  return defined(() => new ShellTask(definition));
}
