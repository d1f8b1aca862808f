import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { command } from "../check/command.ts";
import type { Project } from "../check/project.ts";
import type { ImagePlan } from "../images/plan.ts";

/**
 * The images that a release makes: those of packages whose version has not been released. `changeset publish` tags each
 * version as `<package>@<version>`; with `since`, the version that stands there counts in the place of the tags.
 * @param since a commit, branch or tag to compare with
 * @throws Error when `since` names no commit
 */
export async function unreleasedImages(
  project: Project,
  plans: readonly ImagePlan[],
  since?: string,
): Promise<readonly ImagePlan[]> {
  if (since !== undefined) {
    const versions = await Promise.all(plans.map((plan) => versionAt(project, plan, since)));
    return plans.filter((plan, index) => versions[index] !== plan.workspace.manifest.version);
  }
  const tags = new Set((await project.git("tag", "--list")).split("\n"));
  return plans.filter(({ workspace: { manifest } }) => !tags.has(`${manifest.name}@${manifest.version}`));
}

/** The images of the packages that the pending changesets would release, as `changeset status` states it. */
export async function plannedImages(project: Project, plans: readonly ImagePlan[]): Promise<readonly ImagePlan[]> {
  const file = join(project.scratch, "release-plan.json");
  const tool = join(project.root, "node_modules/@changesets/cli/bin.js");
  const args = [tool, "status", "--output", file];
  const { status, output } = await command(process.execPath, args, { cwd: project.root });
  if (status !== 0) throw new Error(`changeset status ends with ${status}:\n${output.trim()}`);
  const plan = JSON.parse(await readFile(file, "utf8")) as { readonly releases: readonly Release[] };
  const released = new Set(plan.releases.filter(({ type }) => type !== "none").map(({ name }) => name));
  return plans.filter(({ workspace }) => released.has(workspace.manifest.name));
}

interface Release {
  readonly name: string;
  readonly type: string;
}

/** The version of an image's package at a commit; undefined where the package was not there yet. */
async function versionAt(project: Project, plan: ImagePlan, commit: string): Promise<string | undefined> {
  await project.git("rev-parse", "--verify", "--quiet", `${commit}^{commit}`).catch(() => {
    throw new Error(`--since ${commit}: there is no such commit`);
  });
  const file = `${plan.workspace.folder}/package.json`;
  const text = await project.git("show", `${commit}:${file}`).catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as { readonly version?: string }).version;
}
