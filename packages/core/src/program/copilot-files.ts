import { cp, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TaskContext } from "../context/task-context.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { FlyteDirectory, FlyteFile } from "../types/file-values.ts";
import type { AnyType, Types } from "../types/type-transformer.ts";
import { scalarOf } from "../wire/literals.ts";
import { type Literal, LiteralMap } from "../wire/messages.ts";
import { isText, jsonText, literalJson, plainText, textLiteral } from "./copilot-text.ts";

/** The most that co-pilot reads of a simple output, in bytes. */
const maxTextBytes = 1024;

/** How the inputs as a whole are written beside one file for each. */
export type InputsFormat = "json" | "yaml" | "proto";

/**
 * Writes a task's inputs as Flyte's co-pilot does: a file for each, and all of them together.
 * @param at where the folder will stand in the container: what paths inside values begin with.
 */
export async function writeInputs(
  folder: string,
  at: string,
  inputs: LiteralMap,
  format: InputsFormat,
  context: TaskContext,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const all: [string, ReturnType<typeof literalJson>][] = [];
  for (const [name, literal] of Object.entries(inputs.literals)) {
    const blobs = new Map<string, string>();
    await fetchBlobs(literal, join(folder, name), `${at}/${name}`, blobs, context);
    const json = literalJson(literal, (uri) => blobs.get(uri) ?? uri);
    all.push([name, json]);
    if (literal.value.case === "collection" || literal.value.case === "map") {
      await writeParts(join(folder, name), json as Readonly<Record<string, never>>);
    } else if (blobs.size === 0) {
      await writeFile(join(folder, name), plainText(json));
    }
  }
  await writeFile(join(folder, "inputs.pb"), LiteralMap.encode(inputs));
  // JSON is YAML as well
  if (format !== "proto") await writeFile(join(folder, `inputs.${format}`), jsonText(Object.fromEntries(all)));
}

/** Fetches the files and folders in a literal, each to its place. */
async function fetchBlobs(
  literal: Literal,
  path: string,
  at: string,
  blobs: Map<string, string>,
  context: TaskContext,
): Promise<void> {
  const { value } = literal;
  if (value.case === "collection" || value.case === "map") {
    for (const [key, item] of Object.entries<Literal>(value.value.literals)) {
      await fetchBlobs(item, join(path, key), `${at}/${key}`, blobs, context);
    }
    return;
  }
  const scalar = scalarOf(literal);
  if (scalar?.case === "union" && scalar.value.value !== undefined) {
    return fetchBlobs(scalar.value.value, path, at, blobs, context);
  }
  if (scalar?.case !== "blob") return;
  const { uri, metadata } = scalar.value;
  const multipart = metadata?.type?.dimensionality === 1;
  const format = metadata?.type?.format ?? "";
  const local = await (multipart
    ? new FlyteDirectory(uri, format, context)
    : new FlyteFile(uri, format, context)
  ).path();
  await mkdir(join(path, ".."), { recursive: true });
  await cp(local, path, { recursive: true });
  blobs.set(uri, at);
}

async function writeParts(folder: string, parts: Readonly<Record<string, never>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [key, part] of Object.entries(parts)) {
    const path = join(folder, key);
    if (typeof part === "object" && part !== null) await writeParts(path, part);
    else if ((await stat(path).catch(() => undefined)) === undefined) await writeFile(path, plainText(part));
  }
}

/**
 * Reads a task's outputs as co-pilot does: a file or folder for each.
 * @param pathOf where an output is.
 * @throws FlyteError `UnknownOutput` for one that is not there, `ConversionFailed` for a text that is not of the type.
 */
export async function readOutputs(
  task: string,
  types: Types,
  pathOf: (name: string) => string,
  context: TaskContext,
): Promise<LiteralMap> {
  const literals: Record<string, Literal> = {};
  for (const [name, type] of Object.entries(types)) {
    literals[name] = await readOutput(`task ${task}, output ${name}`, type, pathOf(name), context);
  }
  return LiteralMap.create({ literals });
}

async function readOutput(place: string, type: AnyType, path: string, context: TaskContext): Promise<Literal> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new FlyteError("UnknownOutput", `${place}: there is no file ${path}`);
  if (!isText(type.literalType)) return type.toLiteral(path, context);
  if (found.size > maxTextBytes) {
    throw new FlyteError("TooLarge", `${place}: ${path} has ${found.size} bytes; a value may have ${maxTextBytes}`);
  }
  try {
    return textLiteral(await readFile(path, "utf8"), type.literalType);
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    throw new FlyteError(error.code, `${place}: ${error.message}`, { cause: error });
  }
}
