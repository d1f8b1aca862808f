import { existsSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative } from "node:path";
import type { Check } from "./check.ts";
import { type ModuleImport, moduleImports } from "./module-imports.ts";
import type { Manifest, Project, Workspace } from "./project.ts";

const scope = "@flyte-ts/";

/** What the sources of a package may import of the others. Everything that is not named here is refused. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  "packages/idl": [],
  "packages/core": ["idl"],
  "packages/storage": ["core"],
  "packages/dataset": ["core"],
  "packages/runtime": ["core", "storage", "dataset"],
  "packages/engine": ["core", "runtime"],
  "packages/connector-service": ["idl", "core", "storage"],
  "packages/remote": ["core", "storage"],
  "packages/cli": ["core", "storage", "dataset", "runtime", "engine", "connector-service", "remote"],
  "packages/create-plugin": [],
  "plugins/*": ["core", "storage", "dataset"],
};

/** What is loaded only when it is first needed, so that a user can go without it. */
const lateArrows: Readonly<Record<string, readonly string[]>> = { "packages/core": ["storage", "dataset"] };

/** Rooms that are no package, and what else of the tree they may import by a relative path. */
const neighbours: Readonly<Record<string, readonly string[]>> = {
  interop: ["examples", "scripts"],
  bench: ["examples"],
};

/** The contracts: interfaces that others implement. They stay small, and hold no code. */
const contracts = [
  "packages/core/src/context/task-context.ts",
  "packages/core/src/context/checkpoint.ts",
  "packages/core/src/dataset/dataset-format.ts",
  "packages/core/src/storage/storage.ts",
  "packages/core/src/task/executable-task.ts",
  "packages/core/src/task/shim-task-executor.ts",
  "packages/core/src/task/task-resolver.ts",
];
const contractLines = 150;

/** The arrows between the rooms; no way round an exports map; nothing imported that package.json does not admit. */
export const imports: Check = {
  name: "imports",
  async run(project) {
    const findings: string[] = [];
    let count = 0;
    const files = (await project.sources()).filter((file) => !file.includes("/src/gen/"));
    for (const file of files) {
      for (const found of moduleImports(file, project.read(file))) {
        count += 1;
        const wrong = refusal(project, file, found);
        if (wrong !== undefined) findings.push(`${file}:${found.line}: imports "${found.specifier}": ${wrong}`);
      }
    }
    return { summary: `${count} imports in ${files.length} files`, findings: [...findings, ...bigContracts(project)] };
  },
};

/** Why an import is wrong, or undefined. */
function refusal(project: Project, file: string, found: ModuleImport): string | undefined {
  const { specifier } = found;
  if (specifier.startsWith(".")) return relativeRefusal(project, file, specifier);
  if (specifier.startsWith("node:")) return undefined;
  if (builtinModules.includes(specifier)) return `say "node:${specifier}"`;
  const workspace = workspaceOf(project, file);
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  // Rooms that are not published have no users to keep faith with.
  const isSource = workspace?.published === true && file.startsWith(`${workspace.folder}/src/`);
  if (name === workspace?.manifest.name) {
    return isSource ? "a package imports its own files by relative paths" : doorRefusal(project, specifier, name);
  }
  if (name.startsWith(scope)) {
    const wrongDoor = doorRefusal(project, specifier, name);
    if (wrongDoor !== undefined) return wrongDoor;
    if (isSource) {
      const wrongArrow = arrowRefusal(workspace.folder, name.slice(scope.length), found);
      if (wrongArrow !== undefined) return wrongArrow;
    }
  }
  // npm links every workspace at the root.
  if (workspace === undefined && name.startsWith(scope)) return undefined;
  return admitted(project.manifest, workspace, name, isSource) ? undefined : missing(workspace, name, isSource);
}

function relativeRefusal(project: Project, file: string, specifier: string): string | undefined {
  const target = relative(project.root, join(project.root, dirname(file), specifier));
  const from = roomOf(project, file);
  const to = roomOf(project, target);
  if (from !== to && !(neighbours[from] ?? []).includes(to)) {
    return `a path out of ${from}; what ${to} offers has a package name`;
  }
  if (!existsSync(join(project.root, target)) && !target.includes("/src/gen/") && !target.includes("/dist/")) {
    return "there is no such file";
  }
  return undefined;
}

function doorRefusal(project: Project, specifier: string, name: string): string | undefined {
  const other = project.workspaces.find(({ manifest }) => manifest.name === name);
  if (other === undefined) return "there is no such package in this repository";
  const door = `.${specifier.slice(name.length)}`;
  const doors = Object.keys(other.manifest.exports ?? {});
  return doors.includes(door) ? undefined : `${name} has the doors ${doors.join(", ") || "(none)"}`;
}

function arrowRefusal(folder: string, target: string, { kind }: ModuleImport): string | undefined {
  const room = folder.startsWith("plugins/") ? "plugins/*" : folder;
  const allowed = arrows[room];
  if (allowed === undefined) return `${folder} has no line in the arrows of scripts/check/imports.ts`;
  if (allowed.includes(target)) return undefined;
  if ((lateArrows[room] ?? []).includes(target)) {
    return kind === "dynamic" ? undefined : "only by import(), when it is first needed";
  }
  return `${folder} may import ${allowed.map((name) => scope + name).join(", ") || "no other package"}`;
}

function admitted(root: Manifest, workspace: Workspace | undefined, name: string, isSource: boolean): boolean {
  const { manifest } = workspace ?? { manifest: root };
  const published = { ...manifest.dependencies, ...manifest.peerDependencies };
  if (name in published || manifest.inlined?.includes(name) === true) return true;
  return !isSource && name in { ...manifest.devDependencies, ...root.devDependencies };
}

function missing(workspace: Workspace | undefined, name: string, isSource: boolean): string {
  const place = workspace === undefined ? "package.json" : `${workspace.folder}/package.json`;
  return `${place} names ${name} in no ${isSource ? "dependencies or peerDependencies" : "dependencies of any kind"}`;
}

function bigContracts(project: Project): string[] {
  return contracts.flatMap((file) => {
    if (!existsSync(join(project.root, file)))
      return [`${file}: this contract is gone; scripts/check/imports.ts names it`];
    const text = project.read(file);
    const long = text.split("\n").length - 1;
    const values = moduleImports(file, text).filter(({ kind }) => kind !== "type");
    return [
      ...(long > contractLines ? [`${file}: ${long} lines; a contract has at most ${contractLines}`] : []),
      ...values.map(({ specifier, line }) => `${file}:${line}: a contract imports types only, not "${specifier}"`),
    ];
  });
}

function workspaceOf(project: Project, file: string): Workspace | undefined {
  return project.workspaces.find(({ folder }) => file.startsWith(`${folder}/`));
}

/** The workspace or the folder at the top that a file stands in. */
function roomOf(project: Project, file: string): string {
  return workspaceOf(project, file)?.folder ?? file.split("/")[0] ?? "";
}
