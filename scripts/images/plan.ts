import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pluginImage } from "@flyte-ts/core/plugin";
import type { Workspace } from "../check/project.ts";

/** The packages whose Dockerfile stands in `images/`, because they are no plugins, and what their images are called. */
const hostImages: Readonly<Record<string, { readonly folder: string; readonly name: string }>> = {
  "@flyte-ts/runtime": { folder: "images/runtime", name: "runtime" },
  "@flyte-ts/connector-service": { folder: "images/connector", name: "connector" },
};

/** The package that every image of a template task starts from. */
const runtimePackage = "@flyte-ts/runtime";

/** The package whose image serves the connectors of plugins, and the one that has its command. */
const servicePackage = "@flyte-ts/connector-service";
const commandPackage = "@flyte-ts/cli";

/** One image of this repository. */
export interface ImagePlan {
  /** By which it is asked for: the unscoped name of its package, `sqlite3`; `connector` for the connector service's. */
  readonly name: string;
  readonly workspace: Workspace;
  /** The names of the packages that it installs, with what they need. */
  readonly packages: readonly string[];
  /** The plugins that it serves; undefined for an image that serves none. */
  readonly plugins?: readonly string[];
  /** The image's full name, as templates name it. */
  readonly image: string;
  /** The folder of the Dockerfile, relative to the root. */
  readonly folder: string;
  /** The full name of the image that it starts from; undefined for the one that starts from Node's. */
  readonly base?: string;
  /** The Dockerfile's argument for it. */
  readonly baseArgument?: "RUNTIME_IMAGE" | "CONNECTOR_IMAGE";
}

/**
 * Every image that this repository can build, the runtime's first: each package that has a Dockerfile.
 * @param plugins the plugins of the connector service's image, by unscoped names; all with connectors or sensors unless
 * given
 * @throws Error when there is no such plugin
 */
export function imagePlans(
  root: string,
  workspaces: readonly Workspace[],
  registry?: string,
  plugins?: readonly string[],
): readonly ImagePlan[] {
  const runtime = workspaces.find((other) => other.manifest.name === runtimePackage);
  const service = workspaces.find((other) => other.manifest.name === servicePackage);
  const plans = workspaces.flatMap((workspace): ImagePlan[] => {
    const { name } = workspace.manifest;
    const host = hostImages[name];
    const folder = host?.folder ?? workspace.folder;
    if (!existsSync(join(root, folder, "Dockerfile"))) return [];
    const unscoped = host?.name ?? name.slice(name.indexOf("/") + 1);
    const plan = { name: unscoped, workspace, image: imageOf(workspace, unscoped, root, registry), folder };
    if (name === servicePackage) {
      const served = servedPlugins(root, workspaces, plugins);
      return [{ ...plan, packages: [commandPackage, ...served], plugins: served }];
    }
    if (service !== undefined && startsFromService(join(root, folder, "Dockerfile"))) {
      const packages = [...new Set([commandPackage, ...servedPlugins(root, workspaces, plugins), name])];
      const base = imageOf(service, "connector", root, registry);
      return [{ ...plan, packages, base, baseArgument: "CONNECTOR_IMAGE" }];
    }
    const packages = [...new Set([runtimePackage, name])];
    if (name === runtimePackage || runtime === undefined) return [{ ...plan, packages }];
    return [{ ...plan, packages, base: imageOf(runtime, "runtime", root, registry), baseArgument: "RUNTIME_IMAGE" }];
  });
  const rank = ({ name, base }: ImagePlan): number => (name === "runtime" ? 0 : base === undefined ? 1 : 2);
  return plans.sort((a, b) => rank(a) - rank(b));
}

/** Whether a plugin's image is the connector service's with the plugin: its tasks start no container. */
const startsFromService = (dockerfile: string): boolean =>
  /^ARG CONNECTOR_IMAGE$/m.test(readFileSync(dockerfile, "utf8"));

/** The names of the plugins that a connector service has something to serve of, or of those that are asked for. */
function servedPlugins(root: string, workspaces: readonly Workspace[], asked?: readonly string[]): readonly string[] {
  const plugins = workspaces.filter(({ folder }) => folder.startsWith("plugins/"));
  const unscoped = ({ manifest: { name } }: Workspace): string => name.slice(name.indexOf("/") + 1);
  const unknown = asked?.find((name) => !plugins.some((plugin) => unscoped(plugin) === name));
  if (unknown !== undefined) {
    throw new Error(`there is no plugin ${unknown} here; there are ${plugins.map(unscoped).join(", ")}`);
  }
  const chosen = plugins.filter((plugin) => {
    if (asked !== undefined) return asked.includes(unscoped(plugin));
    const manifest = join(root, plugin.folder, "src/plugin.ts");
    return existsSync(manifest) && /\b(?:connectors|sensors)\b/.test(readFileSync(manifest, "utf8"));
  });
  return chosen.map(({ manifest }) => manifest.name);
}

/**
 * The images to build for those that were asked for: these and what they start from, in building order.
 * @param names unscoped package names; none means all
 * @throws Error when a name has no image
 */
export function buildOrder(plans: readonly ImagePlan[], names: readonly string[]): readonly ImagePlan[] {
  const unknown = names.filter((name) => !plans.some((plan) => plan.name === name));
  if (unknown.length > 0) {
    throw new Error(`no image is called ${unknown.join(", ")}; there are ${plans.map(({ name }) => name).join(", ")}`);
  }
  const asked = names.length === 0 ? plans : plans.filter(({ name }) => names.includes(name));
  return plans.filter((plan) => asked.includes(plan) || asked.some(({ base }) => base === plan.image));
}

function imageOf({ manifest }: Workspace, name: string, root: string, registry: string | undefined): string {
  return pluginImage({ name, version: manifest.version }, { registry, cwd: root });
}
