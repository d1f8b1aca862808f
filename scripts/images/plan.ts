import { existsSync } from "node:fs";
import { join } from "node:path";
import { pluginImage } from "@flyte-ts/core/plugin";
import type { Workspace } from "../check/project.ts";

/** The packages whose Dockerfile stands in `images/`, because they are no plugins. */
const hostImages = { "@flyte-ts/runtime": "images/runtime" } as const;

/** The package that every image of a template task starts from. */
export const runtimePackage = "@flyte-ts/runtime";

/** One image of this repository. */
export interface ImagePlan {
  /** The unscoped name of its package, by which it is asked for: `sqlite3`. */
  readonly name: string;
  readonly workspace: Workspace;
  /** The image's full name, as templates name it. */
  readonly image: string;
  /** The folder of the Dockerfile, relative to the root. */
  readonly folder: string;
  /** The full name of the image that it starts from; undefined for the one that starts from Node's. */
  readonly base?: string;
}

/** Every image that this repository can build, the runtime's first: each package that has a Dockerfile. */
export function imagePlans(root: string, workspaces: readonly Workspace[], registry?: string): readonly ImagePlan[] {
  const folders: Readonly<Record<string, string>> = hostImages;
  const plans = workspaces.flatMap((workspace): ImagePlan[] => {
    const { name } = workspace.manifest;
    const folder = folders[name] ?? workspace.folder;
    if (!existsSync(join(root, folder, "Dockerfile"))) return [];
    const plan = {
      name: name.slice(name.indexOf("/") + 1),
      workspace,
      image: imageOf(workspace, root, registry),
      folder,
    };
    const runtime = workspaces.find((other) => other.manifest.name === runtimePackage);
    if (name === runtimePackage || runtime === undefined) return [plan];
    return [{ ...plan, base: imageOf(runtime, root, registry) }];
  });
  return plans.sort((a, b) => Number(a.base !== undefined) - Number(b.base !== undefined));
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

function imageOf({ manifest }: Workspace, root: string, registry: string | undefined): string {
  return pluginImage(manifest, { registry, cwd: root });
}
