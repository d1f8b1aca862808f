import { resolve } from "node:path";
import { FlyteError, isLaunchPlan, isReference, isWorkflow } from "@flyte-ts/core/plugin";
import { type Flag, flagLines, parseFlags, text } from "../arguments/flags.ts";
import { graphMermaid } from "../graph-mermaid.ts";
import { graphSvg } from "../graph-svg.ts";
import { graphText } from "../graph-text.ts";
import { chooseEntity } from "../module/choose-entity.ts";
import { loadModule } from "../module/load-module.ts";
import { writeWhole } from "../output/write-whole.ts";
import type { RunCommand } from "./command.ts";

const command = "flyte-ts graph";

const flags: readonly Flag[] = [
  { name: "mermaid", purpose: "print a flowchart of Mermaid's, for Markdown" },
  { name: "svg", value: "FILE", purpose: "write a picture instead" },
  { name: "debug", purpose: "show everything that is known when something goes wrong" },
  { name: "help", purpose: "this text" },
];

/** `flyte-ts graph FILE [ENTITY]`. */
export const graph: RunCommand = async (args, { signal }) => {
  const parsed = parseFlags(args, { command, flags });
  const { flags: given, words } = parsed;
  if (given.has("help")) {
    process.stdout.write(`Draws the graph of a workflow.

Usage:
  flyte-ts graph FILE [WORKFLOW]

Options:
${flagLines(flags)}
`);
    return 0;
  }
  const [file, name, extra] = words;
  if (file === undefined) throw new FlyteError("InvalidInput", `${command}: name a file: ${command} FILE [WORKFLOW]`);
  if (extra !== undefined) throw new FlyteError("InvalidInput", `${command}: "${extra}" is one word too many`);
  const chosen = chooseEntity(file, await loadModule(file), name);
  const entity = isLaunchPlan(chosen) ? chosen.workflow : chosen;
  if (isReference(entity)) {
    throw new FlyteError("InvalidInput", `${entity.name} is registered elsewhere; its graph is not known here`);
  }
  if (!isWorkflow(entity)) {
    throw new FlyteError("InvalidInput", `${entity.name} is a task; only a workflow has a graph`);
  }
  const picture = text(parsed, "svg");
  if (picture !== undefined) {
    if (given.has("mermaid")) throw new FlyteError("InvalidInput", `${command}: give --svg or --mermaid, not both`);
    signal.throwIfAborted();
    await writeWhole(resolve(picture), graphSvg(entity), `${command}: --svg`);
    process.stdout.write(`${picture}\n`);
    return 0;
  }
  const drawn = given.has("mermaid")
    ? graphMermaid(entity)
    : graphText(entity, { width: process.stdout.columns || 120 });
  process.stdout.write(`${drawn}\n`);
  return 0;
};
