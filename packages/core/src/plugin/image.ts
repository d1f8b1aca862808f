import { FlyteError } from "../errors/flyte-error.ts";
import type { PackageInfo } from "./package-info.ts";
import { projectConfig } from "./project-config.ts";

/** The environment variable that names the registry of all images. */
export const imageRegistryVariable = "FLYTE_TS_IMAGE_REGISTRY";

/** Where this project publishes its images. */
export const defaultImageRegistry = "ghcr.io/flyte-ts";

/** How `pluginImage` finds the registry. */
export interface PluginImageOptions {
  /** The registry, before every other source: `host[:port][/path]`, without a scheme. */
  readonly registry?: string | undefined;
  /** The environment to read; `process.env` unless given. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The folder whose configuration file counts, or the nearest above it; the working folder unless given. */
  readonly cwd?: string | undefined;
}

/**
 * The image that the tasks of a package run in: `<registry>/<unscoped package name>:<package version>`. This is the one
 * place that decides it; templates name it, and the images are built and pushed under it.
 *
 * The registry is the argument, else the variable `FLYTE_TS_IMAGE_REGISTRY`, else `imageRegistry` of the nearest
 * `flyte-ts.config.json` or `flyte-ts.config.ts`, else `ghcr.io/flyte-ts`. An empty variable counts as unset.
 * @throws FlyteError `InvalidInput` when the registry that was found is none, or the configuration cannot be read;
 * `InvalidDefinition` when name or version make no image reference.
 */
export function pluginImage({ name, version }: PackageInfo, options: PluginImageOptions = {}): string {
  const repository = name.replace(/^@[^/]*\//, "");
  // A version's build part (`1.0.0+b5`) is legal in semver, but "+" is not in a tag.
  const tag = version.replaceAll("+", "_");
  if (!/^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/.test(repository)) {
    throw new FlyteError(
      "InvalidDefinition",
      `package name "${name}" gives no image: "${repository}" is no repository name`,
    );
  }
  if (!/^\w[\w.-]{0,127}$/.test(tag)) {
    throw new FlyteError("InvalidDefinition", `version "${version}" of ${name} gives no image tag`);
  }
  return `${imageRegistry(options)}/${repository}:${tag}`;
}

/** The registry of all images, found as `pluginImage` finds it. @throws FlyteError `InvalidInput` as that does. */
export function imageRegistry({ registry, env = process.env, cwd = process.cwd() }: PluginImageOptions): string {
  if (registry !== undefined) return checked(registry, "the argument registry");
  const variable = env[imageRegistryVariable];
  if (variable !== undefined && variable !== "") return checked(variable, imageRegistryVariable);
  const config = projectConfig(cwd);
  if (config?.imageRegistry !== undefined) return checked(config.imageRegistry, `imageRegistry in ${config.file}`);
  return defaultImageRegistry;
}

/** A host with an optional port, then path components: the grammar of image references. */
const registryPattern =
  /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\d{1,5})?(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*$/;

function checked(registry: string, source: string): string {
  if (registryPattern.test(registry)) return registry;
  throw new FlyteError(
    "InvalidInput",
    `${source} is "${registry}", which is no registry: give host[:port][/path] without a scheme and without a slash at the end, such as "${defaultImageRegistry}"`,
  );
}
