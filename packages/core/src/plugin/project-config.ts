import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { FlyteError } from "../errors/flyte-error.ts";
import { nearest } from "../errors/nearest.ts";

/** What a project says about itself in `flyte-ts.config.json`, or as the default export of `flyte-ts.config.ts`. */
export interface ProjectConfig {
  /** The registry of the images that template tasks name: `host[:port][/path]`. */
  readonly imageRegistry?: string;
}

/** A configuration that was found, and its file's absolute path. */
export interface FoundProjectConfig extends ProjectConfig {
  readonly file: string;
}

const fileNames = ["flyte-ts.config.json", "flyte-ts.config.ts"] as const;

/**
 * The configuration of the nearest folder, from `folder` upwards, that has one. Fields that are not known are left to
 * whoever knows them. Synchronous, because entities are defined synchronously: Node loads the TypeScript file as it is,
 * so it must not await at its top level.
 * @throws FlyteError `InvalidInput` when one folder holds both files, when the file cannot be read, is no object, or a
 * field has the wrong type.
 */
export function projectConfig(folder: string): FoundProjectConfig | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const [file, second] = fileNames.map((name) => join(at, name)).filter((path) => existsSync(path));
    if (second !== undefined) {
      throw new FlyteError("InvalidInput", `${file} and ${second} both configure this project: keep one of them`);
    }
    if (file !== undefined) return { ...validated(load(file), file), file };
    if (at === dirname(at)) return undefined;
  }
}

function load(file: string): unknown {
  try {
    if (file.endsWith(".json")) return JSON.parse(readFileSync(file, "utf8"));
    const module: unknown = createRequire(file)(file);
    return typeof module === "object" && module !== null && "default" in module ? module.default : module;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FlyteError("InvalidInput", `cannot read the configuration ${file}: ${reason}`, { cause });
  }
}

/** The fields that there are. */
const fields = ["imageRegistry"];

function validated(config: unknown, file: string): ProjectConfig {
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw new FlyteError(
      "InvalidInput",
      `the configuration ${file} must be an object, and is ${JSON.stringify(config)}`,
    );
  }
  // Fields of others are theirs; one that is nearly ours is a slip that would do nothing.
  for (const name of Object.keys(config)) {
    const meant = fields.includes(name) ? undefined : nearest(name, fields);
    if (meant === undefined) continue;
    throw new FlyteError("InvalidInput", `${file} has the field "${name}"; did you mean "${meant}"?`);
  }
  const { imageRegistry }: { imageRegistry?: unknown } = config;
  if (imageRegistry === undefined) return {};
  if (typeof imageRegistry === "string") return { imageRegistry };
  throw new FlyteError(
    "InvalidInput",
    `imageRegistry in ${file} must be a text, and is ${JSON.stringify(imageRegistry)}`,
  );
}
