import { createHash } from "node:crypto";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Project } from "../check/project.ts";
import { pack } from "../check/tarballs.ts";
import { installedTogether } from "./closure.ts";
import { cutInstallation, type Lock } from "./lock.ts";
import type { ImagePlan } from "./plan.ts";

/**
 * Writes the folder that an image is built from: the packed packages in `tarballs/`, a package.json and a lock file
 * that install exactly these and what the repository's lock file names for them, and the folder `image/` that stands
 * beside the Dockerfile, where there is one.
 * @returns the folder's absolute path, below the project's scratch folder
 */
export async function writeContext(project: Project, plan: ImagePlan): Promise<string> {
  const packages = installedTogether(project.workspaces, plan.packages);
  const folder = join(project.scratch, "contexts", plan.name);
  mkdirSync(join(folder, "tarballs"), { recursive: true });
  const tarballs = (await pack(project))
    .filter(({ workspace }) => packages.includes(workspace))
    .map(({ workspace, path }) => {
      copyFileSync(path, join(folder, "tarballs", basename(path)));
      const digest = createHash("sha512").update(readFileSync(path)).digest("base64");
      return { name: workspace.manifest.name, path: `tarballs/${basename(path)}`, integrity: `sha512-${digest}` };
    });
  const { manifest, lock } = cutInstallation(JSON.parse(project.read("package-lock.json")) as Lock, packages, tarballs);
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, undefined, 2)}\n`);
  writeFileSync(join(folder, "package-lock.json"), `${JSON.stringify(lock, undefined, 2)}\n`);
  const own = join(project.root, plan.folder, "image");
  if (existsSync(own)) cpSync(own, join(folder, "image"), { recursive: true });
  return folder;
}
