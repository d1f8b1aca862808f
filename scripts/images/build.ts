import { join } from "node:path";
import { Project } from "../check/project.ts";
import { archiveFile, type Builder, builderVariables, type Environment, findBuilder } from "./builder.ts";
import { writeContext } from "./context.ts";
import { buildOrder, type ImagePlan, imagePlans } from "./plan.ts";

/** What to build, and where to. */
export interface ImagesOptions {
  /** The absolute path of the checkout. */
  readonly root: string;
  /** A folder for the builds' contexts; the caller removes it. */
  readonly scratch: string;
  /** Unscoped names of packages with an image; none means all. */
  readonly names: readonly string[];
  readonly registry?: string | undefined;
  /** Unscoped names of the plugins of the connector service's image; all that have something to serve unless given. */
  readonly plugins?: readonly string[] | undefined;
  /** Where to push the named images: `registry`, or `oci-archive:FILE` with an optional `{name}`. */
  readonly push?: string | undefined;
  readonly dryRun?: boolean;
  /** Takes one line for each thing done. */
  readonly report: (line: string) => void;
  readonly env?: Environment;
}

/** An image that was built. */
export interface BuiltImage {
  readonly plan: ImagePlan;
  /** As the builder states it: unpacked, base included. */
  readonly size: string;
}

/**
 * Builds images from the packed packages, and pushes those that were asked for.
 * @throws Error when no builder answers, a name has no image, or the builder fails; nothing is pushed before all are built
 */
export async function buildImages(options: ImagesOptions): Promise<readonly BuiltImage[]> {
  const { root, scratch, names, report, env = process.env } = options;
  const project = new Project(root, { scratch });
  const plans = imagePlans(root, project.workspaces, options.registry, options.plugins);
  const order = buildOrder(plans, names);
  const asked = names.length === 0 ? order : order.filter(({ name }) => names.includes(name));
  const pushes = asked.map((plan) => ({ plan, target: pushTarget(options.push, plan, asked.length) }));
  const builder = await findBuilder(env);
  report(`builder: ${builder.name}`);
  const built: BuiltImage[] = [];
  for (const plan of order) {
    if (options.dryRun === true) {
      report(`would build ${plan.image}: ${builder.buildCommand(orderOf(project, plan, "CONTEXT", env)).join(" ")}`);
    } else {
      built.push(await buildOne(project, builder, plan, env));
      report(`${plan.image}: built, ${built.at(-1)?.size}`);
    }
  }
  for (const { plan, target } of pushes) {
    if (target === undefined) continue;
    if (options.dryRun !== true) await builder.push(plan.image, target);
    report(`${plan.image}: ${options.dryRun === true ? "would be pushed" : "pushed"} to ${target}`);
  }
  return built;
}

async function buildOne(project: Project, builder: Builder, plan: ImagePlan, env: Environment): Promise<BuiltImage> {
  await builder.build(orderOf(project, plan, await writeContext(project, plan), env));
  return { plan, size: await builder.size(plan.image) };
}

function orderOf(project: Project, plan: ImagePlan, context: string, env: Environment) {
  const node = env[builderVariables.nodeImage] ?? "";
  const args = {
    VERSION: plan.workspace.manifest.version,
    ...(plan.base === undefined ? {} : { [plan.baseArgument ?? "RUNTIME_IMAGE"]: plan.base }),
    ...(plan.plugins === undefined ? {} : { PLUGINS: plan.plugins.join(",") }),
    ...(plan.base === undefined && node !== "" ? { NODE_IMAGE: node } : {}),
  };
  return { image: plan.image, dockerfile: join(project.root, plan.folder, "Dockerfile"), context, args };
}

/** Refused before anything is built, where it cannot be pushed to. */
function pushTarget(push: string | undefined, plan: ImagePlan, count: number): string | undefined {
  if (push === undefined) return undefined;
  if (archiveFile(push)?.includes("{name}") === false && count > 1) {
    throw new Error(`${count} images do not fit into one archive: write {name} into "${push}"`);
  }
  return push.replaceAll("{name}", plan.name);
}
