import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { plugins } from "../plugins.ts";
import { ScratchProject } from "./scratch-project.ts";

const door = (name: string): object => ({
  "@flyte-ts/source": `./src/${name}.ts`,
  types: `./dist/${name}.d.ts`,
  default: `./dist/${name}.js`,
});
const packageJson = {
  name: "@flyte-ts/one",
  version: "1.0.0",
  description: "A Flyte task that counts",
  license: "Apache-2.0",
  type: "module",
  engines: { node: ">=22.18" },
  exports: { ".": door("index"), "./plugin": door("plugin") },
  files: ["dist", "src"],
  peerDependencies: { "@flyte-ts/core": "^1.0.0" },
  devDependencies: { "@flyte-ts/core": "^1.0.0" },
  "flyte-ts": { plugin: "./plugin" },
};
const headings = ["Install", "Use", "Configure", "Permissions", "Image", "Versions"];
const files: Readonly<Record<string, string | object>> = {
  "package.json": packageJson,
  "tsconfig.json": {},
  Dockerfile: "FROM runtime\n",
  "README.md": headings.map((heading) => `## ${heading}\n`).join("\n"),
  "src/index.ts": "",
  "src/plugin.ts": "",
  "test/contract.test.ts": "",
  "examples/count.ts": "",
};

async function findings(change: (scratch: ScratchProject) => void): Promise<readonly string[]> {
  const placed = Object.entries(files).map(([file, content]) => [`plugins/one/${file}`, content]);
  using scratch = new ScratchProject(Object.fromEntries(placed));
  change(scratch);
  return (await plugins.run(scratch.project())).findings;
}

describe("the shape of a plugin", () => {
  it("is accepted when nothing lacks", async () => {
    expect(await findings(() => undefined)).toEqual([]);
  });

  it.each(Object.keys(files).filter((file) => file !== "package.json"))("lacks nothing but %s", async (file) => {
    const found = await findings(({ root }) => rmSync(join(root, "plugins/one", file)));
    expect(found.join("\n")).toContain(file.startsWith("examples/") ? "examples/ holds no file" : file);
  });

  it.each([...Object.keys(packageJson)].filter((field) => !["name", "version"].includes(field)))(
    "has the field %s in its package.json",
    async (field) => {
      const rest = Object.fromEntries(Object.entries(packageJson).filter(([name]) => name !== field));
      const found = await findings((scratch) => scratch.write({ "plugins/one/package.json": rest }));
      expect(found.length).toBeGreaterThan(0);
      for (const finding of found) expect(finding).toContain(field === "peerDependencies" ? "peer" : field.slice(0, 3));
    },
  );

  it.each(headings)("has the heading %s", async (heading) => {
    const rest = headings.filter((other) => other !== heading).map((other) => `## ${other}\n`);
    const found = await findings((scratch) => scratch.write({ "plugins/one/README.md": rest.join("\n") }));
    expect(found).toEqual([`plugins/one/README.md: lacks the heading ${heading}`]);
  });

  it("has no configuration of its own", async () => {
    const found = await findings((scratch) => scratch.write({ "plugins/one/vitest.config.ts": "" }));
    expect(found).toEqual(["plugins/one/vitest.config.ts: configuration stands at the root"]);
  });
});
