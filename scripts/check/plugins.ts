import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Check } from "./check.ts";
import type { Manifest, Project, Workspace } from "./project.ts";

const files = ["package.json", "tsconfig.json", "Dockerfile", "README.md", "src/index.ts", "src/plugin.ts", "examples"];
const headings = ["Install", "Use", "Configure", "Permissions", "Image", "Versions"];
const source = "@flyte-ts/source";
/** Files at the top of a package that configure a tool; they belong to the root. */
const configuration =
  /^(biome|knip|turbo|vitest|vite|tsdown|jest|eslint|prettier|\.)|\.config\.[a-z]+$|^tsconfig\..+\.json$/;

/** The shape that all plugins have: files, doors, fields of package.json, headings of the README. */
export const plugins: Check = {
  name: "plugins",
  async run(project) {
    const found = project.workspaces.filter(({ folder }) => folder.startsWith("plugins/"));
    const tracked = await project.files();
    const findings = found.flatMap((workspace) => [
      ...shape(project, workspace, tracked),
      ...fields(workspace),
      ...readmeHeadings(project, workspace),
    ]);
    return { summary: `${found.length} plugin${found.length === 1 ? "" : "s"}`, findings };
  },
};

function shape(project: Project, { folder }: Workspace, tracked: readonly string[]): string[] {
  const lacking = files.filter((file) => !existsSync(join(project.root, folder, file)));
  const own = tracked.filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1));
  return [
    ...lacking.map((file) => `${folder}: lacks ${file}`),
    ...own
      .filter((file) => configuration.test(file))
      .map((file) => `${folder}/${file}: configuration stands at the root`),
    ...(own.some((file) => /^test\/(.+\/)?contract\.test\.ts$/.test(file))
      ? []
      : [`${folder}: lacks test/contract.test.ts, which calls the contract suite`]),
    ...(own.some((file) => /^examples\/.+\.ts$/.test(file)) ? [] : [`${folder}: examples/ holds no file that runs`]),
  ];
}

function fields({ folder, manifest }: Workspace): string[] {
  const place = `${folder}/package.json`;
  const wrong: string[] = [];
  const want = (holds: boolean, text: string): void => {
    if (!holds) wrong.push(`${place}: ${text}`);
  };
  want(manifest.type === "module", '"type" is "module"');
  want(manifest.license === "Apache-2.0", '"license" is "Apache-2.0"');
  want((manifest.description ?? "") !== "", '"description" says what the plugin is');
  want(manifest.engines?.node === ">=22.18", '"engines.node" is ">=22.18"');
  want(manifest["flyte-ts"]?.plugin === "./plugin", '"flyte-ts" is { "plugin": "./plugin" }, by which hosts find it');
  want(manifest.peerDependencies?.["@flyte-ts/core"] !== undefined, "@flyte-ts/core is a peer dependency");
  want(manifest.devDependencies?.["@flyte-ts/core"] !== undefined, "@flyte-ts/core is a dev dependency as well");
  want(manifest.dependencies?.["@flyte-ts/core"] === undefined, "@flyte-ts/core is no plain dependency");
  for (const file of ["dist", "src"]) want(manifest.files?.includes(file) === true, `"files" names ${file}`);
  return [...wrong, ...doors(place, manifest)];
}

function doors(place: string, manifest: Manifest): string[] {
  const exports = manifest.exports ?? {};
  return Object.entries({ ".": "index", "./plugin": "plugin" }).flatMap(([door, file]) => {
    const entry = exports[door];
    const wanted = { [source]: `./src/${file}.ts`, types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` };
    return JSON.stringify(entry) === JSON.stringify(wanted)
      ? []
      : [`${place}: "exports" has "${door}": ${JSON.stringify(wanted)}, in this order`];
  });
}

function readmeHeadings(project: Project, { folder }: Workspace): string[] {
  const file = `${folder}/README.md`;
  if (!existsSync(join(project.root, file))) return [];
  const present = [...project.read(file).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading ?? "");
  const inOrder = present.filter((heading) => headings.includes(heading));
  const lacking = headings.filter((heading) => !present.includes(heading));
  if (lacking.length > 0) return [`${file}: lacks the heading${lacking.length > 1 ? "s" : ""} ${lacking.join(", ")}`];
  return inOrder.join() === headings.join() ? [] : [`${file}: the headings stand in the order ${headings.join(", ")}`];
}
