import type { Manifest, Workspace } from "../check/project.ts";

/**
 * Packages of this repository and all others of it that must be installed with them, in the order of first need.
 * @param all every package of the repository
 * @param names where to begin
 * @throws Error when a name is not among `all`
 */
export function installedTogether(all: readonly Workspace[], names: readonly string[]): readonly Workspace[] {
  const byName = new Map(all.map((workspace) => [workspace.manifest.name, workspace]));
  const found = new Map<string, Workspace>();
  const visit = (name: string): void => {
    const workspace = byName.get(name);
    if (workspace === undefined || found.has(name)) return;
    found.set(name, workspace);
    const { dependencies, peerDependencies } = workspace.manifest;
    for (const next of Object.keys({ ...dependencies, ...peerDependencies })) {
      if (!isOptionalPeer(workspace.manifest, next)) visit(next);
    }
  };
  for (const name of names) {
    if (!byName.has(name))
      throw new Error(`there is no package ${name} here; there are ${[...byName.keys()].join(", ")}`);
    visit(name);
  }
  return [...found.values()];
}

/** The peers that a package can do without: SDKs that it loads on first use. */
export function optionalPeers(manifest: Manifest): readonly string[] {
  return Object.keys(manifest.peerDependencies ?? {}).filter((name) => isOptionalPeer(manifest, name));
}

function isOptionalPeer(manifest: Manifest, name: string): boolean {
  return manifest.peerDependenciesMeta?.[name]?.optional === true;
}
