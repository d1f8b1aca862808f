import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of a package. */
export interface PackageFolder {
  readonly path: string;
  readonly name: string;
  /** True for a plugin of flyte-ts. */
  readonly isPlugin: boolean;
  readonly manifest: PackageManifest;
}

interface PackageManifest {
  readonly name?: unknown;
  readonly "flyte-ts"?: { readonly plugin?: unknown };
  readonly gypfile?: unknown;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** The package that a file belongs to; folders without a name in their package.json are parts of the one above. */
export function packageAbove(file: string): PackageFolder | undefined {
  for (let path = dirname(file); ; path = dirname(path)) {
    const manifest = manifestIn(path);
    if (typeof manifest?.name === "string") {
      return { path, name: manifest.name, isPlugin: manifest["flyte-ts"]?.plugin !== undefined, manifest };
    }
    if (path === dirname(path)) return undefined;
  }
}

function manifestIn(folder: string): PackageManifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as PackageManifest;
  } catch {
    return undefined;
  }
}

/** What loads the compiled part of a package, which depends on it for nothing else. */
const loaders = [
  "bindings",
  "node-gyp-build",
  "node-gyp-build-optional-packages",
  "prebuild-install",
  "node-addon-api",
];

/** True for a package with a part that is compiled for one machine. */
export function isNative({ path, manifest }: PackageFolder): boolean {
  if (manifest.gypfile === true || existsSync(join(path, "binding.gyp")) || existsSync(join(path, "prebuilds"))) {
    return true;
  }
  return loaders.some((name) => name in (manifest.dependencies ?? {}));
}
