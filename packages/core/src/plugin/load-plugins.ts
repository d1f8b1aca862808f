import { fileURLToPath } from "node:url";
import type { Log } from "../context/log.ts";
import { FlyteError } from "../errors/flyte-error.ts";
import { type PluginManifest, servedSpecVersions } from "./define-plugin.ts";
import { entryUrl, type FoundPackage, findPackage, packageAbove } from "./find-package.ts";
import { PluginSet } from "./plugin-set.ts";

/** The variable that names the plugins of a process: package names, with commas or white space between them. */
export const pluginsVariable = "FLYTE_TS_PLUGINS";

/** Which plugins to load, and how. */
export interface LoadPluginsOptions {
  /**
   * The plugins' package names. Without it, every package counts that the project (the package above `directory`) is or
   * depends on, and whose package.json has the field `flyte-ts`.
   */
  readonly packages?: readonly string[] | undefined;
  /** The folder whose modules see the plugins. */
  readonly directory: string;
  /** Folders that are tried when a package is not seen from `directory`: where a host is installed, say. */
  readonly otherDirectories?: readonly string[];
  /** Plugins that are given, not found. */
  readonly manifests?: readonly PluginManifest[];
  /** True: a broken plugin is an error. Otherwise it is named in the log, and the others go on. */
  readonly strict?: boolean;
  readonly log: Log;
}

/** The package names that `FLYTE_TS_PLUGINS` holds; undefined when it is not set, or empty. */
export function pluginPackages(env: Readonly<Record<string, string | undefined>>): readonly string[] | undefined {
  const names = (env[pluginsVariable] ?? "").split(/[\s,]+/).filter((name) => name !== "");
  return names.length === 0 ? undefined : [...new Set(names)];
}

/**
 * Loads the manifests of plugins; what they provide is loaded when it is asked for.
 * @throws FlyteError `InvalidDefinition` when two plugins provide the same, and, if `strict`, for a broken plugin.
 */
export async function loadPlugins(options: LoadPluginsOptions): Promise<PluginSet> {
  const { directory, otherDirectories = [], strict = false, log } = options;
  const folders = [directory, ...otherDirectories];
  const found = options.packages === undefined ? discovered(directory, log) : undefined;
  const names = options.packages ?? [...(found?.keys() ?? [])];
  const loaded = await Promise.allSettled(
    names.map((name) => loadManifest(name, found?.get(name) ?? findPackage(name, folders))),
  );
  const manifests = [...(options.manifests ?? [])];
  const broken: { readonly name: string; readonly error: FlyteError }[] = [];
  for (const [at, result] of loaded.entries()) {
    if (result.status === "fulfilled") {
      manifests.push(result.value);
      continue;
    }
    const name = names[at] ?? "";
    const { reason } = result as { readonly reason: unknown };
    const missing = FlyteError.is(reason) && reason.code === "MissingPackage";
    const message = `the plugin ${name} is ${missing ? "" : "broken: "}${messageOf(reason)}`;
    const error = new FlyteError("InvalidDefinition", message, { kind: "system", cause: reason });
    if (strict) throw error;
    log.error(error.message, { plugin: name });
    broken.push({ name, error });
  }
  return new PluginSet(manifests, broken);
}

/** A package's name, as npm takes it. */
const packageName = /^(?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~][\w.~-]*$/i;

async function loadManifest(name: string, found: FoundPackage | undefined): Promise<PluginManifest> {
  if (found === undefined) {
    const hint = packageName.test(name) ? `npm install ${name}` : "that is no package's name";
    throw new FlyteError("MissingPackage", `not installed: ${hint}`);
  }
  const url = entryUrl(found, found.manifest["flyte-ts"]?.plugin ?? "./plugin");
  const { default: manifest } = (await import(/* @vite-ignore */ url)) as { default?: Partial<PluginManifest> };
  return checked(manifest, url);
}

/** The packages with the field `flyte-ts` among a project and what it depends on, in the order of their names. */
function discovered(directory: string, log: Log): ReadonlyMap<string, FoundPackage> {
  const project = packageAbove(directory);
  const plugins = new Map<string, FoundPackage>();
  if (project === undefined) return plugins;
  const { name: own = "", ...fields } = project.manifest;
  if (fields["flyte-ts"]?.plugin !== undefined) plugins.set(own, project);
  const dependencies = [
    fields.dependencies,
    fields.devDependencies,
    fields.optionalDependencies,
    fields.peerDependencies,
  ];
  const names = new Set(dependencies.flatMap((some) => Object.keys(some ?? {})));
  for (const name of [...names].sort()) {
    try {
      const found = findPackage(name, [project.folder]);
      if (found?.manifest["flyte-ts"]?.plugin !== undefined) plugins.set(name, found);
    } catch (error) {
      log.warn(`${name} was passed over when looking for plugins: ${messageOf(error)}`);
    }
  }
  return plugins;
}

function checked(manifest: Partial<PluginManifest> | undefined, url: string): PluginManifest {
  const fault = (what: string): FlyteError =>
    new FlyteError("InvalidDefinition", `${fileURLToPath(url)} ${what}; export default definePlugin({ … })`);
  if (typeof manifest !== "object" || manifest === null) throw fault("has no manifest as its default export");
  const { specVersion, name, version, provides } = manifest;
  if (specVersion === undefined)
    throw fault("has a default export that is no plugin's manifest: it has no specVersion");
  if (!servedSpecVersions.includes(specVersion)) {
    throw fault(`was written for specVersion ${specVersion}, where this host serves ${servedSpecVersions.join(", ")}`);
  }
  if (typeof name !== "string" || name === "") throw fault("names no package (name)");
  if (typeof version !== "string" || version === "") throw fault("names no version");
  if (typeof provides !== "object" || provides === null) throw fault("provides nothing (provides)");
  return { specVersion, name, version, provides };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
