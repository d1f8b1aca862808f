import type { Check } from "./check.ts";
import type { Project, Workspace } from "./project.ts";

/** A package whose sources changed since the last release has a changeset that names it. */
export const changeset: Check = {
  name: "changeset",
  async run(project) {
    const named = await namedPackages(project);
    const findings: string[] = [];
    const base = await mergeBase(project);
    for (const workspace of project.published) {
      const since = base ?? (await lastRelease(project, workspace));
      const changed = await changedFiles(project, since, workspace.folder);
      if (changed.length > 0 && !named.has(workspace.manifest.name)) {
        findings.push(
          `${workspace.folder}: ${changed.length} files changed (${changed.slice(0, 3).join(", ")} …) and no ` +
            `.changeset/*.md names ${workspace.manifest.name}: npx changeset`,
        );
      }
    }
    if (named.get("@flyte-ts/core") === "major") findings.push(...(await unwarnedPlugins(project, base, named)));
    return { summary: `${named.size} packages named`, findings };
  },
};

/** Package names with the highest step that a changeset gives them. */
async function namedPackages(project: Project): Promise<Map<string, string>> {
  const steps = ["none", "patch", "minor", "major"];
  const named = new Map<string, string>();
  const files = (await project.files()).filter(
    (file) => /^\.changeset\/.+\.md$/.test(file) && !file.endsWith("README.md"),
  );
  for (const file of files) {
    const [, front = ""] = /^---\n([\s\S]*?)\n---/.exec(project.read(file)) ?? [];
    for (const [, name = "", step = ""] of front.matchAll(/^["']?([^"':]+)["']?:\s*(\w+)\s*$/gm)) {
      if (steps.indexOf(step) > steps.indexOf(named.get(name) ?? "none")) named.set(name, step);
    }
  }
  return named;
}

/** What this branch left `main` at; `origin/main` itself in a clone too shallow to know; undefined without a remote. */
async function mergeBase(project: Project): Promise<string | undefined> {
  const known = await project.git("rev-parse", "--verify", "--quiet", "origin/main").catch(() => undefined);
  if (known === undefined) return undefined;
  return (await project.git("merge-base", "HEAD", "origin/main").catch(() => known)).trim();
}

/** Without a remote: the commit that gave the package its version. */
async function lastRelease(project: Project, { folder }: Workspace): Promise<string> {
  const args = ["log", "-1", "--format=%H", '-G^  "version":', "--", `${folder}/package.json`];
  const found = (await project.git(...args)).trim();
  // A package that was never committed has changed since the empty tree.
  return found === "" ? (await project.git("hash-object", "-t", "tree", "/dev/null")).trim() : found;
}

/** Files of a package that its users notice, changed between a commit and the working tree. */
async function changedFiles(project: Project, since: string, folder: string): Promise<string[]> {
  const paths = ["src", "bin", "package.json", "Dockerfile"].map((path) => `${folder}/${path}`);
  const changed = (await project.git("diff", "--name-only", since, "--", ...paths)).split("\n");
  const fresh = (await project.git("ls-files", "-o", "--exclude-standard", "--", ...paths)).split("\n");
  return [...changed, ...fresh].filter((file) => file !== "");
}

/** A major of core that changes the door of plugins asks for a decision about each of them. */
async function unwarnedPlugins(
  project: Project,
  base: string | undefined,
  named: ReadonlyMap<string, string>,
): Promise<string[]> {
  const report = "docs/api/core.plugin.api.md";
  const since = base ?? (await project.git("rev-list", "--max-parents=0", "HEAD")).trim().split("\n")[0] ?? "HEAD";
  if ((await project.git("diff", "--name-only", since, "--", report)).trim() === "") return [];
  return project.published
    .filter(({ folder, manifest }) => folder.startsWith("plugins/") && !named.has(manifest.name))
    .map(
      ({ folder, manifest }) => `${folder}: core's ./plugin changes by a major; name ${manifest.name} in a changeset`,
    );
}
