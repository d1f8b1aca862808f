/**
 * Builds and pushes the image of every package that a release changes: `node scripts/release/main.ts [--push TARGET]
 * [--registry R] [--since COMMIT | --planned] [--dry-run]`. It runs before `changeset publish`, whose tags say what has
 * been released; a release that broke off can simply run again.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Project } from "../check/project.ts";
import { buildImages } from "../images/build.ts";
import { imagePlans } from "../images/plan.ts";
import { runProgram } from "../images/program.ts";
import { plannedImages, unreleasedImages } from "./changed.ts";

const usage = `node scripts/release/main.ts [options]

Builds the images of all packages whose version has no tag <package>@<version> yet.

  --since COMMIT   of those whose version differs from the one at COMMIT
  --planned        of those that the pending changesets will release (their versions are still the old ones)
  --push TARGET    push them: "registry", or "oci-archive:FILE" with {name} in FILE
  --registry R     build them under this registry
  --dry-run        only say what would be done`;

await runProgram("release", async (scratch) => {
  const { values } = parseArgs({
    options: {
      since: { type: "string" },
      planned: { type: "boolean", default: false },
      push: { type: "string" },
      registry: { type: "string" },
      "dry-run": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(usage);
  const { since, planned, push, registry, "dry-run": dryRun } = values;
  if (planned && since !== undefined) throw new Error("--since and --planned exclude each other");
  const root = join(import.meta.dirname, "../..");
  const project = new Project(root, { scratch });
  const plans = imagePlans(root, project.workspaces, registry);
  const changed = await (planned ? plannedImages(project, plans) : unreleasedImages(project, plans, since));
  const names = changed.map(({ name }) => name);
  console.log(`images to release: ${names.join(", ") || "none"}`);
  if (names.length === 0) return;
  await buildImages({ root, scratch, names, registry, push, dryRun, report: (line) => console.log(line) });
});
