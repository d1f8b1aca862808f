import { type AnyType, Dataset, formOf, type Types } from "@flyte-ts/core/plugin";
import { durationText } from "../inputs/durations.ts";
import { datasetLines } from "./dataset-preview.ts";
import { jsonOf } from "./json-output.ts";

/** A result to show to people. */
export interface ResultTextOptions {
  /** The outputs by name. */
  readonly natives: Readonly<Record<string, unknown>>;
  readonly types: Types;
  /** True: there is one output, which has no name of the author's. */
  readonly unwrapped: boolean;
  /** Characters in a line. */
  readonly width: number;
}

/** Outputs as text: a line for what fits in one, and below its name what does not: rows as a table, objects indented. */
export async function resultText({ natives, types, unwrapped, width }: ResultTextOptions): Promise<string> {
  const names = Object.keys(types);
  if (names.length === 0) return "";
  const label = Math.max(...names.map((name) => name.length));
  const blocks = await Promise.all(
    Object.entries(types).map(async ([name, type]) => {
      const lines = await valueLines(type, natives[name], width - 2);
      if (unwrapped) return lines.join("\n");
      const [only = "", ...rest] = lines;
      return rest.length === 0
        ? `${name.padEnd(label)}  ${only}`
        : `${name}\n${lines.map((line) => `  ${line}`).join("\n")}`;
    }),
  );
  return `${blocks.join("\n")}\n`;
}

async function valueLines(type: AnyType, native: unknown, width: number): Promise<string[]> {
  if (native === null || native === undefined) return ["(no value)"];
  if (Dataset.is(native)) return datasetLines(native, width);
  const form = formOf(type);
  if (form.kind === "duration") return [durationText(jsonOf(type, native) as number)];
  if (form.kind === "string" || form.kind === "enum") return String(native).split("\n");
  const json = jsonOf(type, native);
  if (typeof json === "string") return [json];
  const short = JSON.stringify(json);
  return short.length <= Math.min(width, 100) ? [short] : JSON.stringify(json, null, 2).split("\n");
}
