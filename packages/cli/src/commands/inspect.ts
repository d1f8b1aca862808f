import {
  type CompiledEntity,
  compileAll,
  exportedEntities,
  FlyteError,
  LaunchPlanMessage,
  TaskSpec,
  WorkflowSpec,
} from "@flyte-ts/core";
import { type AnyEntity, entityKind, isReference } from "@flyte-ts/core/plugin";
import { type Flag, flagLines, parseFlags, text } from "../arguments/flags.ts";
import { entityText } from "../entity-text.ts";
import { chooseEntity } from "../module/choose-entity.ts";
import { loadModule } from "../module/load-module.ts";
import { settingsFlags, settingsOf } from "../packaging/settings-flags.ts";
import type { RunCommand } from "./command.ts";

const command = "flyte-ts inspect";

const flags: readonly Flag[] = [
  {
    name: "format",
    value: "FORMAT",
    purpose: "what Flyte would be sent instead: json, or text (protobuf's text format)",
  },
  ...settingsFlags,
  { name: "debug", purpose: "show everything that is known when something goes wrong" },
  { name: "help", purpose: "this text" },
];

/** `flyte-ts inspect FILE [ENTITY]`. */
export const inspect: RunCommand = async (args) => {
  const parsed = parseFlags(args, { command, flags });
  if (parsed.flags.has("help")) {
    process.stdout.write(`Shows tasks, workflows and launch plans: what goes in and comes out, the graph, and what Flyte is sent.

Usage:
  flyte-ts inspect FILE [ENTITY] [--format json|text]

With ENTITY it is that one; without, all that FILE exports.

Options:
${flagLines(flags)}
`);
    return 0;
  }
  const [file, name, extra] = parsed.words;
  if (file === undefined) throw fault(`name a file: ${command} FILE [ENTITY]`);
  if (extra !== undefined) throw fault(`"${extra}" is one word too many`);
  const format = text(parsed, "format");
  if (format !== undefined && format !== "json" && format !== "text") {
    throw fault(`--format is "${format}"; it must be json or text`);
  }
  const module = await loadModule(file);
  const chosen = name === undefined ? exportedEntities(module.exports) : [chooseEntity(file, module, name)];
  if (chosen.length === 0) chooseEntity(file, module, undefined);
  if (format === undefined) {
    const width = process.stdout.columns || 120;
    process.stdout.write(`${chosen.map((entity) => entityText(entity, { width })).join("\n\n")}\n`);
    return 0;
  }
  const elsewhere = chosen.find((entity) => isReference(entity));
  if (name !== undefined && elsewhere !== undefined) {
    throw fault(`${elsewhere.name} is registered elsewhere; what Flyte knows of it is not known here`);
  }
  const compiled = await compileAll(chosen, { image: unknownImage, ...settingsOf(parsed), module: file });
  const shown = compiled.ordered.filter((one) => chosen.some((entity) => isOf(entity, one)));
  process.stdout.write(await (format === "json" ? jsonOf(shown, name !== undefined) : protobufText(shown)));
  return 0;
};

const fault = (message: string): FlyteError => new FlyteError("InvalidInput", `${command}: ${message}`);

/** Stands for the image where none is given, for there is something to look at without. */
const unknownImage = "<image>";

const isOf = (entity: AnyEntity, { kind, name }: CompiledEntity): boolean =>
  entityKind(entity) === kind && entity.name === name;

async function jsonOf(entities: readonly CompiledEntity[], one: boolean): Promise<string> {
  const all = entities.map(({ kind, message }) => {
    if (kind === "task") return TaskSpec.toJson(message);
    return kind === "workflow" ? WorkflowSpec.toJson(message) : LaunchPlanMessage.toJson(message);
  });
  return `${JSON.stringify(one ? all[0] : all, undefined, 2)}\n`;
}

/** The messages one after the other, each below the name of its type, as protobuf's tools want to know it. */
async function protobufText(entities: readonly CompiledEntity[]): Promise<string> {
  const all = entities.map(async ({ kind, name, message }) => {
    const head = (type: string): string => `# ${kind} ${name}\n# proto-message: ${type}\n`;
    if (kind === "task") return head(TaskSpec.typeName) + (await TaskSpec.toText(message));
    return kind === "workflow"
      ? head(WorkflowSpec.typeName) + (await WorkflowSpec.toText(message))
      : head(LaunchPlanMessage.typeName) + (await LaunchPlanMessage.toText(message));
  });
  return (await Promise.all(all)).join("\n");
}
