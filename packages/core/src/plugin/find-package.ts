import { readFileSync } from "node:fs";
// An older Node has no findPackageJSON, and would stop at the import before it is told which Node is needed.
import * as nodeModule from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { FlyteError } from "../errors/flyte-error.ts";

/** What we read of a package's package.json. */
export interface PackageManifest {
  readonly name?: string;
  readonly version?: string;
  readonly exports?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  /** Says where the package's parts for flyte-ts are; `plugin` is an entry of `exports`. */
  readonly "flyte-ts"?: { readonly plugin?: string };
}

/** An installed package. */
export interface FoundPackage {
  readonly folder: string;
  readonly manifest: PackageManifest;
}

/** The package `name` as modules in one of the `folders` see it; undefined when it is not installed for any of them. */
export function findPackage(name: string, folders: readonly string[]): FoundPackage | undefined {
  for (const folder of folders) {
    const file = packageJson(name, folder);
    if (file !== undefined) return readPackage(file);
  }
  return undefined;
}

/** The package that `folder` belongs to; undefined when no package.json stands in it or above it. */
export function packageAbove(folder: string): FoundPackage | undefined {
  for (let at = folder; ; at = dirname(at)) {
    try {
      return readPackage(join(at, "package.json"));
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOENT") throw error;
    }
    if (at === dirname(at)) return undefined;
  }
}

/**
 * The module that an entry of a package's `exports` leads to, as Node resolves it for `import`.
 * @param entry `./plugin`, say.
 * @returns its `file:` URL.
 * @throws FlyteError `InvalidDefinition` when the package has no such entry.
 */
export function entryUrl({ folder, manifest }: FoundPackage, entry: string, conditions = activeConditions()): string {
  const { exports } = manifest;
  const target =
    exports === undefined
      ? entry
      : targetOf(
          isRecord(exports) && Object.keys(exports)[0]?.startsWith(".") ? exports[entry] : undefined,
          conditions,
        );
  if (target !== undefined) return pathToFileURL(join(folder, target)).href;
  throw new FlyteError(
    "InvalidDefinition",
    `the package ${manifest.name ?? folder} has no entry "${entry}" for import in the exports of its package.json`,
  );
}

function packageJson(name: string, folder: string): string | undefined {
  try {
    return nodeModule.findPackageJSON(name, join(folder, "module.js"));
  } catch {
    return undefined;
  }
}

function readPackage(file: string): FoundPackage {
  const text = readFileSync(file, "utf8");
  try {
    return { folder: dirname(file), manifest: JSON.parse(text) as PackageManifest };
  } catch (cause) {
    throw new FlyteError("InvalidDefinition", `${file} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** The conditions of `import` in this process, with those that it was started with (`--conditions`). */
function activeConditions(): ReadonlySet<string> {
  const words = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? "").split(/\s+/)];
  const own = words.flatMap((word, at) => {
    const [flag, value] = word.split("=", 2);
    return flag === "--conditions" || flag === "-C" ? [value ?? words[at + 1] ?? ""] : [];
  });
  return new Set(["node", "import", "module-sync", "default", ...own]);
}

function targetOf(target: unknown, conditions: ReadonlySet<string>): string | undefined {
  if (typeof target === "string") return target;
  if (Array.isArray(target)) return target.map((one) => targetOf(one, conditions)).find((one) => one !== undefined);
  if (!isRecord(target)) return undefined;
  for (const [condition, value] of Object.entries(target)) {
    const found = conditions.has(condition) ? targetOf(value, conditions) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
