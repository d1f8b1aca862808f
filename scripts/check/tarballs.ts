import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "./command.ts";
import type { Project, Workspace } from "./project.ts";

/** A workspace as npm would publish it. */
export interface Tarball {
  readonly workspace: Workspace;
  /** The absolute path of the `.tgz`. */
  readonly path: string;
}

/** An empty project outside the checkout in which all tarballs are installed, as a user would. */
export interface Consumer {
  /** Its absolute path. */
  readonly folder: string;
  readonly tarballs: readonly Tarball[];
}

const packed = new WeakMap<Project, Promise<readonly Tarball[]>>();
const installed = new WeakMap<Project, Promise<Consumer>>();

/** Builds and packs every published workspace, once for each project. */
export function pack(project: Project): Promise<readonly Tarball[]> {
  let done = packed.get(project);
  if (done === undefined) {
    done = packAll(project);
    packed.set(project, done);
  }
  return done;
}

/** Installs all tarballs into an empty project, once for each project. */
export function install(project: Project): Promise<Consumer> {
  let done = installed.get(project);
  if (done === undefined) {
    done = installAll(project);
    installed.set(project, done);
  }
  return done;
}

async function packAll(project: Project): Promise<readonly Tarball[]> {
  await project.build();
  const folder = join(project.scratch, "tarballs");
  mkdirSync(folder);
  const selection = project.published.flatMap(({ folder }) => ["-w", folder]);
  const args = ["pack", "--json", "--loglevel=error", "--pack-destination", folder, ...selection];
  const { status, stdout, output } = await command("npm", args, { cwd: project.root });
  if (status !== 0) throw new Error(`npm pack failed: ${output}`);
  const names = fileNames(JSON.parse(stdout));
  return project.published.map((workspace) => {
    const name = names.get(workspace.manifest.name);
    if (name === undefined) throw new Error(`npm pack made no tarball of ${workspace.manifest.name}`);
    return { workspace, path: join(folder, name) };
  });
}

/** `npm pack --json` prints a list, from npm 12 on a record by package name. */
function fileNames(printed: unknown): Map<string, string> {
  const entries = Object.values(printed as Record<string, { readonly name: string; readonly filename: string }>);
  return new Map(entries.map(({ name, filename }) => [name, filename]));
}

async function installAll(project: Project): Promise<Consumer> {
  const tarballs = await pack(project);
  const folder = join(project.scratch, "consumer");
  mkdirSync(folder);
  const nodeTypes = project.manifest.devDependencies?.["@types/node"] ?? "*";
  const manifest = {
    name: "consumer",
    version: "0.0.0",
    private: true,
    type: "module",
    dependencies: Object.fromEntries(tarballs.map(({ workspace, path }) => [workspace.manifest.name, `file:${path}`])),
    devDependencies: { "@types/node": nodeTypes },
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, undefined, 2));
  const args = ["install", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status, output } = await command("npm", args, { cwd: folder, timeoutMs: 300_000 });
  if (status !== 0) throw new Error(`npm install of the packed tarballs failed: ${output}`);
  return { folder, tarballs };
}
