import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { FlyteError } from "@flyte-ts/core/plugin";
import { isObject, type JsonValue, parseJson, parseYaml, shownJson } from "./json.ts";

/** Inputs that were read from a file or from standard input. */
export interface InputSource {
  /** What messages call it. */
  readonly name: string;
  readonly values: { readonly [name: string]: JsonValue };
}

/**
 * The inputs of `--inputs`: a file of JSON or YAML (by its ending), or `-` for standard input (JSON or YAML).
 * @throws FlyteError `NotFound`, `InvalidInput` that says where it is wrong.
 */
export async function readInputs(source: string): Promise<InputSource> {
  const name = source === "-" ? "standard input" : source;
  const text = source === "-" ? await textOf(process.stdin) : await fileText(source);
  if (text.trim() === "") {
    throw new FlyteError("InvalidInput", `${name} is empty; it must hold an object with inputs by name`);
  }
  const yaml = /^\.ya?ml$/i.test(extname(source)) || (source === "-" && !/^\s*\{/.test(text));
  const values = yaml ? await parseYaml(text, name) : parseJson(text, name);
  if (!isObject(values)) {
    throw new FlyteError(
      "InvalidInput",
      `${name} holds ${shownJson(values)}; it must hold an object with inputs by name`,
    );
  }
  return { name, values };
}

async function fileText(path: string): Promise<string> {
  if (!/\.(json|ya?ml)$/i.test(path)) {
    throw new FlyteError(
      "InvalidInput",
      `--inputs is "${path}"; it must be a .json or .yaml file, or - for standard input`,
    );
  }
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const { code, message } = cause as { code?: string; message: string };
    if (code === "ENOENT") throw new FlyteError("NotFound", `--inputs: there is no file ${path}`, { cause });
    const reason = code === "EISDIR" ? "it is a folder" : message;
    throw new FlyteError("InvalidInput", `--inputs: ${path} cannot be read: ${reason}`, { cause });
  }
}
