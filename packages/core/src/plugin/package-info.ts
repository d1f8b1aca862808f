import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { FlyteError } from "../errors/flyte-error.ts";

/** A package's own name and version. */
export interface PackageInfo {
  readonly name: string;
  readonly version: string;
}

/**
 * The name and version of the package that a module belongs to, so that they stand in package.json alone.
 * @param moduleUrl the module's `import.meta.url`.
 * @throws FlyteError `InvalidDefinition` when no package.json with a name stands above the module.
 */
export function packageInfo(moduleUrl: string): PackageInfo {
  for (let folder = dirname(fileURLToPath(moduleUrl)); ; folder = dirname(folder)) {
    const found = read(join(folder, "package.json"));
    if (found !== undefined) return found;
    if (folder === dirname(folder)) {
      throw new FlyteError("InvalidDefinition", `no package.json with a name and version stands above ${moduleUrl}`);
    }
  }
}

function read(file: string): PackageInfo | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(file, "utf8")) as Partial<PackageInfo>;
    return name === undefined || version === undefined ? undefined : { name, version };
  } catch {
    return undefined;
  }
}
